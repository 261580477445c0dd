"""Nothing that a stranger sent makes a terminal do anything, and nothing of it is lost from sight."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from inspector.cli.terminal import json_text, safe_text

BIDIRECTIONAL_AND_INVISIBLE = (
    "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2028\u2029\u2060\u2066\u2069\ufeff"
)

# Surrogates too: they come from bytes that are not UTF-8.
any_text = st.text(st.characters(exclude_categories=()))


def obeyed(text: str) -> list[str]:
    """The characters of *text* that a terminal would obey or hide."""
    return [
        character
        for character in text
        if character < " " or "\x7f" <= character <= "\x9f" or character in BIDIRECTIONAL_AND_INVISIBLE
    ]


@given(any_text | st.text(BIDIRECTIONAL_AND_INVISIBLE + "\x1b\x7f\x9b\r\n\ta"))
def test_one_line_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    assert obeyed(safe_text(text)) == []
    safe_text(text).encode()


@given(any_text | st.text("\x1b\x7f\x9b\r\n\ta"))
def test_a_body_holds_line_feeds_and_tabs_besides(text: str) -> None:
    shown = safe_text(text, lines=True)
    assert set(obeyed(shown)) <= {"\n", "\t"}
    assert shown.count("\n") == text.count("\n")


@given(any_text)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    harmless = "".join(character for character in text if character.isprintable())
    assert safe_text(harmless) == harmless


def test_escapes_name_what_was_there() -> None:
    assert safe_text("\x1b[2J\x07") == r"\x1b[2J\x07"
    assert safe_text("a\u202eb\u200bc") == r"a\u202eb\u200bc"
    assert safe_text("\x9b31m\x7f\r\n\t") == r"\x9b31m\x7f\r\n\t"
    assert safe_text("\udcff\U000e0041") == r"\udcff\U000e0041"
    assert safe_text("two\n\tlines\r\n", lines=True) == "two\n\tlines\\r\n"
    assert safe_text("日本 é 🎈") == "日本 é 🎈"


@given(any_text)
def test_json_is_printable_ascii_and_says_the_same(text: str) -> None:
    shown = json_text({text: [text]})
    assert all(" " <= character <= "~" for character in shown)
    assert json.loads(shown) == {text: [text]}
