"""A delivery as program, raw message, pytest test, HTTPie command: complete, masked, and usable as it is."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.requests import Received, delivery, receiver, request

from inspector.content.curl import OWN_HEADERS
from inspector.content.export import Format, export_delivery
from inspector.errors import InvalidInput
from inspector.models import Request

BASE = "http://localhost:2255/"
SECRETIVE = request(
    b'{"a":1}',
    "application/json",
    ("Authorization", "Bearer canary-1"),
    ("Cookie", "session=canary-2"),
    ("X-Api-Key", "canary-3"),
    target=b"/hook?token=canary-4&x=1",
)


def exported(sent: Request, form: Format, *, reveal: bool = False) -> str:
    return export_delivery(delivery(sent), form, BASE, reveal=reveal).text


@pytest.mark.parametrize("form", list(Format))
def test_no_format_shows_a_credential_unless_asked_and_each_lists_what_it_hides(form: Format) -> None:
    found = export_delivery(delivery(SECRETIVE), form, BASE)
    assert b"canary" not in found.content
    if form is not Format.PYTEST:
        assert [hidden.name for hidden in found.hidden] == [
            "token",
            "Authorization",
            "Cookie session",
            "X-Api-Key",
        ]
        assert exported(SECRETIVE, form, reveal=True).count("canary") >= 4


def test_names_of_files_are_made_of_the_id_alone() -> None:
    names = {form: export_delivery(delivery(SECRETIVE), form, BASE).filename for form in Format}
    assert names[Format.CURL] == "delivery-7.sh"
    assert names[Format.HAR] == "delivery-7.har"
    assert names[Format.PYTEST] == "test_7.py"


def test_an_unknown_format_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput) as caught:
        export_delivery(delivery(SECRETIVE), "csv", BASE)
    assert caught.value.errors[0].field == "format"


def run_program(sent: Request, folder: Path) -> Received:
    with receiver() as (address, received):
        program = folder / "send.py"
        program.write_bytes(export_delivery(delivery(sent), "python", address, reveal=True).content)
        done = subprocess.run([sys.executable, str(program)], cwd=folder, capture_output=True, timeout=20)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(b"200 OK")
    return received


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300))
def test_the_python_program_sends_any_body(body: bytes, tmp_path: Path) -> None:
    assert run_program(request(body), tmp_path).body == body


def test_the_python_program_sends_target_headers_and_method_as_they_were(tmp_path: Path) -> None:
    sent = request(
        bytes(range(256)) * 200,
        "text/plain",
        ("X-FoO", "1"),
        ("x-foo", ""),
        ("X-Latin", "\xe9'\"\\"),
        method="PURGE",
        target=b"/a/../b?x=[1]&y=%2",
    )
    received = run_program(sent, tmp_path)
    assert received.request_line == b"PURGE /a/../b?x=[1]&y=%2 HTTP/1.1"
    assert [pair for pair in received.headers if pair[0].lower() not in OWN_HEADERS] == list(sent.headers)
    assert received.body == sent.body


def test_the_python_program_reads_credentials_from_variables(tmp_path: Path) -> None:
    with receiver() as (address, received):
        program = export_delivery(delivery(SECRETIVE), "python", address).text
        variables = {"AUTHORIZATION": "s1", "COOKIE_SESSION": "s2", "X_API_KEY": "s3", "TOKEN": "s4"}
        environ = {"PATH": os.environ["PATH"], **variables}
        subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environ, check=True, timeout=20)
    assert received.request_line == b"POST /hook?token=s4&x=1 HTTP/1.1"
    assert (b"Authorization", b"Bearer s1") in received.headers
    assert (b"Cookie", b"session=s2") in received.headers


def test_the_raw_message_is_the_request_with_plain_framing() -> None:
    sent = request(b"\0body", None, ("Host", "h"), ("Transfer-Encoding", "chunked"), ("X-A", ""))
    found = export_delivery(delivery(sent), "http", BASE).content
    assert found == b"POST /hook HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-A: \r\n\r\n\0body"


def test_the_httpie_command_has_each_header_as_one_word() -> None:
    sent = request(b'{"a": "it\'s"}', "application/json", ("X-A", "=b"), ("X-B", ""), ("X-C", "a:b@c"))
    words = shlex.split(exported(sent, Format.HTTPIE).replace("\\\n", " "))
    assert words[:4] == ["printf", "%s", '{"a": "it\'s"}', "|"]
    assert words[4:8] == ["http", "--path-as-is", "POST", "http://localhost:2255/hook"]
    assert words[8:12] == ["Content-Type:application/json", "X-A:\\=b", "X-B;", "X-C:a:b@c"]
    assert words[12:] == ["Accept:", "Accept-Encoding:", "Connection:", "User-Agent:"]


def test_what_httpie_cannot_send_is_told() -> None:
    sent = request(b"", None, ("X-A", "\xff"), target=b"/[a]")
    notes = export_delivery(delivery(sent), "httpie", BASE).notes
    assert len(notes) == 2
    assert all("curl" in note for note in notes)


def test_the_pytest_test_waits_for_what_stays_the_same() -> None:
    body = (
        b'{"status_code": 200, "timestamp": 1735891200, "event_id": "evt_0123456789ab", "ok": true,'
        b' "fee": 1.0, "none": null, "list": [{"id": "3f2b1c9a-0000-4000-8000-000000000001", "n": 1}]}'
    )
    assert exported(request(body, "application/json", target=b"/agents/hello?x"), Format.PYTEST) == (
        "def test_agents_hello(callbacks):\n"
        "    # Here, start what calls back to callbacks.url.\n"
        "    callbacks.wait_for(\n"
        "        method='POST',\n"
        "        json={'status_code': 200, 'ok': True, 'fee': 1.0, 'none': None, 'list': [{'n': 1}]},\n"
        "        verified=True,\n"
        "    )\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"plain 'text'",
        b"\xff\0",
        b"[" * 5_000,
        b'{"a":' * 20 + b"1" + b"}" * 20,
        b'{"n": 1e400, "b": ' + b"7" * 4_070 + b"}",
    ],
)
def test_the_pytest_test_is_python_whatever_the_body(body: bytes) -> None:
    compile(exported(request(body, target=b"/\x1b[2J/1?x"), Format.PYTEST), "test", "exec")
