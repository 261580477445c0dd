"""The keywords that say which callbacks are meant, each made into checks that also explain.

The same check matches and tells what was wanted and what came, so the two cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypedDict

from inspector.matching import Check
from inspector.matching.glob import Glob, Wild
from inspector.matching.matcher import content_types
from inspector.matching.reading import readings, text_of
from inspector.models import SignatureState, TimestampState, Verification, VerificationStatus
from inspector.testing.delivery import NO_JSON, Delivery
from inspector.testing.pairs import Pairs
from inspector.testing.plain import plain, plain_bytes, plain_value
from inspector.testing.values import Anything, Text, at, compare, fits


class Conditions(TypedDict, total=False):
    """What a callback has to be; everything that is given has to hold.

    Texts are literals, compiled patterns (searched), callables that are asked, or ``ANY``.
    """

    method: Text
    """In any letter case."""
    path: Text
    """A glob (``*`` ends at a slash, ``**`` does not) over what follows the endpoint's URL, or all of it."""
    header: Mapping[str, Text | None]
    """By name in any letter case; one of several values is enough. None: absent. So for the next two."""
    query: Mapping[str, Text | None]
    form: Mapping[str, Text | None]
    json: object
    """A subset: objects may have more members, arrays are whole, strings that hold JSON are looked into."""
    json_equal: object
    """The whole document."""
    json_path: Mapping[str | tuple[str, ...], object]
    """By the way there: ``"items.0.id"``, or a tuple where a name has a dot."""
    body: bytes | str | re.Pattern[bytes] | re.Pattern[str] | Callable[[bytes], object]
    """The exact bytes, or as text its decoded content."""
    content_type: Text
    """A glob over the media type, or the whole header."""
    verified: bool | Text
    """Whether the signature is valid; or a word of the verdict, such as ``expired`` or ``mismatch``; or what
    stands in its reason, as text or a pattern."""
    attempt: int | Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is wanted: ``text`` says it in short, ``checks`` hold a delivery against it.

    ``verdict`` is a filter that every delivery meets for which a condition on the verdict holds; empty where
    no filter can say it.
    """

    text: str
    checks: Callable[[Delivery], Sequence[Check]]
    about_verdict: bool = False
    verdict: str = ""


def conditions_of(keywords: Mapping[str, object]) -> Iterator[Condition]:
    """The conditions that *keywords* state. Raises TypeError for an unknown one or a value it cannot take."""
    for name, wanted in keywords.items():
        make = KEYWORDS.get(name)
        if make is None:
            near = get_close_matches(name, KEYWORDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(KEYWORDS)}"
            raise TypeError(f"unknown keyword {name!r} for a callback; {hint}")
        yield from make(name, wanted)


def _single(
    name: str, wanted: object, held: Callable[[Delivery], bool], got: Callable[[Delivery], str]
) -> Condition:
    shown = plain_value(wanted)
    return Condition(f"{name} {shown}", lambda delivery: (Check(name, held(delivery), shown, got(delivery)),))


def _method(name: str, wanted: object) -> Iterator[Condition]:
    wanted = wanted.upper() if isinstance(wanted, str) else wanted
    _need_text(name, wanted)
    yield _single(name, wanted, lambda d: fits(wanted, d.method), lambda d: plain_value(d.method))


def _path(name: str, wanted: object) -> Iterator[Condition]:
    _need_text(name, wanted)
    rule = _glob_rule(wanted, "/")

    def held(delivery: Delivery) -> bool:
        return any(
            rule(text)
            for each in (delivery.subpath, delivery.path)
            for text in readings(each.encode("latin-1"))
        )

    yield _single(name, wanted, held, lambda d: plain_value(text_of(d.subpath.encode("latin-1"))))


def _content_type(name: str, wanted: object) -> Iterator[Condition]:
    _need_text(name, wanted)
    rule = _glob_rule(wanted.lower() if isinstance(wanted, str) else wanted)

    def held(delivery: Delivery) -> bool:
        given = delivery.content_type
        return any(rule(text) for text in content_types(given and given.lower()) if text is not None)

    yield _single(
        name, wanted, held, lambda d: "absent" if d.content_type is None else plain_value(d.content_type)
    )


def _pairs(read: Callable[[Delivery], Pairs]) -> Callable[[str, object], Iterator[Condition]]:
    def conditions(name: str, wanted: object) -> Iterator[Condition]:
        for key, value in _need_mapping(name, wanted).items():
            if value is not None:
                _need_text(f"{name}[{key!r}]", value)
            yield _one_of(read, key, f"{name}.{key}", value)

    return conditions


def _one_of(read: Callable[[Delivery], Pairs], key: str, name: str, wanted: object) -> Condition:
    text = "absent" if wanted is None else plain_value(wanted)

    def checks(delivery: Delivery) -> tuple[Check, ...]:
        values = read(delivery).get_all(key)
        held = not values if wanted is None else any(fits(wanted, value) for value in values)
        got = plain(", ".join(map(plain_value, values))) or "absent"
        return (Check(plain(name), held, text, got),)

    return Condition(f"{plain(name)} {text}", checks)


def _json(name: str, wanted: object) -> Iterator[Condition]:
    yield _json_condition(name, wanted, (), exact=name == "json_equal")


def _json_path(name: str, wanted: object) -> Iterator[Condition]:
    for key, value in _need_mapping(name, wanted).items():
        steps = key if isinstance(key, tuple) else tuple(key.split("."))
        yield _json_condition(plain(".".join(("json", *steps))), value, steps, exact=False)


def _json_condition(name: str, wanted: object, steps: tuple[str, ...], *, exact: bool) -> Condition:
    def checks(delivery: Delivery) -> tuple[Check, ...]:
        if delivery.document is NO_JSON:
            return (Check(name, False, plain_value(wanted), "the body is not JSON"),)
        return tuple(compare(wanted, at(delivery.document, steps), name, exact=exact))

    return Condition(f"{name} {plain_value(wanted)}", checks)


def _body(name: str, wanted: object) -> Iterator[Condition]:
    textual = isinstance(wanted, str) or (isinstance(wanted, re.Pattern) and isinstance(wanted.pattern, str))
    if not textual and not isinstance(wanted, bytes | bytearray | re.Pattern) and not callable(wanted):
        raise TypeError(f"{name} must be bytes, text, a pattern or a callable, not {wanted!r}")
    yield _single(
        name,
        wanted,
        lambda delivery: fits(wanted, delivery.text if textual else delivery.body),
        lambda delivery: _shown_body(delivery, textual=textual),
    )


def _shown_body(delivery: Delivery, *, textual: bool) -> str:
    return (
        plain_value(delivery.text) if textual and delivery.text.isprintable() else plain_bytes(delivery.body)
    )


def _is_verdict(wanted: str, verdict: Verification) -> bool:
    """Whether *wanted* is the status, else what is known of the signature or the time, else the cause, or
    stands in the reason. The first of these that has such a word decides: a time can be ``missing`` too."""
    if wanted in set(VerificationStatus):
        return wanted == verdict.status
    if wanted in set(SignatureState):
        return wanted == verdict.signature
    if wanted in set(TimestampState):
        return wanted == verdict.timestamp
    return wanted == verdict.cause or wanted in verdict.reason


def _verified(name: str, wanted: object) -> Iterator[Condition]:
    if not isinstance(wanted, bool):
        _need_text(name, wanted)

    def held(delivery: Delivery) -> bool:
        verdict = delivery.verification
        if isinstance(wanted, bool):
            return bool(verdict) is wanted
        return _is_verdict(wanted, verdict) if isinstance(wanted, str) else fits(wanted, verdict.reason)

    text = ("yes" if wanted else "no") if isinstance(wanted, bool) else plain_value(wanted)
    yield Condition(
        "verified" if wanted is True else f"{name} {text}",
        lambda delivery: (Check(name, held(delivery), text, verdict_text(delivery)),),
        about_verdict=True,
        verdict=_verdict_filter(wanted),
    )


def _verdict_filter(wanted: object) -> str:
    if isinstance(wanted, bool):
        return f"verified:{'yes' if wanted else 'no'}"
    return f"status:{wanted}" if isinstance(wanted, str) and wanted in set(VerificationStatus) else ""


def verdict_text(delivery: Delivery) -> str:
    """The verdict in one line: its status, and the reason unless it is valid."""
    verdict = delivery.verification
    if verdict.status is VerificationStatus.VALID:
        return str(verdict.status)
    return plain(f"{verdict.status}: {verdict.reason}", 400)


def _attempt(name: str, wanted: object) -> Iterator[Condition]:
    if isinstance(wanted, bool) or not (isinstance(wanted, int) or callable(wanted)):
        raise TypeError(f"{name} must be a whole number or a callable, not {wanted!r}")
    yield _single(name, wanted, lambda d: fits(wanted, d.attempt), lambda d: str(d.attempt))


def _glob_rule(wanted: object, separator: str = "") -> Callable[[str], bool]:
    if not isinstance(wanted, str):
        return lambda text: fits(wanted, text)
    pieces = (Wild(piece) if piece in ("*", "**") else piece for piece in re.split(r"(\*\*|\*)", wanted))
    pattern = Glob.of(pieces)
    return lambda text: pattern.fits(text, separator)


def _need_text(name: str, wanted: object) -> None:
    if isinstance(wanted, re.Pattern) and isinstance(wanted.pattern, bytes):
        raise TypeError(f"{name} is text, so its pattern must be one of text: re.compile({wanted.pattern!r})")
    if not (isinstance(wanted, str | re.Pattern) or callable(wanted) or isinstance(wanted, Anything)):
        raise TypeError(f"{name} must be text, a pattern, a callable or ANY, not {wanted!r}")


def _need_mapping(name: str, wanted: object) -> Mapping[Any, object]:
    if not isinstance(wanted, Mapping):
        raise TypeError(f"{name} must be a mapping of names to what is wanted, not {wanted!r}")
    return wanted


KEYWORDS: Mapping[str, Callable[[str, object], Iterator[Condition]]] = {
    "method": _method,
    "path": _path,
    "header": _pairs(lambda delivery: delivery.headers),
    "query": _pairs(lambda delivery: delivery.query),
    "form": _pairs(Delivery.form),
    "json": _json,
    "json_equal": _json,
    "json_path": _json_path,
    "body": _body,
    "content_type": _content_type,
    "verified": _verified,
    "attempt": _attempt,
}

assert set(KEYWORDS) == set(Conditions.__annotations__)
