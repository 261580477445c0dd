"""Patterns: against a slow definition that cannot be wrong, and against inputs made to hang a matcher."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.matching.glob import Glob, Part, Wild


def slowly_fits(parts: tuple[Part, ...], text: str, separator: str) -> bool:
    """The definition: a wildcard stands for every beginning of the text that it may."""
    if not parts:
        return not text
    first, rest = parts[0], parts[1:]
    if isinstance(first, str):
        return text.startswith(first) and slowly_fits(rest, text[len(first) :], separator)
    for length in range(len(text) + 1):
        if first is Wild.RUN and separator and separator in text[:length]:
            return False
        if slowly_fits(rest, text[length:], separator):
            return True
    return False


parts: st.SearchStrategy[list[Part]] = st.lists(
    st.one_of(st.sampled_from(Wild), st.text("ab/", min_size=1, max_size=3)), max_size=6
)


@given(parts, st.text("ab/", max_size=10), st.sampled_from(("", "/")))
def test_it_fits_what_the_definition_fits(pieces: list[Part], text: str, separator: str) -> None:
    glob = Glob.of(pieces)
    assert glob.fits(text, separator) is slowly_fits(glob.parts, text, separator)
    assert Glob.of(glob.parts) == glob


@pytest.mark.parametrize("separator", ["", "/"])
def test_hostile_patterns_take_linear_time(separator: str) -> None:
    runs: list[Part] = [Wild.RUN, "a"]
    many = Glob.of([*runs * 2_000, "b"])
    deep = Glob.of((Wild.DEEP, "a", Wild.RUN, "a", Wild.DEEP, "a", Wild.RUN, "b"))
    started = perf_counter()
    assert not many.fits("a" * 100_000, separator)
    assert not deep.fits("a" * 100_000, separator)
    # A backtracking matcher needs years for these; this is no measure of speed.
    assert perf_counter() - started < 30


def test_letters_are_lowered_as_sqlite_lowers_them() -> None:
    assert str(Glob.of(("ÄB\u212a", Wild.RUN)).lowered()) == "Äb\u212a*"
