"""The view of a body: which kind is chosen, what is said above it, and that all of it is bounded."""

from __future__ import annotations

import gzip
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.requests import request

from inspector.content.hexdump import HexDump
from inspector.content.json_tree import JsonWindow
from inspector.content.kinds import Kind
from inspector.content.text_window import TextWindow
from inspector.content.views import PRETTY_BYTES, BodyView, body_view, raw_view

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
JSON = "application/json"


def said(view: BodyView) -> list[str]:
    return [notice.text for notice in view.notices]


@pytest.mark.parametrize(
    ("body", "content_type", "kind", "guessed"),
    [
        (b"", JSON, Kind.EMPTY, False),
        (b'{"a":1}', JSON, Kind.JSON, False),
        (b'{"a":1', JSON, Kind.JSON, False),
        (b"false", "application/vnd.acme+json; v=2", Kind.JSON, False),
        (b'{"a":1}', "text/plain", Kind.JSON, True),
        (b' [{"a":1}]', None, Kind.JSON, True),
        (b'{"a":1}', "image/png", Kind.JSON, True),
        (b'{"a":1}', "text/html", Kind.JSON, True),
        (b"[draft] text", "text/plain", Kind.TEXT, False),
        (b'{"a":1', "text/plain", Kind.TEXT, False),
        (b"123", "text/plain", Kind.TEXT, False),
        (b"a=1&b=2", "application/x-www-form-urlencoded", Kind.FORM, False),
        (b"a=1&b=2", None, Kind.FORM, True),
        (b"a=1&b=2", "text/plain", Kind.TEXT, False),
        (b"<a>1</a>", "text/xml", Kind.XML, False),
        (b'<?xml version="1.0"?><a/>', None, Kind.XML, True),
        (b"<!doctype html><p>x", None, Kind.HTML, True),
        (b"<p>x</p>", "text/html", Kind.HTML, False),
        (b"<svg onload=alert(1)></svg>", "image/svg+xml", Kind.XML, False),
        (b"1 < 2", "text/plain", Kind.TEXT, False),
        (PNG, "image/png", Kind.FILE, False),
        (b"%PDF-1.7", "application/pdf", Kind.FILE, False),
        (PNG, None, Kind.BINARY, False),
        (PNG, "text/plain", Kind.BINARY, False),
        (PNG, JSON, Kind.BINARY, False),
        (b"\x08\x96\x01", "application/x-protobuf", Kind.BINARY, False),
        (b"plain", "application/octet-stream", Kind.TEXT, False),
        ('{"a":1}'.encode("utf-16-le"), JSON, Kind.JSON, False),
    ],
)
def test_the_kind_is_declared_or_found_by_looking(
    body: bytes, content_type: str | None, kind: Kind, guessed: bool
) -> None:
    view = body_view(request(body, content_type))
    assert (view.kind, view.guessed) == (kind, guessed)
    assert any("found by looking" in text for text in said(view)) is guessed


def test_another_kind_that_fits_can_be_asked_for() -> None:
    received = request(b'{"a":1}', "application/x-www-form-urlencoded")
    assert body_view(received).kinds == (Kind.JSON, Kind.FORM, Kind.TEXT)
    assert body_view(received, "form").kind is Kind.FORM
    assert body_view(received, "xml").kind is Kind.JSON
    assert isinstance(body_view(received, "binary").content, HexDump)


@pytest.mark.parametrize(
    ("declared", "length", "warned"),
    [
        (("Content-Length", "7"), "as declared", False),
        (("Content-Length", "9"), "9 bytes declared", True),
        (("Transfer-Encoding", "chunked"), "no length declared", False),
    ],
)
def test_the_real_length_is_held_against_the_declared_one(
    declared: tuple[str, str], length: str, warned: bool
) -> None:
    view = body_view(request(b'{"a":1}', JSON, declared))
    assert (view.received_bytes, view.length) == (7, length)
    assert any("7 bytes came" in text for text in said(view)) is warned


def test_an_incomplete_body_says_why() -> None:
    view = body_view(request(b'{"a":', JSON, incomplete_reason="the sender closed the connection"))
    assert "The body is not whole: the sender closed the connection." in said(view)
    assert view.json_state == "invalid"


def test_both_sizes_of_an_encoded_body_are_told() -> None:
    body = gzip.compress(b'{"a":1}')
    view = body_view(request(body, JSON, ("Content-Encoding", "gzip")))
    assert (view.received_bytes, view.decoded_bytes) == (len(body), 7)
    assert any("undone here" in text for text in said(view))
    undeclared = body_view(request(body, JSON))
    assert any("starts like gzip" in text for text in said(undeclared))


def test_syntax_errors_repeated_keys_and_lost_bytes_are_told_above() -> None:
    assert "Line 1, column 7: NaN is not JSON." in said(body_view(request(b'{"v": NaN}', JSON)))
    assert any('"a"' in text for text in said(body_view(request(b'{"a":1,"a":2}', JSON))))
    assert "Bytes that are not utf-8 are marked." in said(body_view(request(b'{"a":"\xfc"}', JSON)))


def payload(**fields: object) -> bytes:
    usual = {
        "status_code": 200,
        "response_body": '{"price": "49 €"}',
        "response_length": 19,
        "timestamp": 1795607996,
    }
    return json.dumps(usual | fields).encode()


