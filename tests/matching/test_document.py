"""The users' description of the language: every example in it is read, every refusal is word for word."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.filters import NOON

from inspector.matching import InvalidFilter, parse

DOCUMENT = (Path(__file__).parents[2] / "docs" / "filter.md").read_text("utf-8")


def rows(head: str) -> list[tuple[str, str]]:
    """First cell (without its backticks) and second cell of every table under *head*."""
    found = []
    inside = False
    for line in DOCUMENT.splitlines():
        if line == head:
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and not line.startswith("| ---"):
            example, explanation = line.removeprefix("| ").removesuffix(" |").split(" | ", 1)
            found.append((example.strip("`"), explanation))
    return found


EXAMPLES = rows("| filter | means deliveries |")
REFUSALS = rows("| filter | answer |")


def test_the_document_has_its_examples() -> None:
    assert len(EXAMPLES) > 35
    assert len(REFUSALS) >= 5


@pytest.mark.parametrize("example", [example for example, _ in EXAMPLES])
def test_every_example_is_a_filter(example: str) -> None:
    assert parse(example, now=NOON)


@pytest.mark.parametrize(("example", "answer"), REFUSALS)
def test_every_refusal_is_as_written(example: str, answer: str) -> None:
    with pytest.raises(InvalidFilter) as refused:
        parse(example, now=NOON)
    assert str(refused.value) == answer
