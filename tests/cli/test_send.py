"""``send``: what goes out, what comes back, what is never sent to."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from support.command import Command, Serving

from inspector import verify
from inspector.send.tamper import Tamper

SECRET = "cbk_0123456789abcdefghijklmnopqr"
KEYED = {"CALLBACK_SECRET": SECRET}


@pytest.fixture
def target(command: Command, serving: Serving) -> str:
    """The callback URL of an endpoint that knows the secret."""
    (command.folder / "secret.txt").write_text(f"{SECRET}\n")
    assert command.run("endpoints", "create", "/agents", "--secret-file", "secret.txt").code == 0
    return f"{serving.callback_url}agents/hello?a=1"


def latest(command: Command) -> dict[str, object]:
    delivery = command.run("show", "latest", "--json").json()
    assert isinstance(delivery, dict)
    return delivery


def test_a_signed_callback_is_sent_and_its_reply_shown(command: Command, target: str) -> None:
    result = command.run("send", target, environment=KEYED)
    assert (result.code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:2] == [
        f"POST {target}",
        "The callback was signed as Blaxel signs; a right receiver's verdict is valid.",
    ]
    assert lines[2].startswith("Reply 200 after 0.")
    assert "  X-Callback-Delivery: 1" in lines
    delivery = latest(command)
    assert delivery["path"] == "/agents/hello?a=1"
    verdict = delivery["verification"]
    assert isinstance(verdict, dict)
    assert verdict["status"] == "valid"


@pytest.mark.parametrize("origin", ["variable", "file", "stdin"])
def test_the_secret_comes_from_a_variable_a_file_or_stdin(command: Command, target: str, origin: str) -> None:
    options = {
        "variable": ("--secret-env", "MY_SECRET"),
        "file": ("--secret-file", "secret.txt"),
        "stdin": ("--secret-file", "-"),
    }[origin]
    stdin = f"{SECRET}\n".encode() if origin == "stdin" else None
    result = command.run("send", target, *options, "--json", stdin=stdin, environment={"MY_SECRET": SECRET})
    assert result.json()["expected"] == "valid"
    verdict = latest(command)["verification"]
    assert isinstance(verdict, dict)
    assert verdict["status"] == "valid"


def test_json_has_what_went_out_and_what_came_back(command: Command, target: str) -> None:
    (command.folder / "body.bin").write_bytes(b'{"n": 1.0}\n')
    command.run("endpoints", "set", "/agents", "--reply-status", "202", "--reply-body", "thanks")
    result = command.run(
        *("trigger", target, "--body", "body.bin", "--tamper", "upper-hex", "--json"), environment=KEYED
    )
    sent = result.json()
    assert result.code == 0
    assert (sent["target"], sent["tamper"], sent["expected"]) == (target, "upper-hex", "invalid")
    assert sent["done"] == Tamper.UPPER_HEX.done
    assert (sent["status"], base64.b64decode(sent["body_base64"]), sent["error"]) == (202, b"thanks", None)
    assert 0 < sent["seconds"] < 30
    delivery = latest(command)
    assert sent["sent"] == {key: delivery[key] for key in ("method", "path", "headers", "body_base64")}
    assert base64.b64decode(sent["sent"]["body_base64"]) == b'{"n": 1.0}\n'


@pytest.mark.parametrize("kind", list(Tamper))
def test_every_kind_gets_the_verdict_that_is_announced(command: Command, kind: Tamper) -> None:
    with command.serving("--db", ":memory:", environment=KEYED) as server:
        result = command.run("send", server.callback_url, "--tamper", kind.value, "--json", environment=KEYED)
        sent = result.json()
        verdict = latest(command)["verification"]
    assert isinstance(verdict, dict)
    assert (sent["tamper"], verdict["status"]) == (kind.value, sent["expected"])


def test_a_time_of_ones_own_and_another_scheme(command: Command, target: str) -> None:
    old = command.run("send", target, "--timestamp", "1700000000", "--json", environment=KEYED).json()
    assert ["X-Blaxel-Timestamp", "1700000000"] in old["sent"]["headers"]
    assert old["expected"] == "expired"
    github = command.run("send", target, "--scheme", "github", "--json", environment=KEYED).json()
    body = base64.b64decode(github["sent"]["body_base64"])
    assert verify(body, github["sent"]["headers"], SECRET, scheme="github")


def test_the_body_can_come_from_a_pipe(command: Command, target: str) -> None:
    command.run("send", target, "--body", "-", stdin=b"a\x00\r\n\xff", environment=KEYED)
    assert command.run("show", "latest", "--body").output == b"a\x00\r\n\xff"


def test_without_a_secret_it_is_sent_unsigned_and_that_is_said(command: Command, target: str) -> None:
    result = command.run("send", target)
    assert result.code == 0
    assert "not signed" in result.stdout
    assert "CALLBACK_SECRET" in result.stderr
    spoilt = command.run("send", target, "--tamper", "body")
    assert (spoilt.code, spoilt.stdout) == (2, "")
    assert len(command.run("list", "--json").json()["deliveries"]) == 1


def test_a_target_that_does_not_take_it_is_a_failure(command: Command, target: str) -> None:
    command.run("endpoints", "set", "/agents", "--reply-status", "503", "--reply-body", "\x1b[2Jbusy")
    result = command.run("send", target, environment=KEYED)
    assert result.code == 1
    assert "Reply 503" in result.stdout
    assert "\\x1b[2Jbusy" in result.stdout
    command.run("endpoints", "set", "/agents", "--reply-status", "399")
    assert command.run("send", target, environment=KEYED).code == 0


def test_nobody_there_is_a_failure_that_says_so(command: Command, serving: Serving) -> None:
    serving.stop()
    result = command.run("send", serving.callback_url, environment=KEYED)
    assert result.code == 1
    assert "No reply: Nothing listens" in result.stdout
    sent = command.run("send", serving.callback_url, "--json", environment=KEYED).json()
    assert (sent["status"], sent["headers"], sent["error"]["class"]) == (None, None, "refused")


def test_our_own_inspector_is_never_a_target(command: Command, serving: Serving) -> None:
    for url in (serving.inspector_url, serving.inspector_url.replace("localhost", "127.0.0.1")):
        result = command.run("send", url, environment=KEYED)
        assert (result.code, result.stdout) == (2, "")
        assert "the inspector itself" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("http://169.254.169.254/latest",), 2, "link-local"),
        (("http://0.0.0.0:80/",), 2, "unspecified"),
        (("ftp://localhost/",), 2, "http or https"),
        (("localhost:3000",), 2, "whole URL"),
        ((), 2, "URL"),
        (("http://localhost:9/", "--tamper", "spoil"), 2, "'reserialised'"),
        (("http://localhost:9/", "--scheme", "nobody"), 2, "standard-webhooks"),
        (("http://localhost:9/", "--timestamp", "nan"), 2, "Unix seconds"),
        (("http://localhost:9/", "--timestamp", "1", "--tamper", "stale"), 2, "timestamp"),
        (("http://localhost:9/", "--secret-env", "NOT_SET"), 2, "NOT_SET"),
        (("http://localhost:9/", "--secret-file", "not-there"), 3, "not-there"),
        (("http://localhost:9/", "--body", "not-there"), 3, "not-there"),
        (("http://localhost:9/", "--body", "."), 2, "cannot be read"),
        (("http://localhost:9/", "--secret-file", "x", "--secret-env", "CALLBACK_SECRET"), 2, "give one"),
        (("http://localhost:9/", "--secret-file", "-", "--body", "-"), 2, "stdin"),
    ],
)
def test_what_cannot_be_sent(command: Command, arguments: tuple[str, ...], code: int, said: str) -> None:
    result = command.run("send", *arguments, environment=KEYED, stdin=b"")
    assert (result.code, result.stdout) == (code, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert SECRET not in result.stderr


def test_a_secret_that_the_scheme_cannot_use_is_refused(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    result = command.run("send", "http://localhost:9/", "--secret-file", "empty.txt")
    assert (result.code, result.stdout) == (2, "")
    assert "secret" in result.stderr
