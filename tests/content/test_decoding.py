"""Content-Encoding undone for viewing: right, damaged, chained, lied about, and as a bomb."""

from __future__ import annotations

import gzip
import importlib
import sys
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.requests import request

from inspector.content import decoded_text
from inspector.content.decoding import DECODED_BYTES, CodingState, Decoded, decode_body
from inspector.content.views import body_view

BODY = b'{"a":1}'


def decode(body: bytes, *codings: str) -> Decoded:
    return decode_body(body, tuple((b"Content-Encoding", coding.encode()) for coding in codings))


def raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(body) + compressor.flush()


def zstd(body: bytes) -> bytes:
    return bytes(importlib.import_module("zstandard").compress(body))


def brotli(body: bytes) -> bytes:
    return bytes(importlib.import_module("brotli").compress(body, quality=4))


@given(body=st.binary(max_size=3_000))
def test_gzip_and_both_forms_of_deflate_come_back_exactly(body: bytes) -> None:
    for packed, coding in (
        (gzip.compress(body), "gzip"),
        (gzip.compress(body), "X-GZIP"),
        (zlib.compress(body), "deflate"),
        (raw_deflate(body), "deflate"),
    ):
        result = decode(packed, coding)
        assert result.body == body
        assert result.state is CodingState.DECODED


def test_gzip_of_several_members_is_one_body() -> None:
    result = decode(gzip.compress(BODY) + gzip.compress(b"more") + b"\0\0\0", "gzip")
    assert result.body == BODY + b"more"
    assert result.notes == ()


def test_bytes_after_the_compressed_data_are_told() -> None:
    result = decode(gzip.compress(BODY) + b"junk", "gzip")
    assert result.body == BODY
    assert "4 more bytes" in result.notes[0]


def test_codings_are_undone_in_reverse_over_one_header_or_several() -> None:
    twice = zlib.compress(gzip.compress(BODY))
    assert decode(twice, "gzip, deflate").body == BODY
    assert decode(twice, "gzip", "deflate").body == BODY
    assert decode(twice, "identity, gzip, deflate").codings == ("gzip", "deflate")


def test_brotli_is_undone() -> None:
    assert decode(brotli(gzip.compress(BODY)), "gzip, br").body == BODY
    assert decode(brotli(BODY)[:-2], "br").state is CodingState.FAILED


def test_zstandard_is_undone_over_several_frames() -> None:
    assert decode(zstd(BODY) + zstd(b"more"), "zstd").body == BODY + b"more"
    assert decode(zstd(BODY)[:-2], "zstd").state is CodingState.FAILED


@pytest.mark.parametrize(("coding", "module"), [("br", "brotli"), ("zstd", "zstandard")])
def test_without_the_extra_a_note_names_it(coding: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    monkeypatch.setitem(sys.modules, module, None)
    result = decode(b"\x8b\x03\x80", coding)
    assert result.state is CodingState.UNAVAILABLE
    assert "callback-inspector[decode]" in result.notes[0]
    assert decoded_text(b"text", ((b"Content-Encoding", coding.encode()),)) is None


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_header_that_lies_is_told_and_the_text_stays_readable(coding: str) -> None:
    result = decode(BODY, coding)
    assert result.state is CodingState.FAILED
    assert result.body == BODY
    assert not result.partial
    assert f"Content-Encoding says {coding}" in result.notes[0]
    assert decoded_text(BODY, ((b"Content-Encoding", coding.encode()),)) == BODY.decode()


def test_a_charset_in_the_wrong_header_is_named() -> None:
    result = decode(BODY, "utf-8")
    assert result.state is CodingState.UNKNOWN
    assert "is a charset, not a coding" in result.notes[0]


def test_of_damaged_data_the_beginning_is_shown() -> None:
    packed = gzip.compress(bytes(range(256)) * 40)
    damaged = packed[:60] + bytes(20) + packed[80:]
    for body in (packed[:-9], damaged):
        result = decode(body, "gzip")
        assert result.state is CodingState.FAILED
        assert "damaged" in result.notes[0] or "says gzip" in result.notes[0]
        assert decoded_text(body, ((b"Content-Encoding", b"gzip"),)) is None


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_cut_at_the_limit_without_taking_memory(coding: str) -> None:
    packers: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": brotli,
        "zstd": zstd,
    }
    bomb = packers[coding](bytes(200_000_000))
    tracemalloc.start()
    try:
        result = decode(bomb, coding)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert result.state is CodingState.CAPPED
    assert result.partial
    assert len(result.body) <= min(DECODED_BYTES, max(65_536, 200 * len(bomb)))
    assert not any(result.body)
    assert peak < 32_000_000


def test_the_view_of_a_bomb_says_that_it_is_cut() -> None:
    view = body_view(
        request(gzip.compress(bytes(200_000_000), 9), "text/plain", ("Content-Encoding", "gzip"))
    )
    assert view.coding is CodingState.CAPPED
    assert any("only these are shown" in notice.text for notice in view.notices)


def test_a_little_that_stands_for_much_is_not_taken_for_a_bomb() -> None:
    body = b'{"same": "row"}\n' * 3_000
    assert len(gzip.compress(body)) * 200 < len(body) * 2
    assert decode(gzip.compress(body), "gzip").body == body


@given(
    body=st.binary(max_size=400), codings=st.lists(st.sampled_from(["gzip", "deflate", "br", "zstd", "x"]))
)
def test_nothing_raises_whatever_is_declared(body: bytes, codings: list[str]) -> None:
    result = decode(body, ", ".join(codings))
    assert result.state in CodingState
    if result.state not in {CodingState.NONE, CodingState.DECODED}:
        assert result.notes or not body


def test_a_long_chain_is_left_alone() -> None:
    assert decode(BODY, ",".join(["gzip"] * 9)).state is CodingState.FAILED
