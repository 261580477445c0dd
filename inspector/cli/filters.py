"""A filter on the command line: read before anything is asked, so that its fault is shown where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from inspector.cli.configuration import Command
from inspector.cli.terminal import safe_text

SHOWN_CHARACTERS = 60
"""How much of a filter is shown before the place that is wrong, and after it."""


def filter_argument(command: Command) -> Command:
    """Add ``[FILTER]``. Several words are the terms of one filter: ``list status:invalid refund``."""
    return click.argument("wanted", metavar="[FILTER]", nargs=-1, callback=_read)(command)


def filter_option(command: Command) -> Command:
    """Add ``--filter``, for verbs whose arguments are something else."""
    return click.option(
        "--filter", "wanted", metavar="FILTER", callback=_read, help="Those that this filter means."
    )(command)


def _read(
    _context: click.Context, _parameter: click.Parameter, words: Sequence[str] | str | None
) -> str | None:
    return checked_filter(words if isinstance(words, str) else " ".join(words or ()))


def checked_filter(text: str) -> str | None:
    """The filter that was typed, as it will be handed on; None without one. One that says nothing is none."""
    if not text.strip():
        return None
    # Imported here: who gives no filter need not wait for its language.
    from inspector.matching import InvalidFilter, parse

    try:
        parse(text, now=datetime.now(UTC))
    except InvalidFilter as error:
        shown = _pointed_out(text, error.position)
        raise click.ClickException(f"{safe_text(error.sentence)}\n{shown}") from None
    return text


def _pointed_out(text: str, position: int) -> str:
    """*text* around *position*, and in the line below a caret under it."""
    from rich.cells import cell_len

    start, end = max(0, position - SHOWN_CHARACTERS), position + SHOWN_CHARACTERS
    before = ("…" if start else "") + safe_text(text[start:position])
    after = safe_text(text[position:end]) + ("…" if end < len(text) else "")
    return f"  {before}{after}\n  {' ' * cell_len(before)}^"
