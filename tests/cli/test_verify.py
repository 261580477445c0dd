"""``verify``: the verdict on whatever is given, from wherever it is given, and why it fails."""

from __future__ import annotations

import base64
import json
import os
import pty
import re
import shlex
import time
from pathlib import Path
from typing import Any

import pytest
from support.command import Command, Result, Serving, read_terminal

import inspector

SECRET = "cbk_0123456789abcdefghijklmnopqr"
KEYED = {"CALLBACK_SECRET": SECRET}
BODY = b'{"status_code": 200, "response_body": "\xc3\xa9"}'
SIGNED_AT = 1_795_608_000


def signed(body: bytes = BODY, *, at: float = SIGNED_AT, scheme: str = "blaxel") -> list[tuple[str, str]]:
    return inspector.sign(body, SECRET, scheme=scheme, timestamp=at)


def header_options(pairs: list[tuple[str, str]]) -> list[str]:
    return [word for name, value in pairs for word in ("--header", f"{name}: {value}")]


def verdict(result: Result) -> Any:
    """The verification that was printed as JSON; the exit code has to fit."""
    verification = result.json()["verification"]
    assert result.code == (0 if verification["status"] == "valid" else 1), result.stderr
    return verification


@pytest.fixture
def stored(command: Command, serving: Serving) -> Serving:
    """A server whose deliveries 1 and 2 are valid and re-formatted."""
    assert command.run("secrets", "add", "/", "-", stdin=SECRET.encode()).code == 0
    headers = signed(at=time.time())
    serving.deliver("/hook", BODY, headers)
    serving.deliver("/hook", json.dumps(json.loads(BODY), indent=2).encode(), headers)
    return serving


def test_a_body_with_its_headers(command: Command) -> None:
    (command.folder / "body").write_bytes(BODY)
    given = ["verify", "--body", "body", *header_options(signed())]
    result = command.run(*given, "--now", str(SIGNED_AT + 10), environment=KEYED)
    assert (result.code, result.stderr) == (0, "")
    assert result.stdout.startswith("valid  ")
    assert "scheme blaxel, secret CALLBACK_SECRET" in result.stdout
    as_iso = command.run(*given, "--now", "2026-11-25T12:00:10Z", "--json", environment=KEYED)
    assert verdict(as_iso)["age_seconds"] == 10


def test_the_age_counts_unless_it_is_told_not_to(command: Command) -> None:
    given = ["verify", "--body", "-", *header_options(signed()), "--json"]
    late = ["--now", str(SIGNED_AT + 1000)]
    expired = verdict(command.run(*given, *late, stdin=BODY, environment=KEYED))
    assert (expired["status"], expired["signature"]) == ("expired", "match")
    assert verdict(command.run(*given, *late, "--no-age", stdin=BODY, environment=KEYED))["status"] == "valid"
    longer = command.run(*given, *late, "--tolerance", "1000", stdin=BODY, environment=KEYED)
    assert verdict(longer)["status"] == "valid"


def test_the_secret_comes_from_a_variable_a_file_or_stdin(command: Command) -> None:
    (command.folder / "body").write_bytes(BODY)
    (command.folder / "secret").write_text(f"{SECRET}\n")
    given = ["verify", "--body", "body", *header_options(signed()), "--no-age"]
    assert command.run(*given, "--secret-file", "secret").code == 0
    assert command.run(*given, "--secret-file", "-", stdin=f"{SECRET}\n".encode()).code == 0
    assert command.run(*given, "--secret-env", "MINE", environment={"MINE": SECRET}).code == 0
    assert command.run(*given, environment={"CALLBACK_SECRET": "another"}).code == 1
    without = command.run(*given)
    assert (without.code, without.stdout) == (2, "")
    assert "No secret to check with: set CALLBACK_SECRET" in without.stderr
    unset = command.run(*given, "--secret-env", "UNSET")
    assert (unset.code, "UNSET holds no secret" in unset.stderr) == (2, True)


