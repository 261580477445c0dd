"""Captured text on its way into a page: escaped, with a small box for everything that does not show."""

from __future__ import annotations

from itertools import groupby

from markupsafe import Markup, escape

from inspector.content.visible import pieces

BOX = Markup('<span class="sign">{}</span>')

LONGEST_RUN = 8
"""A longer run of the same hidden character is one box with a count: zeros can be a whole body."""


def captured(marked: str, *, line_ends: bool = False) -> Markup:
    """*marked* as text of a page. The only markup in it is ours: boxes with the names of what is hidden."""
    if marked.isascii() and marked.isprintable():
        return escape(marked)
    parts: list[Markup] = []
    for name, run in groupby(pieces(marked, line_ends=line_ends), key=lambda piece: piece.name):
        if not name:
            parts.extend(escape(piece.text) for piece in run)
        elif (count := sum(1 for _ in run)) > LONGEST_RUN:
            parts.append(BOX.format(f"{name} {count:,} times"))
        else:
            parts.append(BOX.format(name) * count)
    return Markup("").join(parts)
