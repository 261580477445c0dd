"""Raw HTTP requests read from text: every byte that was the body is the body."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.content.raw_request import read_raw_request
from inspector.errors import InvalidInput

HEAD = b"POST /hook?a=1 HTTP/1.1\r\nHost: hooks.example\r\nX-Sig:  v1 \r\n"


def test_a_request_as_it_stood_on_the_wire() -> None:
    found = read_raw_request(HEAD + b"Content-Length: 4\r\n\r\n\r\n\0\xff")
    request = found.request
    assert (request.method, request.target, request.http_version) == ("POST", b"/hook?a=1", "1.1")
    assert request.headers[1] == (b"X-Sig", b"v1")
    assert request.body == b"\r\n\0\xff"
    assert request.complete
    assert found.url == "https://hooks.example/hook?a=1"
    assert (found.dated, found.notes) == (False, ())


def test_line_feeds_alone_and_no_version_do() -> None:
    found = read_raw_request(b"\xef\xbb\xbf\nPUT http://127.0.0.1:1/x\nA: 1\n b\n\nbody\n").request
    assert (found.method, found.headers, found.body) == ("PUT", ((b"A", b"1 b"),), b"body\n")


def test_a_request_without_a_body() -> None:
    found = read_raw_request(b"GET / HTTP/1.0\r\nHost: localhost:2255\r\n")
    assert (found.request.body, found.request.http_version) == (b"", "1.0")
    assert found.url == "http://localhost:2255/"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_the_declared_length_counts(body: bytes) -> None:
    head = HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    assert read_raw_request(head + body).request.body == body
    edited = read_raw_request(head + body + b"\n")
    assert edited.request.body == body
    assert edited.notes == (
        "The line end behind the declared length was left out: editors add one to files.",
    )


def test_more_and_less_than_declared() -> None:
    head = HEAD + b"Content-Length: 3\r\n\r\n"
    assert read_raw_request(head + b"abcdef").request.body == b"abc"
    short = read_raw_request(head + b"a").request
    assert short.incomplete_reason == "Content-Length declares 3 bytes, and 1 are there."


def test_chunks_are_put_together() -> None:
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    found = read_raw_request(head + b"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n")
    assert found.request.body == b"abc0123456789"
    put_together = read_raw_request(head + b'{"a": 1}')
    assert put_together.request.body == b'{"a": 1}'
    assert "taken as it stands" in put_together.notes[0]


@pytest.mark.parametrize("data", [b"", b"{}", b"hello\n", b"POST / HTTP/1.1\nno colon\n\n", b"\xff\xfe"])
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_raw_request(data)
    assert [error.field for error in refused.value.errors] == ["file"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100))
def test_whatever_stands_there_is_read_or_refused(data: bytes) -> None:
    with suppress(InvalidInput):
        assert read_raw_request(b"POST /x HTTP/1.1\r\n" + data).request.target == b"/x"
