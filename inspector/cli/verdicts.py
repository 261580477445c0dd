"""How a verdict and its diagnosis look in a terminal. Every captured value passes ``safe_text``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspector.cli.rows import status_word, styled
from inspector.cli.terminal import console, counted
from inspector.client import Json
from inspector.content.raw_bodies import RECIPES

BODY_CAUSES = ("body", "unknown", "json", "encoding")
"""Beginnings of causes that may lie in how the receiver reads the body."""

SHOWN_FACTS = 12


def print_outcome(
    verification: Json, diagnosis: Mapping[str, Any] | None, working: Mapping[str, Any] | None
) -> None:
    """Print a verdict; with *diagnosis* why it fails, with *working* what was compared."""
    from rich.text import Text

    show = console()
    show.print(
        Text.assemble(status_word(verification["status"]), "  ", styled(verification["reason"])),
        soft_wrap=True,
    )
    show.print(styled(", ".join(_basis(verification)), "dim"), soft_wrap=True)
    for warning in verification["warnings"]:
        show.print(styled(f"Warning: {warning}", "yellow"), soft_wrap=True)
    if working is not None:
        _print_working(working)
    if diagnosis is not None:
        _print_diagnosis(diagnosis)
        if str(diagnosis["cause"]).startswith(BODY_CAUSES):
            _print_recipes()


def _basis(verification: Json) -> list[str]:
    facts = [f"scheme {verification['scheme']}"]
    if verification["secret"] is not None:
        facts.append(f"secret {verification['secret']}")
    facts.append(f"signature {verification['signature'].replace('_', ' ')}")
    age = verification["age_seconds"]
    if age is None:
        facts.append(f"timestamp {verification['timestamp'].replace('_', ' ')}")
    else:
        facts.append(
            f"timestamp {verification['timestamp']}, {abs(age):,} s {'old' if age >= 0 else 'ahead'}"
        )
    return facts


def _print_working(working: Mapping[str, Any]) -> None:
    show = console()
    if working["description"]:
        show.print(styled(f"Signed    {working['description']}"), soft_wrap=True)
    for label in ("received", "expected"):
        for digest in working[label]:
            show.print(styled(f"{label.capitalize():10}{digest}"), soft_wrap=True)


def _print_diagnosis(diagnosis: Mapping[str, Any]) -> None:
    show = console()
    for number, cause in enumerate(diagnosis["causes"]):
        label = "Why" if number == 0 else "Also"
        proven = " (proven: so changed, the digest is the one that came)" if cause["matched"] else ""
        show.print(
            styled(f"{label}: {cause['sentence']}{proven}", "bold" if number == 0 else ""), soft_wrap=True
        )
        if cause["fix"]:
            show.print(styled(f"  Fix: {cause['fix']}"), soft_wrap=True)
        difference = cause.get("difference")
        if difference is not None:
            where = f"  The {difference['of']} differs from byte {difference['offset'] + 1:,} on:"
            show.print(styled(where), soft_wrap=True)
            show.print(styled(f"    signed  {difference['signed']}"), soft_wrap=True)
            show.print(styled(f"    here    {difference['here']}"), soft_wrap=True)
    tried = diagnosis["tried"]
    if tried:
        matched = sum(bool(each["matched"]) for each in tried)
        what = counted(len(tried), "candidate was", "candidates were")
        show.print(styled(f"{what} tried; {matched or 'none'} gave the digest.", "dim"), soft_wrap=True)
    for fact in diagnosis["facts"][:SHOWN_FACTS]:
        show.print(styled(f"- {fact['sentence']}"), soft_wrap=True)


def _print_recipes() -> None:
    show = console()
    show.print(styled("A signature covers the raw bytes of the body. They are read by:", "bold"))
    for recipe in RECIPES:
        show.print(styled(f"  {recipe.framework}: {recipe.mistake}"), soft_wrap=True)
        for line in recipe.lines:
            show.print(styled(f"    {line}"), soft_wrap=True)
