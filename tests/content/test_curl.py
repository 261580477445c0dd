"""Copied curl commands, run by bash against a real socket: the same bytes arrive."""

from __future__ import annotations

import hashlib
import hmac
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.requests import Received, receiver, request

from inspector.content.curl import OWN_HEADERS, CurlCommand, ShellSignature, curl_command
from inspector.models import Request

VARIABLES = {"AUTHORIZATION": "s3cr3t $x", "TOKEN": "t", "X_API_KEY": "k", "CALLBACK_SECRET": "sec ret"}
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def run(sent: Request, folder: Path, *, sign: ShellSignature | None = None, reveal: bool = False) -> Received:
    """What arrives when the command for *sent* is pasted into a shell in *folder*."""
    with receiver() as (address, received):
        command = curl_command(sent, f"{address}/ignored", sign=sign, reveal=reveal, body_file="body")
        shell(command, folder)
    return received


def shell(command: CurlCommand, folder: Path) -> None:
    script = folder / "command.sh"
    script.write_bytes(command.text.encode("utf-8", "surrogateescape"))
    done = subprocess.run(
        ["bash", str(script)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **VARIABLES},
        capture_output=True,
        timeout=20,
    )
    assert done.returncode == 0, done.stderr


def expected_headers(sent: Request) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in sent.headers if name.lower() not in OWN_HEADERS]


def sent_headers(received: Received) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in received.headers if name.lower() not in OWN_HEADERS]


@SLOW
@given(body=st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8")))
def test_any_body_arrives_byte_for_byte(body: bytes, tmp_path: Path) -> None:
    received = run(request(body, "application/json"), tmp_path)
    assert received.body == body
    assert sent_headers(received) == [(b"Content-Type", b"application/json")]


TOKENS = st.text(alphabet="abcXYZ019-_.!#$%&'*+^`|~", min_size=1, max_size=12)
VALUES = st.binary(max_size=30).map(lambda value: value.translate(None, bytes(range(32)) + b"\x7f").strip())


@SLOW
@given(
    headers=st.lists(st.tuples(TOKENS.map(str.encode), VALUES), max_size=6),
    method=TOKENS,
    path=st.text(alphabet="aZ09/._~!$&'()*+,;=:@%?-[]{}|^`\"<>\\#", max_size=20),
)
def test_any_method_target_and_headers_arrive_as_they_were(
    headers: list[tuple[bytes, bytes]], method: str, path: str, tmp_path: Path
) -> None:
    plain = request(b"x", None, method=method, target=f"/{path}".encode())
    sent = Request(method, plain.target, "1.1", tuple(headers), b"x", plain.client, plain.received_ns)
    received = run(sent, tmp_path, reveal=True)
    assert received.request_line == f"{method} /{path} HTTP/1.1".encode()
    assert sent_headers(received) == expected_headers(sent)


@pytest.mark.parametrize(
    "body",
    [
        b"@/etc/passwd",
        b'it\'s "quoted" $HOME `id` \\ !!',
        b"\n\n",
        b"END\nEND",
        "\u202e bidi \u200b".encode(),
        b"\xff\xfe1234",
        b"\0",
        bytes(range(256)) * 300,
        b"x" * 60_000,
        b"x" * 1_000_000,
    ],
    ids=["at", "quotes", "newlines", "end mark", "hidden", "octal", "nul", "binary", "long", "a million"],
)
def test_awkward_bodies_arrive(body: bytes, tmp_path: Path) -> None:
    assert run(request(body, "text/plain"), tmp_path).body == body


def test_a_body_too_long_for_a_command_is_read_from_its_file(tmp_path: Path) -> None:
    body = b"y" * 1_100_000
    (tmp_path / "body").write_bytes(body)
    assert run(request(body, "text/plain"), tmp_path).body == body
    assert curl_command(request(body), "http://localhost", body_file="body").notes == (
        "Download the body as body first.",
    )


@pytest.mark.parametrize(
    ("method", "target", "version"),
    [
        ("GET", b"/a/../b/./c", "1.1"),
        ("HEAD", b"/", "1.1"),
        ("OPTIONS", b"*", "1.1"),
        ("POST", b"//x", "1.0"),
    ],
)
def test_requests_without_a_body_arrive(method: str, target: bytes, version: str, tmp_path: Path) -> None:
    received = run(request(method=method, target=target, http_version=version), tmp_path)
    assert received.request_line == b"%s %s HTTP/%s" % (method.encode(), target, version.encode())
    assert sent_headers(received) == []


def test_credentials_come_from_variables_and_are_listed(tmp_path: Path) -> None:
    sent = request(
        b"{}",
        "application/json",
        ("Authorization", "Bearer original"),
        ("X-Api-Key", "original"),
        target=b"/hook?token=original&x=1",
    )
    command = curl_command(sent, "http://localhost:2255/")
    assert "original" not in command.text
    assert [hidden.name for hidden in command.hidden] == ["token", "Authorization", "X-Api-Key"]
    received = run(sent, tmp_path)
    assert received.request_line == b"POST /hook?token=t&x=1 HTTP/1.1"
    assert dict(received.headers)[b"Authorization"] == b"Bearer s3cr3t $x"
    assert dict(received.headers)[b"X-Api-Key"] == b"k"


@pytest.mark.parametrize("body", [b'{"a":"it\'s"}\n', b"", b"%s \\n \xff"])
def test_a_fresh_signature_is_made_by_the_secret_in_a_variable(body: bytes, tmp_path: Path) -> None:
    sent = request(
        body, "application/json", ("X-Blaxel-Signature", "sha256=old"), ("X-Blaxel-Timestamp", "1")
    )
    received = run(sent, tmp_path, sign=ShellSignature())
    headers = dict(received.headers)
    digest = hmac.new(VARIABLES["CALLBACK_SECRET"].encode(), body, hashlib.sha256).hexdigest()
    assert headers[b"X-Blaxel-Signature"] == f"sha256={digest}".encode()
    assert int(headers[b"X-Blaxel-Timestamp"]) > 1_700_000_000
    assert received.body == body


def test_a_usual_callback_reads_well() -> None:
    sent = request(b'{"status_code":200}', "application/json", ("User-Agent", "Blaxel"), ("Accept", "*/*"))
    assert curl_command(sent, "http://localhost:2255/").text == (
        "curl -X POST \\\n"
        "  http://localhost:2255/hook \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        "  -H 'User-Agent: Blaxel' \\\n"
        "  -H 'Accept: */*' \\\n"
        "  --data-raw '{\"status_code\":200}'"
    )
