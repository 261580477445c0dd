"""What reaches the terminal: the one escape function for captured text, colours, and pipes that close early.

Captured text is written by strangers. A terminal obeys control characters in it (clear the screen, write to
the clipboard, forge a line), and bidirectional or invisible characters make it read as something else. So
every value that came over the wire goes through ``safe_text`` first, and machine output through
``json_text``.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import unicodedata
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, formats (bidirectional, zero-width), lone surrogates, line and paragraph separators."""

PIPE_COLUMNS = 1_000_000
"""The width of what is not a terminal: nothing is cut or wrapped for it."""


class _Visible(dict[int, str]):
    """A translation table that is filled as characters are met: the unseen ones become their escapes."""

    def __missing__(self, codepoint: int) -> str:
        character = chr(codepoint)
        if unicodedata.category(character) in UNSEEN_CATEGORIES:
            character = character.encode("unicode_escape", "surrogatepass").decode("ascii")
        self[codepoint] = character
        return character


_ONE_LINE = _Visible()
_MANY_LINES = _Visible({ord("\n"): "\n", ord("\t"): "\t"})


def safe_text(text: str, *, lines: bool = False) -> str:
    r"""*text* with everything unseen made visible, as ``\x1b`` or ``\u202e``.

    With *lines* line feeds and tabs stay as they are, for a body; a value that must not leave its line has
    none. Backslashes stay single, so that JSON stays readable: a text that spells out an escape looks like
    one.
    """
    return text.translate(_MANY_LINES if lines else _ONE_LINE)


def json_text(value: object, *, indent: int | None = None) -> str:
    """*value* as JSON that holds printable ASCII only (and line feeds with *indent*)."""
    return json.dumps(value, indent=indent).replace("\x7f", r"\u007f")


def note(message: str) -> None:
    """Tell the user something that is not data, on stderr."""
    click.echo(safe_text(message), err=True)


def counted(number: int, noun: str = "delivery", plural: str = "deliveries") -> str:
    """*number* with the noun that fits it."""
    return f"{number:,} {noun if number == 1 else plural}"


@functools.cache
def console() -> Console:
    """The console for human output: colours on a terminal without ``NO_COLOR``, no markup in values."""
    from rich.console import Console

    class PipedConsole(Console):
        """A console that leaves closed pipes to the command, which knows the exit code."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return PipedConsole(
        markup=False,
        highlight=False,
        emoji=False,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        width=None if sys.stdout.isatty() else PIPE_COLUMNS,
    )


def prepare_streams() -> None:
    """Let a terminal that cannot show a character show its escape, instead of ending in an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")


def abandon_stdout() -> None:
    """Give up on a reader that has gone (``| head``): what is buffered goes nowhere, without complaint."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