def test_a_person_types_the_secret_unseen(command: Command) -> None:
    (command.folder / "body").write_bytes(BODY)
    ours, theirs = pty.openpty()
    given = ["verify", "--body", "body", *header_options(signed()), "--no-age"]
    process = command.popen(*given, stdin=theirs)
    os.close(theirs)
    assert process.stderr is not None
    assert process.stderr.read(len("Secret: ")) == b"Secret: "
    os.write(ours, f"{SECRET}\n".encode())
    stdout, stderr = process.communicate(timeout=30)
    echo = read_terminal(ours)
    os.close(ours)
    assert (process.returncode, stdout.startswith(b"valid  ")) == (0, True)
    assert SECRET.encode() not in echo + stdout + stderr


def test_a_stored_delivery_is_judged_by_the_registered_secrets(command: Command, stored: Serving) -> None:
    assert verdict(command.run("verify", "1", "--json"))["secret"] == "key-1"
    bad = command.run("verify", "latest", "--explain")
    assert bad.code == 1
    assert bad.stdout.startswith("invalid  ")
    assert "Why: " in bad.stdout
    assert "Fix: " in bad.stdout
    assert command.run("verify", "77").code == 3


def test_a_stored_delivery_is_judged_by_another_secret(command: Command, stored: Serving) -> None:
    other = verdict(command.run("verify", "1", "--secret-env", "OTHER", "--json", environment={"OTHER": "x"}))
    assert (other["status"], other["signature"]) == ("invalid", "mismatch")
    same = command.run("verify", "1", "--secret-env", "SAME", "--json", environment={"SAME": SECRET})
    assert verdict(same)["status"] == "valid"
    late = command.run("verify", "1", "--now", "2030-01-01")
    assert late.code == 2
    assert "--now is for a check made here" in late.stderr


def test_a_stored_delivery_in_a_file_that_no_server_has_open(command: Command) -> None:
    with command.serving("--db", "mine.db", environment=KEYED) as server:
        server.deliver("/hook", BODY + b"\n", signed(at=time.time()))
        server.stop()
    result = command.run("verify", "1", "--db", "mine.db", "--json", "--explain", environment=KEYED)
    assert verdict(result)["status"] == "invalid"
    assert result.json()["diagnosis"]["cause"] == "body_newline_added"


def test_a_raw_request(command: Command) -> None:
    lines = ["POST /hook HTTP/1.1", "Host: x.example", *(f"{name}: {value}" for name, value in signed())]
    raw = "\r\n".join([*lines, f"Content-Length: {len(BODY)}"]).encode() + b"\r\n\r\n" + BODY + b"\n"
    (command.folder / "request.http").write_bytes(raw)
    result = command.run("verify", "request.http", "--no-age", environment=KEYED)
    assert result.code == 0
    assert "editors add one" in result.stderr
    assert command.run("verify", "-", "--no-age", stdin=raw, environment=KEYED).code == 0
    assert command.run("verify", "nowhere.http", environment=KEYED).code == 3


def test_a_curl_command(command: Command) -> None:
    (command.folder / "body").write_bytes(BODY)
    headers = " ".join(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in signed())
    typed = f"curl -X POST {headers} --data-binary @body http://localhost:2255/hook"
    assert command.run("verify", typed, "--no-age", environment=KEYED).code == 0
    (command.folder / "curl.sh").write_text(f"$ {typed}\n")
    assert command.run("verify", "curl.sh", "--no-age", environment=KEYED).code == 0
    piped = command.run("verify", f"{typed} | jq", environment=KEYED)
    assert (piped.code, "a pipe" in piped.stderr) == (2, True)


def test_an_entry_of_a_har_file(command: Command, stored: Serving) -> None:
    exported = command.run("export", "--format", "har", "--reveal", "-o", "two.har")
    assert exported.code == 0, exported.stderr
    several = command.run("verify", "two.har", environment=KEYED)
    assert (several.code, "choose one with --entry" in several.stderr) == (2, True)
    first = verdict(command.run("verify", "two.har", "--entry", "1", "--json", environment=KEYED))
    assert first["status"] == "valid"
    assert verdict(command.run("verify", "two.har", "--entry", "2", "--json", environment=KEYED))[
        "status"
    ] == ("invalid")
    assert command.run("verify", "two.har", "--entry", "9", environment=KEYED).code == 3


