"""Captured text made safe to show: what hides is named, what is text stays text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.content.visible import pieces


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("\x1b", "ESC"),
        ("\0", "NUL"),
        ("\u202e", "RLO"),
        ("\u2066", "LRI"),
        ("\u200b", "ZWSP"),
        ("\u2028", "LS"),
        ("\xa0", "NBSP"),
        ("\ufeff", "BOM"),
        ("\x9d", "0x9D"),
        ("\udcfc", "0xFC"),
        ("\ud83d", "U+D83D"),
        ("\U000e0041", "U+E0041"),
        ("\r", "CR"),
    ],
)
def test_what_does_not_show_is_named(text: str, name: str) -> None:
    [before, mark, after] = pieces(f"a{text}b")
    assert (before.text, before.name, after.text, after.name) == ("a", "", "b", "")
    assert mark.name == name


def test_line_ends_and_tabs_are_text_unless_asked_for() -> None:
    assert [piece.name for piece in pieces("a\r\n\tb\n")] == [""]
    assert [piece.name for piece in pieces("a\r\n\tb", line_ends=True)] == ["", "CR", "LF", "TAB", ""]


def test_a_family_of_emoji_stays_one_picture() -> None:
    family = "👨\u200d👩\u200d👧"
    assert [piece.text for piece in pieces(family)] == [family]
    assert [piece.name for piece in pieces("a\u200db")] == ["", "ZWJ", ""]


@given(text=st.text(max_size=80))
def test_nothing_is_lost_and_everything_can_be_encoded(text: str) -> None:
    shown = "".join(piece.text for piece in pieces(text))
    assert shown == text
    shown.encode("utf-8")