def notes(body: bytes, *headers: tuple[str, str]) -> dict[str, tuple[str, ...]]:
    content = body_view(request(body, JSON, *headers)).content
    assert isinstance(content, JsonWindow)
    return {line.place: line.notes for line in content.lines if line.notes}


def test_a_blaxel_payload_is_explained_beside_its_fields() -> None:
    assert notes(payload(), ("X-Blaxel-Timestamp", "1795607999")) == {
        "$.status_code": ("the agent's own status",),
        "$.response_body": ("17 characters that hold JSON",),
        "$.response_length": ("matches response_body: 19 bytes, 17 characters",),
        "$.timestamp": (
            "2026-11-25 11:59:56 UTC, 4 s before it arrived",
            "X-Blaxel-Timestamp says 1795607999, 3 s later",
        ),
    }


@pytest.mark.parametrize(
    ("fields", "place", "note"),
    [
        (
            {"response_length": 17},
            "$.response_length",
            "counts characters; response_body has 19 bytes, 17 characters",
        ),
        (
            {"response_length": 123},
            "$.response_length",
            "differs from response_body, which has 19 bytes, 17 characters",
        ),
        ({"timestamp": 1795608060}, "$.timestamp", "2026-11-25 12:01:00 UTC, 59 s after it arrived"),
        ({"timestamp": 1795521600}, "$.timestamp", "2026-11-24 12:00:00 UTC, 24 h before it arrived"),
        ({"timestamp": 17}, "$.timestamp", "not a time in Unix seconds"),
    ],
)
def test_what_does_not_agree_in_a_blaxel_payload_is_remarked(
    fields: dict[str, object], place: str, note: str
) -> None:
    assert notes(payload(**fields))[place] == (note,)


def test_other_json_with_such_a_name_is_not_taken_for_blaxel() -> None:
    assert "$.status_code" not in notes(b'{"status_code": 200, "timestamp": 1735891200}')
    assert "$.status_code" not in notes(
        b'{"status_code": "ok", "response_body": {}, "timestamp": 1735891200}'
    )


def read_through(view: BodyView, body: bytes, content_type: str | None) -> str:
    """The whole text of a body, window after window."""
    text = ""
    while True:
        assert isinstance(view.content, TextWindow)
        text += view.content.text
        if view.content.next_offset is None:
            return text
        view = raw_view(request(body, content_type), view.content.next_offset)


@pytest.mark.parametrize("charset", ["utf-8", "utf-16-le", "utf-16", "utf-32", "latin-1"])
@pytest.mark.parametrize("line_end", ["", "\n"])
def test_windows_of_a_long_text_join_without_a_torn_character(charset: str, line_end: str) -> None:
    character = "é" if charset == "latin-1" else "😀é"
    text = (character * 500 + line_end) * 400
    body, content_type = text.encode(charset), f"text/plain; charset={charset}"
    assert len(body) > 131_072
    assert read_through(raw_view(request(body, content_type)), body, content_type) == text


def test_a_body_of_10_mib_opens_at_once_as_the_beginning_of_its_text(within_a_second: None) -> None:
    for body in (b'{"a": 1},' * 1_200_000, "é".encode() * 5_000_000, b"\xff" * 10_000_000):
        view = body_view(request(body, JSON))
        assert view.kind in {Kind.TEXT, Kind.BINARY}
        assert view.received_bytes == len(body)
        assert sys.getsizeof(getattr(view.content, "text", "")) < 600_000


def test_a_megabyte_of_json_opens_with_a_first_window(within_a_second: None) -> None:
    row = {"id": 1234567890123456789, "name": "somebody", "ok": True, "tags": ["a", "b"], "none": None}
    body = json.dumps([row] * 10_000).encode()[:PRETTY_BYTES]
    view = body_view(request(body, JSON))
    assert len(body) > 900_000
    assert isinstance(view.content, JsonWindow)
    assert 1_000 < len(view.content.lines) < 3_000


def test_pretty_ends_where_the_limit_says() -> None:
    fits = b"[" + b" " * (PRETTY_BYTES - 2) + b"]"
    assert body_view(request(fits, JSON)).kind is Kind.JSON
    view = body_view(request(fits + b" ", JSON))
    assert view.kind is Kind.TEXT
    assert any("Over 1,048,576" in text for text in said(view))


@given(
    body=st.binary(max_size=300), content_type=st.text(alphabet='aplictonjs/=;"xm-w*ure d\x00é', max_size=40)
)
def test_no_body_and_no_content_type_raises(body: bytes, content_type: str) -> None:
    view = body_view(request(body, content_type))
    for notice in view.notices:
        notice.text.encode()


@given(
    body=st.binary(max_size=60),
    at=st.text(alphabet="0123456789./:x", max_size=12),
    kind=st.sampled_from(list(Kind)),
)
def test_no_cursor_raises(body: bytes, at: str, kind: Kind) -> None:
    for content_type in (
        JSON,
        "application/x-ndjson",
        "multipart/mixed; boundary=B",
        "text/event-stream",
        None,
    ):
        body_view(request(body, content_type), kind, at)
        body_view(request(b'[{"a":"[1]"}]\n[1]', content_type), kind, at)
