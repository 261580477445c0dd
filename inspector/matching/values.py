"""What each field takes: from the value typed to a test, or to a sentence that says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from inspector.matching.glob import ascii_lower
from inspector.matching.invalid import InvalidFilter, place, shown, unknown
from inspector.matching.scanner import Term, Value
from inspector.matching.tree import (
    EPOCH,
    NAMED,
    BodyText,
    Flag,
    Moment,
    Named,
    Number,
    Status,
    Test,
    Text,
    Word,
)
from inspector.models import VerificationStatus

# Times are kept in nanoseconds in 63 bits, which end here.
LAST_MOMENT = datetime(2262, 4, 11, tzinfo=UTC)

DIGITS = 18
"""So many digits fit into the 63 bits of a stored number."""

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}

BYTES = {
    "": 1,
    "b": 1,
    "k": 1000,
    "kb": 1000,
    "m": 1000**2,
    "mb": 1000**2,
    "g": 1000**3,
    "gb": 1000**3,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
}

YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads one field's value. ``example`` is a value that it takes."""

    read: Callable[[str, Value, datetime], Test]
    example: str


def read_test(term: Term, now: datetime) -> Test:
    """The test that *term* states; InvalidFilter when its field is unknown or its value cannot be read."""
    if term.field is None:
        assert term.value is not None
        return Word(term.value.text)
    if term.path:
        name = (ascii_lower(term.path[0]),) if term.field == "header" else term.path
        if term.value is None:
            return Named(term.field, name)
        return Named(term.field, name, _present(term, "NAME", term.value).glob)
    field = term.field.lower()
    value = term.value
    assert value is not None
    if field in NAMED:
        sentence = (
            f"{field} {place(term.position)} needs a name: {field}.NAME:{shown(value.text) or 'VALUE'}."
        )
        raise InvalidFilter(sentence, term.position)
    reader = READERS.get(field)
    if reader is None:
        _, dot, rest = field.partition(".")
        known = [f"{kind}.{rest}" for kind in NAMED] if dot else list(READERS)
        otherwise = "To search for the text itself, put it in quotes."
        raise unknown("key", term.field, term.position, known, otherwise)
    return reader.read(field, _present(term, reader.example, value), now)


def _present(term: Term, example: str, value: Value) -> Value:
    # An empty value can be meant, but then it is written as one: `status:` is somebody still typing.
    if not value.text and term.end == value.position:
        example = '"" (empty)' if term.path else example
        sentence = f"{term.field} {place(term.position)} needs a value after the colon, such as {example}."
        raise InvalidFilter(sentence, value.position)
    return value


def _status(_field: str, value: Value, _now: datetime) -> Test:
    words = [str(status) for status in VerificationStatus]
    word = value.text.lower()
    if word not in words:
        raise unknown("status", value.text, value.position, words, f"It is one of {', '.join(words)}.")
    return Status(VerificationStatus(word))


def _flag(field: str, value: Value, _now: datetime) -> Test:
    wanted = YES_NO.get(value.text.lower())
    if wanted is None:
        raise unknown(f"word for {field}", value.text, value.position, YES_NO, "It is yes or no.")
    return Flag(field, wanted)


def _text(field: str, value: Value, _now: datetime) -> Test:
    return Text(field, value.glob)


def _body(_field: str, value: Value, _now: datetime) -> Test:
    return BodyText(value.text)


def _number(field: str, value: Value, _now: datetime) -> Test:
    low, high = _bounds(field, value)
    if low is not None and high is not None and low > high:
        raise InvalidFilter(
            f"The range {shown(value.text)} {place(value.position)} is empty.", value.position
        )
    return Number(field, low, high)


def _bounds(field: str, value: Value) -> tuple[int | None, int | None]:
    text = value.text.lower()
    if field == "reply" and len(text) == 3 and text[1:] == "xx" and text[0] in "123456789":
        return int(text[0]) * 100, int(text[0]) * 100 + 99
    first, dots, last = text.partition("..")
    if dots and (first or last):
        return (_whole(field, first, value) if first else None), (
            _whole(field, last, value) if last else None
        )
    sign = next((sign for sign in (">=", "<=", ">", "<", "=") if text.startswith(sign)), "")
    number = _whole(field, text.removeprefix(sign), value)
    match sign:
        case ">=":
            return number, None
        case ">":
            return number + 1, None
        case "<=":
            return None, number
        case "<":
            return None, number - 1
        case _:
            return number, number


def _whole(field: str, text: str, value: Value) -> int:
    """A whole number, for ``size`` also with a unit and a fraction that comes out whole."""
    number = text.rstrip("bgikm") if field == "size" else text
    whole, point, fraction = number.partition(".")
    digits = whole + fraction
    unit = BYTES.get(text[len(number) :])
    understood = (
        digits.isascii()
        and digits.isdecimal()
        and bool(whole)
        and len(digits) <= DIGITS
        and unit is not None
        and bool(fraction) == bool(point)
        and (field == "size" or not point)
    )
    if understood and unit is not None:
        scale: int = 10 ** len(fraction)
        result, rest = divmod(int(digits) * unit, scale)
        if not rest and len(str(result)) <= DIGITS:
            return result
    wanted = READERS[field].example
    raise InvalidFilter(
        f"Cannot read {shown(value.text)} {place(value.position)} as {NUMBERS[field]}, such as {wanted}.",
        value.position,
    )


def _moment(field: str, value: Value, now: datetime) -> Test:
    text = value.text
    amount, unit = text[:-1], SECONDS.get(text[-1:].lower())
    if unit is not None and amount.isascii() and amount.isdecimal():
        seconds = int(amount[:DIGITS]) * unit
        since_epoch = (now - EPOCH) // timedelta(seconds=1)
        return Moment(field, EPOCH if seconds >= since_epoch else now - timedelta(seconds=seconds))
    try:
        at = datetime.fromisoformat(text.upper())
    except ValueError:
        sentence = (
            f"Cannot read {shown(text)} {place(value.position)} as a time: "
            "write 2025-11-25, 2025-11-25T09:30Z or how long ago it is (30s, 10m, 2h, 3d)."
        )
        raise InvalidFilter(sentence, value.position) from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return Moment(field, min(max(at, EPOCH), LAST_MOMENT).astimezone(UTC))


NUMBERS = {
    "reply": "a reply status",
    "size": "a number of bytes",
    "id": "an id",
    "attempt": "a number of an attempt",
}

READERS = {
    "status": Reader(_status, "invalid"),
    "verified": Reader(_flag, "yes"),
    "reply": Reader(_number, "401 or 4xx"),
    "method": Reader(_text, "POST"),
    "path": Reader(_text, "/agents/**"),
    "endpoint": Reader(_text, "/agents"),
    "scheme": Reader(_text, "blaxel"),
    "content_type": Reader(_text, "application/json"),
    "body": Reader(_body, "refund"),
    "size": Reader(_number, ">1k"),
    "after": Reader(_moment, "10m"),
    "before": Reader(_moment, "2h"),
    "id": Reader(_number, ">100"),
    "message": Reader(_text, "msg_1"),
    "attempt": Reader(_number, ">1"),
    "pinned": Reader(_flag, "yes"),
}
