"""``show --as``: a delivery as something to paste or to keep."""

from __future__ import annotations

import json
import subprocess

import pytest
from support.command import Command, Serving

from inspector.cli.reading import FORMATS
from inspector.content.export import Format

BODY = b'{"it\'s": "\\u00e9 $HOME `x`"}\r\n'
HEADERS = [
    ("Content-Type", "application/json"),
    ("Authorization", "Bearer s3cr3t"),
    ("X-Twice", "1"),
    ("X-Twice", "2"),
]


def test_every_format_for_a_single_delivery_is_offered() -> None:
    assert set(FORMATS) == set(Format) - {Format.JSON_LINES}


@pytest.fixture
def kept(serving: Serving) -> Serving:
    """A server with one delivery that carries a credential."""
    serving.deliver("/hook?token=t0p", BODY, HEADERS)
    return serving


@pytest.mark.parametrize("form", FORMATS)
def test_credentials_are_left_out_and_that_is_said(command: Command, kept: Serving, form: str) -> None:
    result = command.run("show", "latest", "--as", form)
    assert result.code == 0
    assert result.stdout != ""
    assert "s3cr3t" not in result.stdout
    if form != "pytest":  # which has no place for them
        assert result.stderr.startswith("Masked: ")
        assert "Authorization" in result.stderr
        assert "token" in result.stderr
        revealed = command.run("show", "1", "--as", form, "--reveal")
        assert "s3cr3t" in revealed.stdout
        assert "Masked" not in revealed.stderr


def test_the_curl_command_sends_the_same_bytes(command: Command, kept: Serving) -> None:
    pasted = command.run("show", "1", "--as", "curl", "--reveal").stdout
    subprocess.run(["bash", "-c", pasted], check=True, capture_output=True, timeout=30)
    first, second = (command.run("show", number, "--json").json() for number in ("1", "2"))
    assert (second["method"], second["path"]) == (first["method"], first["path"])
    assert second["body_base64"] == first["body_base64"]
    assert command.run("show", "2", "--body").output == BODY
    assert [pair for pair in second["headers"] if pair[0] in dict(HEADERS)] == [
        list(pair) for pair in HEADERS
    ]


def test_raw_http_is_exact(command: Command, kept: Serving) -> None:
    raw = command.run("show", "1", "--as", "http", "--reveal").output
    assert raw.startswith(b"POST /hook?token=t0p HTTP/1.1\r\n")
    assert b"X-Twice: 1\r\nX-Twice: 2\r\n" in raw
    assert raw.endswith(b"\r\n\r\n" + BODY)


def test_the_others_are_what_they_say(command: Command, kept: Serving) -> None:
    har = json.loads(command.run("show", "1", "--as", "har").stdout)
    assert har["log"]["version"] == "1.2"
    compile(command.run("show", "1", "--as", "python").stdout, "sent.py", "exec")
    compile(command.run("show", "1", "--as", "pytest").stdout, "test_sent.py", "exec")
    assert "| http --path-as-is POST" in command.run("show", "1", "--as", "httpie").stdout


def test_a_file_gives_the_same(command: Command) -> None:
    with command.serving("--db", "callbacks.db") as server:
        server.deliver("/hook?token=t0p", BODY, HEADERS)
        live = command.run("show", "1", "--as", "http")
        server.stop()
    from_file = command.run("show", "1", "--as", "http", "--db", "callbacks.db")
    assert (from_file.output, from_file.stderr) == (live.output, live.stderr)
    assert (
        "http://localhost:2255/hook"
        in command.run("show", "1", "--as", "curl", "--db", "callbacks.db").stdout
    )


def test_what_cannot_be_copied(command: Command, kept: Serving) -> None:
    for arguments, code in (
        (("99", "--as", "curl"), 3),
        (("1", "--as", "wget"), 2),
        (("1", "--as", "curl", "--json"), 2),
        (("1", "--as", "curl", "--body"), 2),
        (("1", "--reveal"), 2),
    ):
        result = command.run("show", *arguments)
        assert (result.code, result.stdout) == (code, ""), arguments
