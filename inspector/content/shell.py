"""Bytes quoted for a shell, so that a copied command means exactly these bytes in bash, zsh and ksh."""

from __future__ import annotations

import re

from inspector.content.masking import Hidden, Value, joined

_SAFE_WORD = re.compile(r"[A-Za-z0-9_./:=@%+,-]+")
_ESCAPES = {0x5C: "\\\\", 0x27: "\\'", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}


def quote(data: bytes) -> str:
    """*data* as one word of a command. It must hold no NUL, which no argument can.

    Text that shows stands in plain single quotes; anything else in ``$'…'`` with octal escapes, which end
    after three digits in every shell, whatever follows.
    """
    if b"\0" in data:
        message = "an argument cannot hold NUL"
        raise ValueError(message)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _escaped(data)
    if _SAFE_WORD.fullmatch(text):
        return text
    if all(character.isprintable() or character == "\n" for character in text):
        return "'" + text.replace("'", "'\\''") + "'"
    return _escaped(data)


def quote_value(value: Value, before: bytes = b"") -> str:
    """*before* and *value* as one word; what is hidden is read from its variable, and missing is an error."""
    words = []
    for piece in joined((before, *value)):
        if isinstance(piece, Hidden):
            words.append(f'"${{{piece.variable}:?}}"')
        elif piece:
            words.append(quote(piece))
    return "".join(words) or "''"


def _escaped(data: bytes) -> str:
    """*data* in ``$'…'``: printable text as it is, all else as octal escapes."""
    pieces = []
    for character in data.decode("utf-8", "surrogateescape"):
        code = ord(character)
        if code in _ESCAPES:
            pieces.append(_ESCAPES[code])
        elif character.isprintable():
            pieces.append(character)
        else:
            raw = character.encode("utf-8", "surrogateescape")
            pieces.append("".join(f"\\{byte:03o}" for byte in raw))
    return "$'" + "".join(pieces) + "'"
