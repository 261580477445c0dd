"""A delivery as program, raw message, pytest test, HTTPie command: complete, masked, and usable as it is."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.requests import Received, delivery, receiver, request

from inspector.content.curl import OWN_HEADERS
from inspector.content.export import Format, export_delivery
from inspector.errors import InvalidInput
from inspector.models import Framing, Request

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


HEAD = (
    b"POST /hook?a=1&token=canary HTTP/1.1\r\nhOST:  h\r\nX-A : 1\r\nAuthorization:\tBearer canary\r\n"
    b"X-Api-Key: canary\r\n canary,\r\n\tcanary\r\nX-Fold: a\r\n  b\nTransfer-Encoding: chunked\r\n\r\n"
)
MASKED_HEAD = (
    b"POST /hook?a=1&token=[masked] HTTP/1.1\r\nhOST:  h\r\nX-A : 1\r\nAuthorization:\tBearer [masked]\r\n"
    b"X-Api-Key: [masked]\r\nX-Fold: a\r\n  b\nTransfer-Encoding: chunked\r\n\r\n"
)
CHUNKED = replace(
    request(
        b"\0 body 16 bytes.",
        None,
        ("Authorization", "Bearer canary"),
        ("X-Api-Key", "canary canary, canary"),
        target=b"/hook?a=1&token=canary",
    ),
    head=HEAD,
    framing=Framing.CHUNKED,
    chunks=3,
    trailers=((b"X-Sum", b"1"), (b"X-Secret", b"canary")),
)


def test_the_raw_message_begins_with_the_exact_head_where_it_is_known() -> None:
    plain = replace(request(b"body"), head=b"POST  /hook HTTP/1.1\nhOST:h\n\n", framing=Framing.LENGTH)
    assert export_delivery(delivery(plain), "http", BASE).content == b"POST  /hook HTTP/1.1\nhOST:h\n\nbody"
    chunked = export_delivery(delivery(CHUNKED), "http", BASE, reveal=True)
    body = b"10\r\n\0 body 16 bytes.\r\n0\r\n"
    assert chunked.content == HEAD + body + b"X-Sum: 1\r\nX-Secret: canary\r\n\r\n"
    assert chunked.notes == ("The body is one chunk: where its 3 chunks were cut is not kept.",)
    cut = replace(CHUNKED, trailers=(), incomplete_reason="cut")
    assert export_delivery(delivery(cut), "http", BASE, reveal=True).content == HEAD + body[: -len("0\r\n")]
    empty = replace(CHUNKED, body=b"", trailers=(), chunks=0)
    assert export_delivery(delivery(empty), "http", BASE, reveal=True).content == HEAD + b"0\r\n\r\n"


def test_credentials_are_left_out_of_an_exact_head_and_nothing_else() -> None:
    done = export_delivery(delivery(CHUNKED), "http", BASE)
    assert done.content.startswith(MASKED_HEAD + b"10\r\n")
    for form in ("http", "har", "jsonl"):
        content = export_delivery(delivery(CHUNKED), form, BASE).content
        assert b"canary" not in content
        assert b64encode(b"canary").rstrip(b"=") not in content
    line = json.loads(export_delivery(delivery(CHUNKED), "jsonl", BASE).text)
    assert b64decode(line["head_base64"]) == MASKED_HEAD
    assert (line["framing"], line["chunks"], line["received_ns"]) == ("chunked", 3, CHUNKED.received_ns)


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
