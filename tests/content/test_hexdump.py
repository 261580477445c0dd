"""Bytes as lines of hex, offsets and ASCII, in windows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inspector.content import hexdump


def test_lines_have_offset_hex_and_ascii() -> None:
    lines = str(hexdump(b"\x00\x1fAz~\x7f\xff 12345678\n")).splitlines()
    assert lines == [
        "00000000  00 1f 41 7a 7e 7f ff 20  31 32 33 34 35 36 37 38  ..Az~.. 12345678",
        "00000010  0a                                                .",
    ]


@given(data=st.binary(max_size=300), count=st.integers(1, 100))
def test_windows_follow_each_other_without_gap_or_overlap(data: bytes, count: int) -> None:
    seen, start = b"", 0
    while True:
        window = hexdump(data, start, count)
        assert window.total_bytes == len(data)
        seen += b"".join(bytes.fromhex(f"{line.left} {line.right}") for line in window.lines)
        if window.next_offset is None:
            break
        start = window.next_offset
    assert seen == data


def test_a_start_that_leads_nowhere_is_an_empty_window() -> None:
    assert hexdump(b"abc", 4_000).lines == ()
    assert hexdump(b"abc", -5).lines[0].offset == 0
    assert hexdump(b"").lines == ()
