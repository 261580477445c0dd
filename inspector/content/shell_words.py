"""A shell command taken apart into words, as bash reads it, without running anything.

Quotes, escapes, ``$'…'`` and variables are understood. What would run something else, a substitution or a
pipe, is InvalidInput: what it gives cannot be known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from inspector.errors import InvalidInput

_VARIABLE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::[?-][^}]*)?\})")
_ANSI = re.compile(
    r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|(.))", re.DOTALL
)
_ANSI_LETTERS = {
    "n": b"\n",
    "r": b"\r",
    "t": b"\t",
    "a": b"\a",
    "b": b"\b",
    "e": b"\x1b",
    "E": b"\x1b",
    "f": b"\f",
    "v": b"\v",
}
_RUNS_MORE = {
    "|": "a pipe",
    "&": "a second command",
    ";": "a second command",
    "<": "a redirection",
    ">": "a redirection",
    "(": "a subshell",
    ")": "a subshell",
    "`": "a command substitution",
}


def shell_words(text: str, variables: Mapping[str, str]) -> list[bytes]:
    """The words of the command *text*, ``$NAME`` read from *variables*. Raises InvalidInput on ``curl``."""
    return _Words(text.strip(), variables).read()


class _Words:
    """A command being read from the left."""

    def __init__(self, text: str, variables: Mapping[str, str]) -> None:
        self._text = text
        self._variables = variables
        self._at = 0
        self._words: list[bytes] = []
        self._word: bytearray | None = None

    def read(self) -> list[bytes]:
        while self._at < len(self._text):
            self._step(self._text[self._at])
        self._end_word()
        return self._words

    def _step(self, character: str) -> None:
        text, at = self._text, self._at
        if text.startswith(("\\\n", "\\\r\n"), at):
            self._at += 2 + (text[at + 1] == "\r")
        elif character in " \t":
            self._at += 1
            self._end_word()
        elif character in "\r\n":
            if text[at:].strip():
                raise _refusal("a second line; a command that goes on ends its lines with \\")
            self._at = len(text)
        elif character == "\\":
            self._add(text[at + 1 : at + 2])
            self._at += 2
        elif character == "'":
            self._add(self._until("'", at + 1))
        elif text.startswith("$'", at):
            self._ansi()
        elif character == '"' or text.startswith('$"', at):
            self._double(at + 1 + (character == "$"))
        elif character == "$":
            self._variable()
        elif character == "#" and self._word is None:
            self._at = text.find("\n", at) if "\n" in text[at:] else len(text)
        elif character in _RUNS_MORE:
            raise _refusal(f"{_RUNS_MORE[character]} ({character})")
        else:
            self._add(character)
            self._at += 1

    def _add(self, text: str | bytes) -> None:
        if self._word is None:
            self._word = bytearray()
        self._word += text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text

    def _end_word(self) -> None:
        if self._word is not None:
            self._words.append(bytes(self._word))
            self._word = None

    def _until(self, quote: str, start: int) -> str:
        end = self._text.find(quote, start)
        if end < 0:
            raise InvalidInput.of("curl", f"a quote ({quote}) is not closed")
        self._at = end + 1
        return self._text[start:end]

    def _ansi(self) -> None:
        """``$'…'``: escapes as in C."""
        start = end = self._at + 2
        while end < len(self._text) and self._text[end] != "'":
            end += 2 if self._text[end] == "\\" else 1
        if end >= len(self._text):
            raise InvalidInput.of("curl", "a quote ($') is not closed")
        self._add(b"")
        at = start
        for escape in _ANSI.finditer(self._text, start, end):
            self._add(self._text[at : escape.start()])
            self._add(_unescaped(escape))
            at = escape.end()
        self._add(self._text[at:end])
        self._at = end + 1

    def _double(self, start: int) -> None:
        self._add(b"")
        self._at = start
        while True:
            if self._at >= len(self._text):
                raise InvalidInput.of("curl", 'a quote (") is not closed')
            character = self._text[self._at]
            if character == '"':
                self._at += 1
                return
            if character == "\\" and self._text[self._at + 1 : self._at + 2] in ('"', "\\", "$", "`", "\n"):
                following = self._text[self._at + 1]
                self._add("" if following == "\n" else following)
                self._at += 2
            elif character == "$":
                self._variable()
            elif character == "`":
                raise _refusal("a command substitution (`)")
            else:
                self._add(character)
                self._at += 1

    def _variable(self) -> None:
        if self._text.startswith("$(", self._at):
            raise _refusal("a command substitution ($()")
        found = _VARIABLE.match(self._text, self._at)
        if found is None:
            self._add("$")
            self._at += 1
            return
        name = found[1] or found[2]
        if name not in self._variables:
            raise InvalidInput.of("curl", f"the environment has no {name}, which the command reads")
        self._add(self._variables[name])
        self._at = found.end()


def _unescaped(escape: re.Match[str]) -> bytes:
    octal, hexadecimal, short, long, letter = escape.groups()
    if octal or hexadecimal:
        return bytes([int(octal, 8) & 0xFF if octal else int(hexadecimal, 16)])
    if short or long:
        code = int(short or long, 16)
        return chr(code).encode("utf-8", "surrogatepass") if code <= 0x10FFFF else escape[0].encode()
    return _ANSI_LETTERS.get(letter) or letter.encode("utf-8", "surrogateescape")


def _refusal(what: str) -> InvalidInput:
    return InvalidInput.of("curl", f"the command has {what}: give the curl command alone")
