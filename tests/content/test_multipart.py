"""Multipart bodies: parts with their exact bytes, whatever is wrong with the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.requests import request

from inspector.content.media_type import parse_media_type
from inspector.content.multipart import PARTS, PartTable, read_multipart
from inspector.content.views import body_part

MEDIA = parse_media_type("multipart/form-data; boundary=B")


def part(content: bytes, *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers).encode("utf-8")
    return b"--B\r\n" + lines + b"\r\n" + content + b"\r\n"


def named(name: str, extra: str = "") -> str:
    return f'Content-Disposition: form-data; name="{name}"{extra}'


def contents(table: PartTable, body: bytes) -> list[bytes]:
    return [found.content(body) for found in table.parts]


@given(st.lists(st.binary(max_size=60).filter(lambda content: b"--B" not in content), max_size=8))
def test_parts_come_back_byte_for_byte(bodies: list[bytes]) -> None:
    body = b"".join(part(content, named("n")) for content in bodies) + b"--B--\r\n"
    table = read_multipart(body, MEDIA)
    assert contents(table, body) == bodies
    assert table.state == "parsed"


@given(body=st.text(alphabet="-B\r\n: a", max_size=60))
def test_no_bytes_raise_and_no_part_lies_outside(body: str) -> None:
    for found in read_multipart(body.encode(), MEDIA).parts:
        assert 0 <= found.start <= found.start + found.size_bytes <= len(body)


def test_bare_line_feeds_preamble_and_epilogue_are_borne() -> None:
    body = b"preamble\n--B\nContent-Type: text/plain\n\nhello\n--B--\nepilogue"
    assert contents(read_multipart(body, MEDIA), body) == [b"hello"]


def test_a_longer_delimiter_and_one_inside_a_line_are_content() -> None:
    body = part(b"--B2\r\nx --B\r\n--B--x", named("a")) + b"--B--"
    assert contents(read_multipart(body, MEDIA), body) == [b"--B2\r\nx --B\r\n--B--x"]


def test_nested_parts_follow_their_part() -> None:
    inner = b"--C\r\n\r\none\r\n--C\r\nContent-Type: application/json\r\n\r\n[2]\r\n--C--"
    body = part(inner, "Content-Type: multipart/mixed; boundary=C") + part(b"last") + b"--B--"
    table = read_multipart(body, MEDIA)
    assert [(found.number, found.level) for found in table.parts] == [(1, 0), (2, 1), (3, 1), (4, 0)]
    assert contents(table, body)[1:] == [b"one", b"[2]", b"last"]
    assert table.parts[2].opened is not None


@pytest.mark.parametrize(
    ("written", "filename"),
    [
        ('filename="a.txt"', "a.txt"),
        ("filename=a.txt", "a.txt"),
        ('filename="Zoë \\"x\\".png"', 'Zoë "x".png'),
        ('filename="C:\\dir\\..\\x"', "C:\\dir\\..\\x"),
        ("filename*=UTF-8''%e2%82%ac.txt; filename=\"x\"", "€.txt"),
        ('filename=""><img src=x onerror=alert(1)>"', ""),
        ('filename="' + "n" * 4_000 + '"', "n" * 4_000),
    ],
)
def test_file_names_are_read_as_browsers_write_them(written: str, filename: str) -> None:
    body = part(b"\x89PNG", named("f", f"; {written}"), "Content-Type: image/png") + b"--B--"
    [found] = read_multipart(body, MEDIA).parts
    assert found.filename == filename
    assert found.text is None


def test_texts_are_read_by_the_charsets_that_the_form_names() -> None:
    body = (
        part(b"caf\xe9", named("a"))
        + part(b"caf\xe9", named("b"))
        + part(b'{"a": "latin-1"}', named("charsets"))
        + b"--B--"
    )
    table = read_multipart(body, MEDIA)
    assert [(found.text, found.lossy) for found in table.parts[:2]] == [("café", False), ("caf\udce9", True)]
    for_all = part(b"caf\xe9", named("a")) + part(b"latin-1", named("_charset_")) + b"--B--"
    assert read_multipart(for_all, MEDIA).parts[0].text == "café"


def test_a_transfer_encoding_is_told() -> None:
    body = part(b"aGk=", named("a"), "Content-Transfer-Encoding: base64") + b"--B--"
    assert "base64" in read_multipart(body, MEDIA).parts[0].notes[0]


@pytest.mark.parametrize(
    ("body", "content_type", "fault"),
    [
        (b"--B\r\n\r\nx\r\n--B--", "multipart/form-data", "names no boundary"),
        (b"nothing", "multipart/form-data; boundary=B", "stands nowhere"),
        (b"--B\r\n\r\nx", "multipart/form-data; boundary=B", "closing boundary is missing"),
        (b"--B\r\nA: b\r\n--B--", "multipart/form-data; boundary=B", "no blank line"),
        (b"x", f"multipart/form-data; boundary={'b' * 300}", "300 characters"),
    ],
)
def test_what_is_malformed_is_told(body: bytes, content_type: str, fault: str) -> None:
    table = read_multipart(body, parse_media_type(content_type))
    assert table.state == "malformed"
    assert any(fault in text for text in table.faults)


@pytest.mark.parametrize(
    "body",
    [
        part(b"1", named("a")) * 100_000 + b"--B--",
        b"--B" * 3_000_000,
        b"\n--B" * 2_000_000,
        b"\r\n--B\r\n\r\n" * 1_000_000,
    ],
    ids=["parts", "delimiters", "lines", "empty parts"],
)
def test_a_hundred_thousand_parts_are_capped_with_the_reason(body: bytes, within_a_second: None) -> None:
    table = read_multipart(body, MEDIA)
    assert len(table.parts) <= PARTS
    assert table.state == "malformed"
    assert table.parts == () or table.left_out > 90_000


def test_a_part_is_found_by_its_number() -> None:
    received = request(
        part(b"\0\1", named("f", '; filename="x"')) + b"--B--", "multipart/form-data; boundary=B"
    )
    found = body_part(received, 1)
    assert found is not None
    assert found[1] == b"\0\1"
    assert body_part(received, 2) is None
