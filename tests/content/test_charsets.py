"""Bytes as text: which charset, and what becomes of bytes that it has not."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.content import decoded_text
from inspector.content.charsets import CharsetSource, read_text
from inspector.content.media_type import MediaType, parse_media_type

PLAIN = MediaType()
TEXT = '{"stadt": "Köln €"}'


@pytest.mark.parametrize(
    "charset", ["utf-8", "UTF-8", "iso-8859-15", "windows-1252", "utf-16-le", "utf-16-be"]
)
def test_the_declared_charset_counts(charset: str) -> None:
    text = read_text(TEXT.encode(charset), parse_media_type(f'text/plain; charset="{charset}"'))
    assert text.text == TEXT
    assert text.charset == charset.lower()
    assert text.source is CharsetSource.DECLARED
    assert not text.lossy


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_decides_and_is_left_out(codec: str) -> None:
    text = read_text(f"\ufeff{TEXT}".encode(codec), PLAIN)
    assert text.text == TEXT
    assert text.mark
    assert text.source is CharsetSource.MARK
    assert "signed bytes" in text.notes[-1]


def test_a_mark_that_contradicts_the_declaration_wins_and_is_told() -> None:
    text = read_text(f"\ufeff{TEXT}".encode("utf-16-le"), parse_media_type("text/plain; charset=utf-8"))
    assert text.text == TEXT
    assert "byte-order mark utf-16-le" in text.notes[0]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_seen_without_a_mark_or_a_declaration(codec: str) -> None:
    text = read_text(TEXT.encode(codec), PLAIN)
    assert text.text == TEXT
    assert text.source is CharsetSource.GUESSED


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_declared_without_its_byte_order_is_read_by_its_bytes(codec: str) -> None:
    assert read_text(TEXT.encode(codec), parse_media_type("text/plain; charset=utf-16")).text == TEXT


@pytest.mark.parametrize("name", ["utf-99", "base64", "idna", "punycode", "unicode_escape", "\x00", ""])
def test_a_name_that_is_no_charset_falls_back_to_utf_8_with_a_note(name: str) -> None:
    text = read_text(b"caf\xc3\xa9", parse_media_type(f"text/plain; charset={name}"))
    assert text.text == "café"
    assert text.notes or not name


def test_documents_that_name_their_charset_are_believed() -> None:
    xml = b'<?xml version="1.0" encoding="ISO-8859-1"?><n>\xe9</n>'
    assert read_text(xml, parse_media_type("application/xml")).text.endswith("<n>é</n>")
    html = b'<html><meta charset="windows-1252"><p>\x80'
    assert read_text(html, parse_media_type("text/html")).text.endswith("<p>€")


@given(data=st.binary(max_size=200))
def test_bytes_that_are_not_utf_8_are_marked_one_by_one_and_never_lost(data: bytes) -> None:
    text = read_text(data, parse_media_type("text/plain; charset=utf-8"))
    if not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        assert text.marked.encode("utf-8", "surrogateescape") == data
    text.text.encode("utf-8")


@given(
    data=st.binary(max_size=64),
    charset=st.sampled_from(["utf-16", "utf-32", "shift_jis", "gb18030", "utf-7"]),
)
def test_no_charset_raises_on_any_bytes(data: bytes, charset: str) -> None:
    read_text(data, parse_media_type(f"text/plain; charset={charset}")).text.encode("utf-8")


def test_a_character_cut_off_at_the_end_is_left_out_of_a_beginning() -> None:
    text = read_text("é".encode()[:1], PLAIN, whole=False)
    assert (text.marked, text.lossy) == ("", False)


def test_decoded_text_is_what_the_api_calls_body_text() -> None:
    latin = ((b"Content-Type", b"text/plain; charset=latin-1"),)
    assert decoded_text(b"", ()) == ""
    assert decoded_text(b"\xe9", latin) == "é"
    assert decoded_text(b"\xe9", ()) is None
    assert decoded_text(b"\xef\xbb\xbfx", ()) == "x"
    assert decoded_text(b"x" * (1 << 20), ()) is not None
    assert decoded_text(b"x" * ((1 << 20) + 1), ()) is None
