"""Why a delivery did not verify, as the Verification tab shows it: a diagnosis laid out for reading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KINDS = {
    "other_secret": "Secrets of other endpoints",
    "secret": "The secret in other forms",
    "encoding": "The digest in another encoding",
    "hash": "Another hash",
    "signature": "The header read otherwise",
    "prefix": "The header read otherwise",
    "url": "Other URLs",
    "method": "Other methods",
    "body": "The body in other forms",
    "content": "Other layouts of what is signed",
    "timestamp": "The timestamp in other forms",
    "other_scheme": "Schemes of the catalogue",
    "scheme": "Any layout, by search",
}
"""What candidates have in common whose codes begin so; the longest beginning counts."""

OTHER_KIND = "Two changes at once, and the rest"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where what was signed first differs from what came, with the surroundings of both as escaped text."""

    of: str
    offset: int
    here: str
    signed: str
    here_bytes: int
    signed_bytes: int

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both surroundings in three parts: what is the same, the first character that differs, the rest."""
        here, signed = _CHARACTER.findall(self.here), _CHARACTER.findall(self.signed)
        pairs = enumerate(zip(here, signed, strict=False))
        at = next((place for place, (a, b) in pairs if a != b), min(len(here), len(signed)))
        return _side("here", here, at), _side("signed", signed, at)


@dataclass(frozen=True, slots=True)
class Side:
    """One of two texts that are compared."""

    label: str
    same: str
    first: str
    rest: str


_CHARACTER = re.compile(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\.|.", re.DOTALL)
"""A character, or the escape that stands for one."""


def _side(label: str, characters: Sequence[str], at: int) -> Side:
    return Side(
        label, "".join(characters[:at]), "".join(characters[at : at + 1]), "".join(characters[at + 1 :])
    )


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason, proven or possible."""

    code: str
    sentence: str
    fix: str
    proven: bool
    difference: Difference | None


@dataclass(frozen=True, slots=True)
class Step:
    """One candidate that was tried."""

    description: str
    matched: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """Candidates that are alike, none of which gave the digest."""

    label: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Causes:
    """All of a diagnosis. ``first`` is what the tab says above everything else."""

    first: Cause | None
    others: tuple[Cause, ...]
    matches: tuple[Step, ...]
    kinds: tuple[Kind, ...]
    facts: tuple[str, ...]

    @property
    def tried(self) -> int:
        return len(self.matches) + sum(len(kind.steps) for kind in self.kinds)


def read_causes(diagnosis: Mapping[str, Any]) -> Causes:
    """The causes in a *diagnosis* as it is kept."""
    # What is proven says more than what the verdict says itself, which may stand before it.
    causes = sorted((_cause(each) for each in diagnosis["causes"]), key=lambda cause: not cause.proven)
    matches, misses = [], []
    for each in diagnosis["tried"]:
        step = Step(_sentence(each["description"]), each["matched"])
        if step.matched:
            matches.append(step)
        else:
            misses.append((each["code"], step))
    return Causes(
        first=causes[0] if causes else None,
        others=tuple(causes[1:]),
        matches=tuple(matches),
        kinds=tuple(_kinds(misses)),
        facts=tuple(each["sentence"] for each in diagnosis["facts"]),
    )


def _cause(each: Mapping[str, Any]) -> Cause:
    difference = each["difference"]
    return Cause(
        code=each["code"],
        sentence=each["sentence"],
        fix=each["fix"],
        proven=each["matched"],
        difference=None if difference is None else Difference(**difference),
    )


def _kinds(misses: Iterable[tuple[str, Step]]) -> Iterable[Kind]:
    """The candidates by their kind, in the order in which the kinds were tried first."""
    grouped: dict[str, list[Step]] = {}
    for code, step in misses:
        grouped.setdefault(_kind_of(code), []).append(step)
    return [Kind(label, tuple(steps)) for label, steps in grouped.items()]


def _kind_of(code: str) -> str:
    family = code.partition(":")[0]
    while family and family not in KINDS:
        family = family.rpartition("_")[0]
    return KINDS.get(family, OTHER_KIND)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
