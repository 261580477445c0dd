"""The grammar of JSON (RFC 8259) as regular expressions that read a whole member or item at a time.

All repetitions are possessive: no input makes them backtrack. ``NaN`` and ``Infinity`` are read too;
whoever uses these patterns has to say that they are not JSON.
"""

from __future__ import annotations

import re

_SPACE = r"[ \t\n\r]*+"
_STRING = r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+"
_EMPTY = rf"\{{{_SPACE}\}}|\[{_SPACE}\]"
_SCALAR = f"{_STRING}|{_NUMBER}|true|false|null|{_EMPTY}|NaN|-?Infinity"

SPACE = re.compile(_SPACE).match
STRING = re.compile(_STRING).match
SCALAR = re.compile(_SCALAR).match

MEMBER = re.compile(
    rf"{_SPACE}({_STRING}){_SPACE}:{_SPACE}(?:({_SCALAR}){_SPACE}([,}}])|(?!{_EMPTY})([\[{{]))"
).match
"""In an object: the key, then a value without contents and what follows it, or an opening bracket."""

ITEM = re.compile(rf"{_SPACE}(?:({_SCALAR}){_SPACE}([,\]])|(?!{_EMPTY})([\[{{]))").match
"""In an array: a value without contents and what follows it, or an opening bracket."""

AFTER = re.compile(rf"{_SPACE}([,\]}}])").match
"""What follows a value."""

TOP = re.compile(rf"{_SPACE}(?:({_SCALAR}){_SPACE}|(?!{_EMPTY})([\[{{]))").match
"""The top value: one without contents, or an opening bracket."""


def skip_space(source: str, position: int) -> int:
    """Where the next token begins."""
    match = SPACE(source, position)
    return position if match is None else match.end()
