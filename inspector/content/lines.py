"""Bodies that are read line by line: JSON Lines, and the text of an event stream (SSE)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from inspector.content.forms import opened_text
from inspector.content.json_text import parse_json
from inspector.content.json_tree import JsonWindow, json_window

ROWS = 100
ROW_VALUES = 100
ALL_VALUES = 1_500
SHOWN_CHARACTERS = 2_000
GUESS_LINES = 20

_LINE_END = re.compile(r"\r\n|\n|\r")
_BLOCK_END = re.compile(r"(?>\r\n|\n|\r)(?:\r\n|\n|\r)++")


@dataclass(frozen=True, slots=True)
class JsonRow:
    """One line that is JSON, or should be. ``number`` is the line's, from 1."""

    number: int
    window: JsonWindow


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A window of lines of JSON, of ``total`` that are not blank; ``next_line`` is None at the end."""

    rows: tuple[JsonRow, ...]
    total: int
    next_line: int | None

    @property
    def state(self) -> str:
        return "parsed" if all(row.window.state == "parsed" for row in self.rows) else "invalid"


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of an event stream: its fields as sent, and what they amount to (WHATWG HTML 9.2)."""

    number: int
    fields: tuple[tuple[str, str], ...]
    opened: JsonWindow | None = None

    @property
    def event(self) -> str:
        return self._last("event") or "message"

    @property
    def id(self) -> str | None:
        return self._last("id")

    @property
    def data(self) -> str:
        return "\n".join(value for name, value in self.fields if name == "data")

    @property
    def comments(self) -> tuple[str, ...]:
        return tuple(value for name, value in self.fields if not name)

    def _last(self, wanted: str) -> str | None:
        return next((value for name, value in reversed(self.fields) if name == wanted), None)


@dataclass(frozen=True, slots=True)
class StreamEvents:
    """A window of events. ``ended`` is false when the last one lacks the blank line that ends it."""

    events: tuple[StreamEvent, ...]
    next_event: int | None
    ended: bool


def read_json_lines(text: str, first_line: int = 1) -> JsonLines:
    """The lines of *text* from *first_line* on, 100 at most.

    Blank lines are skipped, as readers of JSON Lines do. A record separator in front of a line (RFC 7464)
    is taken as part of the line's end.
    """
    lines = _LINE_END.split(text)
    rows: list[JsonRow] = []
    left = ALL_VALUES
    for number, line in enumerate(lines[first_line - 1 :], first_line):
        content = line.lstrip("\x1e")
        if not content or content.isspace():
            continue
        if len(rows) == ROWS or left <= 0:
            return JsonLines(tuple(rows), _count(lines), number)
        window = json_window(parse_json(content), values=min(ROW_VALUES, left))
        left -= max(1, len(window.lines))
        rows.append(JsonRow(number, window))
    return JsonLines(tuple(rows), _count(lines), None)


def json_line(text: str, number: int) -> str | None:
    """Line *number* of *text*, from 1."""
    lines = _LINE_END.split(text)
    return lines[number - 1].lstrip("\x1e") if 0 < number <= len(lines) else None


def looks_like_json_lines(text: str) -> bool:
    """Whether *text* has two lines or more, and the first ones are each a JSON object or array."""
    end = -1
    count = 0
    while count < GUESS_LINES and end < len(text):
        start, end = end + 1, text.find("\n", end + 1)
        end = len(text) if end < 0 else end
        line = text[start:end].strip("\x1e\r\t ")
        if not line:
            continue
        if line[0] not in "{[" or not parse_json(line).readable:
            return False
        count += 1
    return count > 1


def read_events(text: str, first_event: int = 1) -> StreamEvents:
    """The events in *text* from number *first_event* on, 100 at most."""
    events: list[StreamEvent] = []
    for number, block in enumerate(_blocks(text), 1):
        if number < first_event:
            continue
        if len(events) == ROWS:
            return StreamEvents(tuple(events), number, ended=True)
        event = StreamEvent(number, tuple(map(_field, _LINE_END.split(block))))
        events.append(replace(event, opened=opened_text(event.data)))
    ended = text.endswith(("\n\n", "\r\r", "\n\r\n")) or not text.strip()
    return StreamEvents(tuple(events), None, ended)


def _blocks(text: str) -> Iterator[str]:
    position = 0
    for match in _BLOCK_END.finditer(text):
        if block := text[position : match.start()].strip("\r\n"):
            yield block
        position = match.end()
    if block := text[position:].strip("\r\n"):
        yield block


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.removeprefix(" ")


def _count(lines: list[str]) -> int:
    return sum(1 for line in lines if line.strip("\x1e\t\r "))
