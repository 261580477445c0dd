"""The search query of webhook.site: text to a test of requests in its shape.

``content:foo AND (method:PUT OR headers.x-kind:bar) AND NOT size:[1000 TO *]``. Terms side by side must all
hold. Source: the page "Requests" of webhook.site's API documentation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase

from inspector.errors import InvalidInput
from inspector.web.representation import Json
from inspector.web.token_dates import read_date

QUERY_CHARACTERS = 4096
DEPTH = 50

TEXTS = frozenset({"content", "url", "hostname", "note", "user_agent"})
"""Fields in which a word may stand anywhere; so it may in those with a name."""

WORDS = frozenset({"method", "ip", "type", "uuid", "token_id"})
NUMBERS = frozenset({"size", "time", "sorting"})
DATES = frozenset({"created_at", "updated_at"})
NAMED = ("headers", "query", "request")

Meant = Callable[[Json], bool]

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<mark>[()]) | (?P<word>AND|OR|NOT|&&|\|\||!)(?=[\s(]|$) |
    (?:(?P<field>[A-Za-z_][A-Za-z0-9_.-]*):)?
    (?: "(?P<quoted>(?:[^"\\]|\\.)*)" | (?P<range>[\[{][^\]}]*[\]}]) | (?P<bare>[^\s()"]+) )
    )""",
    re.VERBOSE,
)
_RANGE = re.compile(r'([\[{])\s*("[^"]*"|\S+)\s+TO\s+("[^"]*"|\S+)\s*([\]}])')
_COMPARED = re.compile(r"(>=|<=|>|<)(.+)")


def read_query(text: str, now: datetime) -> Meant:
    """The test that *text* is; *now* is what ``now-1h`` counts from. Raises InvalidInput on ``query``."""
    if len(text) > QUERY_CHARACTERS:
        raise InvalidInput.of("query", f"must not be longer than {QUERY_CHARACTERS:,} characters")
    reader = _Reader(text, now)
    meant = reader.any_of(0)
    if reader.token is not None:
        raise InvalidInput.of("query", f"{reader.token[0].strip()!r} does not belong there")
    return meant


class _Reader:
    """A query on its way into a test; ``token`` is what is read next, None at the end."""

    def __init__(self, text: str, now: datetime) -> None:
        self._text = text.rstrip()
        self._now = now
        self._at = 0
        self.token: re.Match[str] | None = None
        self._advance()

    def any_of(self, depth: int) -> Meant:
        tests = [self._all_of(depth)]
        while self._is_word("OR", "||"):
            self._advance()
            tests.append(self._all_of(depth))
        return tests[0] if len(tests) == 1 else lambda request: any(test(request) for test in tests)

    def _all_of(self, depth: int) -> Meant:
        tests = [self._one(depth)]
        while self.token is not None and self.token["mark"] != ")" and not self._is_word("OR", "||"):
            if self._is_word("AND", "&&"):
                self._advance()
            tests.append(self._one(depth))
        return tests[0] if len(tests) == 1 else lambda request: all(test(request) for test in tests)

    def _one(self, depth: int) -> Meant:
        token = self.token
        if token is None or token["mark"] == ")" or depth > DEPTH:
            raise InvalidInput.of("query", "ends where a condition is wanted, or is nested too deeply")
        self._advance()
        if token["word"] in ("NOT", "!"):
            denied = self._one(depth + 1)
            return lambda request: not denied(request)
        if token["word"]:
            raise InvalidInput.of("query", f"a condition is wanted before {token['word']}")
        if token["mark"] is None:
            return _condition(token, self._now)
        inner = self.any_of(depth + 1)
        if self.token is None:
            raise InvalidInput.of("query", "a parenthesis is not closed")
        self._advance()
        return inner

    def _is_word(self, *words: str) -> bool:
        return self.token is not None and self.token["word"] in words

    def _advance(self) -> None:
        if self._at >= len(self._text):
            self.token = None
            return
        self.token = _TOKEN.match(self._text, self._at)
        if self.token is None:
            raise InvalidInput.of("query", f"cannot be read from {self._text[self._at :][:40]!r} on")
        self._at = self.token.end()