def test_a_scheme_and_its_options(command: Command) -> None:
    headers = inspector.sign(BODY, SECRET, scheme="github")
    as_github = command.run(
        "verify", "--body", "-", *header_options(headers), "--json", stdin=BODY, environment=KEYED
    )
    assert verdict(as_github)["scheme"] == "github"
    digest = headers[-1][1].removeprefix("sha256=")
    encoded = base64.b64encode(bytes.fromhex(digest)).decode()
    own = ["--scheme-option", "header=X-Mine", "--scheme-option", "encoding=base64"]
    result = command.run(
        "verify", "--body", "-", "--header", f"X-Mine: {encoded}", *own, stdin=BODY, environment=KEYED
    )
    assert result.code == 0
    unknown = command.run("verify", "--body", "-", "--scheme", "nobody", stdin=BODY, environment=KEYED)
    assert (unknown.code, "no scheme of this name" in unknown.stderr) == (2, True)


def test_a_url_that_is_signed(command: Command) -> None:
    url = "https://hooks.example/twilio?a=1"
    form = b"Body=hi&From=%2B1"
    headers = inspector.sign(form, SECRET, scheme="twilio", url=url)
    given = ["verify", "--body", "-", *header_options(headers), "--scheme", "twilio"]
    given += ["--header", "Content-Type: application/x-www-form-urlencoded"]
    assert command.run(*given, "--request-url", url, stdin=form, environment=KEYED).code == 0
    other = command.run(*given, "--request-url", "https://other.example/", stdin=form, environment=KEYED)
    assert other.code == 1


def test_explain_says_why_and_how_the_raw_body_is_read(command: Command) -> None:
    reformatted = json.dumps(json.loads(BODY), indent=2, ensure_ascii=False).encode()
    given = ["verify", "--body", "-", *header_options(signed()), "--no-age", "--explain"]
    result = command.run(*given, stdin=reformatted, environment=KEYED)
    assert result.code == 1
    assert "(proven: so changed, the digest is the one that came)" in result.stdout
    assert re.search(r"Received {2}[0-9a-f]{64}\nExpected {2}[0-9a-f]{64}", result.stdout)
    for framework in ("Flask", "FastAPI", "Django", "Express", "Next.js"):
        assert f"  {framework}: " in result.stdout
    assert "request.get_data()" in result.stdout
    as_json = command.run(*given, "--json", stdin=reformatted, environment=KEYED).json()
    assert as_json["diagnosis"]["causes"][0]["matched"] is True
    assert SECRET not in json.dumps(as_json)
    valid = command.run(*given, stdin=BODY, environment=KEYED)
    assert (valid.code, "Why" in valid.stdout) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Nothing to verify"),
        (["-", "--body", "-"], "can be stdin"),
        (["--body", "-", "--no-age", "--tolerance", "3"], "contradict each other"),
        (["--body", "-", "--now", "noon"], "neither Unix seconds nor a time"),
        (["--body", "-", "--now", "nan"], "is no time"),
        (["--body", "-", "--tolerance", "nan"], "is not a number"),
        (["--body", "-", "--ask", "--secret-file", "x"], "three origins"),
        (["--body", "-", "--header", "nonsense"], "has no ':'"),
        (["-"], "no request line"),
    ],
)
def test_what_cannot_be_meant(command: Command, arguments: list[str], said: str) -> None:
    result = command.run("verify", *arguments, stdin=b"x", environment=KEYED)
    assert (result.code, result.stdout) == (2, "")
    assert said in result.stderr


def test_what_a_stranger_wrote_does_not_reach_the_terminal(command: Command, tmp_path: Path) -> None:
    headers = ["--header", "X-Blaxel-Signature: \x1b]0;owned\x07"]
    result = command.run("verify", "--body", "-", *headers, "--explain", stdin=b"\x1b[2J", environment=KEYED)
    assert result.code == 1
    assert "\x1b" not in result.stdout + result.stderr
