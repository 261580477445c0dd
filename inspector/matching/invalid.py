"""The one error of the filter language: what cannot be read, where it stands, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable

from inspector.errors import FieldError, InvalidInput

QUOTED_CHARACTERS = 40


class InvalidFilter(InvalidInput):
    """A filter that cannot be read. ``str(error)`` is the sentence alone; ``position`` counts from 0.

    The sentence counts from 1, as people do. ``errors`` names the field ``q``, the filter's name in the API.
    """

    code = "invalid-filter"

    def __init__(self, sentence: str, position: int) -> None:
        super().__init__(FieldError("q", sentence))
        self.sentence = sentence
        self.position = position

    def __str__(self) -> str:
        return self.sentence


def place(position: int) -> str:
    """Where *position* is, in the words of every sentence here."""
    return f"at character {position + 1}"


def shown(text: str) -> str:
    """The beginning of *text*, short enough for a sentence."""
    return text if len(text) <= QUOTED_CHARACTERS else text[: QUOTED_CHARACTERS - 1] + "…"


def unknown(what: str, word: str, position: int, known: Iterable[str], otherwise: str = "") -> InvalidFilter:
    """The error for a *word* that is none of the *known* ones; without a near one it ends in *otherwise*."""
    # Imported here: nobody whose filters are right should wait for difflib.
    from difflib import get_close_matches

    near = get_close_matches(word.lower()[:QUOTED_CHARACTERS], tuple(known), n=1, cutoff=0.7)
    hint = f"Did you mean {near[0]}?" if near else otherwise
    return InvalidFilter(f"Unknown {what} {shown(word)} {place(position)}. {hint}".rstrip(), position)
