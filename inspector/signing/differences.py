"""Where two byte strings first differ, with what stands around it."""

from __future__ import annotations

from inspector.signing.diagnosis import Difference

_BEFORE, _AFTER = 24, 24
_CONTINUES = 0x80  # the two highest bits of a byte that does not begin a character of UTF-8


def difference(of: str, here: bytes, signed: bytes) -> Difference | None:
    """The first difference between what is *here* and what was *signed*; None when there is none."""
    if here == signed:
        return None
    offset = _first(here, signed)
    return Difference(of, offset, _around(here, offset), _around(signed, offset), len(here), len(signed))


def _first(one: bytes, other: bytes) -> int:
    """The index of the first byte that differs, found by halves: comparing slices is quick, bytes is not."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _around(data: bytes, offset: int) -> str:
    """The surroundings of *offset* as text; blanks stay, all else that cannot be seen is escaped."""
    start, end = max(0, offset - _BEFORE), min(len(data), offset + _AFTER)
    while 0 < start < len(data) and data[start] & 0xC0 == _CONTINUES:
        start -= 1
    while end < len(data) and data[end] & 0xC0 == _CONTINUES:
        end += 1
    text = data[start:end].decode("utf-8", "backslashreplace")
    shown = "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text
    )
    return f"{'…' if start else ''}{shown}{'…' if end < len(data) else ''}"