def _condition(token: re.Match[str], now: datetime) -> Meant:
    field = token["field"] or "content"
    if field == "_exists_":
        return _exists(token["bare"] or token["quoted"] or "")
    read = _values(field)
    if token["range"] is not None:
        return _range(field, read, token["range"], now)
    quoted = token["quoted"]
    wanted = token["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    compared = _COMPARED.fullmatch(wanted)
    if compared and quoted is None and field in NUMBERS | DATES:
        low, high = (compared[2], "*") if compared[1][0] == ">" else ("*", compared[2])
        ends = "[]" if compared[1].endswith("=") else "{}"
        return _range(field, read, f"{ends[0]}{low} TO {high}{ends[1]}", now)
    test = _text_test(field, wanted, globs=quoted is None)
    return lambda request: any(map(test, read(request)))


def _text_test(field: str, wanted: str, *, globs: bool) -> Callable[[object], bool]:
    folded = wanted.casefold()
    anywhere = field in TEXTS | DATES or "." in field
    if globs and ("*" in wanted or "?" in wanted):
        pattern = folded.replace("[", "[[]")
        pattern = f"*{pattern}*" if anywhere else pattern
        return lambda value: fnmatchcase(str(value).casefold(), pattern)
    if anywhere:
        return lambda value: folded in str(value).casefold()
    return lambda value: folded == str(value).casefold()


def _range(field: str, read: Callable[[Json], list[object]], text: str, now: datetime) -> Meant:
    found = _RANGE.fullmatch(text)
    if found is None or field not in NUMBERS | DATES:
        raise InvalidInput.of("query", f"{field}:{text} is no range of numbers or dates, as in [1 TO *]")
    opening, low_text, high_text, closing = found.groups()
    try:
        low = _bound(field, low_text.strip('"'), now, last=opening == "{")
        high = _bound(field, high_text.strip('"'), now, last=closing == "]")
    except ValueError:
        kind = "numbers" if field in NUMBERS else "dates"
        raise InvalidInput.of("query", f"{field} is compared with {kind}, which {text} is not") from None

    def within(value: object) -> bool:
        number = _number(field, value)
        above = low is None or number > low or (opening == "[" and number == low)
        below = high is None or number < high or (closing == "]" and number == high)
        return above and below

    return lambda request: any(map(within, read(request)))


def _bound(field: str, text: str, now: datetime, *, last: bool) -> float | None:
    if text == "*":
        return None
    number = float(text) if field in NUMBERS else read_date(text, now, last=last).timestamp()
    if math.isnan(number):
        raise ValueError("not a number is no bound")
    return number


def _number(field: str, value: object) -> float:
    text = str(value)
    return float(text) if field in NUMBERS else datetime.fromisoformat(f"{text}+00:00").timestamp()


def _exists(field: str) -> Meant:
    read = _values(field)
    return lambda request: bool(read(request))


def _values(field: str) -> Callable[[Json], list[object]]:
    """How a request's values of *field* are read; none where it has none."""
    kind, _, name = field.partition(".")
    if name and kind in NAMED:
        key = name.lower() if kind == "headers" else name

        def named(request: Json) -> list[object]:
            pairs = request[kind]
            found = pairs.get(key) if isinstance(pairs, dict) else None
            return found if isinstance(found, list) else [] if found is None else [found]

        return named
    if field in TEXTS | WORDS | NUMBERS | DATES:
        return lambda request: [request[field]] if request[field] not in (None, "") else []
    known = ", ".join(sorted(TEXTS | WORDS | NUMBERS | DATES))
    raise InvalidInput.of(
        "query", f"there is no field {field}; there are {known}, headers.NAME, query.NAME, request.NAME"
    )
