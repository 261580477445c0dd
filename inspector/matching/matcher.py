"""Which deliveries are meant, and how far the others are from it: the rule that matches also explains."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from inspector.matching import reading
from inspector.matching.glob import Glob, ascii_lower
from inspector.matching.subject import Subject
from inspector.matching.tree import (
    FOLDED_TEXTS,
    PATHS,
    BodyText,
    Condition,
    Filter,
    Flag,
    Moment,
    Named,
    Number,
    Status,
    Test,
    Text,
    Word,
    iso,
)
from inspector.models import VerificationStatus

SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Check:
    """One condition held against one delivery: what it is about, what was wanted, what was there.

    ``got`` is as received (hostile, that is), cut after 200 characters.
    """

    condition: str
    held: bool
    wanted: str
    got: str


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A delivery that is not meant, with how many conditions it meets and those that it does not."""

    id: int
    held: int
    failed: tuple[Check, ...]


def match(tree: Filter, subject: Subject) -> bool:
    """Whether every condition holds; the body is looked at last, and only if it must be."""
    return all(_holds(condition, subject) for condition in tree.cheapest_first)


def difference(tree: Filter, subject: Subject) -> tuple[Check, ...]:
    """Every condition in the order typed, with whether it holds, what it wants and what the delivery has."""
    return tuple(_check(condition, subject) for condition in tree.conditions)


def nearest(tree: Filter, subjects: Iterable[Subject], limit: int = 3) -> tuple[NearMiss, ...]:
    """Up to *limit* deliveries that do not match, those that meet most conditions first, then the newest."""
    return tuple(heapq.nsmallest(limit, _misses(tree, subjects), key=lambda miss: (-miss.held, -miss.id)))


def _misses(tree: Filter, subjects: Iterable[Subject]) -> Iterable[NearMiss]:
    for subject in subjects:
        checks = difference(tree, subject)
        failed = tuple(check for check in checks if not check.held)
        if failed:
            yield NearMiss(subject.id, len(checks) - len(failed), failed)


def _holds(condition: Condition, subject: Subject) -> bool:
    return passes(condition.test, subject) is not condition.negated


def passes(test: Test, subject: Subject) -> bool:
    """Whether *subject* is what *test* (without its sign) speaks of."""
    match test:
        case Word(text):
            return _place_of(text, subject) is not None
        case BodyText(text):
            return reading.contains(subject.request.body, text)
        case Status(status):
            return subject.status is status
        case Flag(field, wanted):
            return FLAGS[field](subject) is wanted
        case Number(field, low, high):
            number = NUMBERS[field](subject)
            return (low is None or number >= low) and (high is None or number <= high)
        case Moment(field):
            received = subject.request.received_ns
            return received >= test.at_ns if field == "after" else received < test.at_ns
        case Text(field):
            return text_fits(test, TEXTS[field](subject))
        case Named():
            return named_fits(test, _named_texts(test, subject))


def text_fits(test: Text, texts: Iterable[str | None]) -> bool:
    """Whether one of *texts* fits the pattern, in the field's own way of reading it; None is no text."""
    glob, separator = test.glob, "/" if test.field in PATHS else ""
    if test.field not in FOLDED_TEXTS:
        return any(text is not None and glob.fits(text, separator) for text in texts)
    glob = glob.lowered()
    return any(text is not None and glob.fits(ascii_lower(text)) for text in texts)


def content_types(value: str | None) -> tuple[str | None, ...]:
    """What ``content_type:`` may fit: the whole value, or the media type alone."""
    return (None,) if value is None else (value, reading.media_type(value))


def named_fits(test: Named, texts: Iterable[str | None]) -> bool:
    """Whether one of the values found under the name fits; None is a value that is no single text."""
    glob: Glob | None = test.glob
    return any(glob is None or (text is not None and glob.fits(text)) for text in texts)


def json_texts(root: reading.Json, path: tuple[str, ...]) -> list[str | None]:
    """The texts of the JSON values at *path*; None for an object or array."""
    return [reading.json_text(value) for value in reading.json_values(root, path)]


def _named_texts(test: Named, subject: Subject) -> list[str | None]:
    match test.kind:
        case "header":
            return [*reading.header_texts(subject.request.headers, test.path[0])]
        case "query":
            return [*reading.query_texts(subject.request.target, test.path[0])]
        case _:
            return json_texts(subject.json, test.path)


def _place_of(text: str, subject: Subject) -> str | None:
    request = subject.request
    if reading.contains(request.target, text):
        return "in the target"
    if reading.headers_contain(request.headers, text):
        return "in the headers"
    return "in the body" if reading.contains(request.body, text) else None


def _check(condition: Condition, subject: Subject) -> Check:
    test = condition.test
    sign, not_ = ("-", "not ") if condition.negated else ("", "")
    name = "text" if isinstance(test, Word) else test.field
    return Check(sign + name, _holds(condition, subject), not_ + _wanted(test), _cut(_got(test, subject)))


def _wanted(test: Test) -> str:
    match test:
        case Word(text) | BodyText(text):
            return text
        case Status(status):
            return str(status)
        case Flag(_, wanted):
            return _yes_no(wanted)
        case Number():
            return test.range
        case Moment(_, at):
            return iso(at)
        case Text(_, glob):
            return str(glob)
        case Named(_, _, named_glob):
            return "present" if named_glob is None else str(named_glob)


def _got(test: Test, subject: Subject) -> str:
    match test:
        case Word(text):
            return _place_of(text, subject) or "nowhere"
        case BodyText(text):
            return "in the body" if reading.contains(subject.request.body, text) else "not in the body"
        case Status():
            return str(subject.status)
        case Flag(field):
            return _yes_no(FLAGS[field](subject))
        case Number(field):
            return str(NUMBERS[field](subject))
        case Moment():
            return iso(subject.request.received_at)
        case Text(field):
            return next((text for text in TEXTS[field](subject) if text is not None), "none")
        case Named("json", path):
            return _got_json(subject, path)
        case Named("header", (name,)):
            return _listed(map(reading.text_of, reading.header_values(subject.request.headers, name)))
        case Named():
            return _listed(_named_texts(test, subject))


def _got_json(subject: Subject, path: tuple[str, ...]) -> str:
    if subject.json is reading.NOT_JSON:
        return "the body is not JSON"
    values = reading.json_values(subject.json, path)
    return _listed([reading.json_text(value) or _kind(value) for value in values])


def _kind(value: reading.Json) -> str:
    match value:
        case tuple():
            return "an object"
        case list():
            return "an array"
        case _:
            return '""'


def _listed(texts: Iterable[str | None]) -> str:
    return ", ".join(text or '""' for text in dict.fromkeys(texts)) or "absent"


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


FLAGS: dict[str, Callable[[Subject], bool]] = {
    "verified": lambda subject: subject.status is VerificationStatus.VALID,
    "pinned": lambda subject: subject.pinned,
}

NUMBERS: dict[str, Callable[[Subject], int]] = {
    "reply": lambda subject: subject.reply_status,
    "size": lambda subject: len(subject.request.body),
    "id": lambda subject: subject.id,
    "attempt": lambda subject: subject.attempt,
}

TEXTS: dict[str, Callable[[Subject], tuple[str | None, ...]]] = {
    "method": lambda subject: (subject.request.method,),
    "path": lambda subject: reading.readings(subject.request.target),
    "endpoint": lambda subject: (subject.endpoint_path, subject.endpoint_id),
    "scheme": lambda subject: (subject.scheme,),
    "content_type": lambda subject: content_types(subject.request.content_type),
    "message": lambda subject: (subject.message_id,),
}
