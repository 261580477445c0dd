"""What one value is held against: a literal, a pattern, a type, a rule of the test's own, or anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from inspector.matching import Check
from inspector.testing.plain import plain, plain_value


class Anything:
    """Equal to every value, so that it can stand anywhere in what is wanted."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "ANY"


ANY: Final = Anything()


class Absent:
    """What stands where there is no value."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = Absent()

Text = str | re.Pattern[str] | Callable[[str], object] | Anything
"""What a text may be held against: itself, a pattern that is searched in it, or a rule."""


def fits(wanted: object, got: object) -> bool:
    """Whether *got* is what is *wanted*.

    A pattern is searched, a type asks for an instance (``True`` is no ``int``), a callable is asked, anything
    else has to be equal, where ``1`` and ``1.0`` are the same number but ``True`` is none. What a callable
    raises goes through.
    """
    if got is ABSENT:
        return False
    if isinstance(wanted, re.Pattern):
        return isinstance(got, type(wanted.pattern)) and wanted.search(got) is not None
    if isinstance(wanted, type):
        return isinstance(got, wanted) and (not isinstance(got, bool) or wanted is bool or wanted is object)
    if callable(wanted):
        return bool(wanted(got))
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got or isinstance(wanted, Anything)
    return bool(wanted == got)


def compare(wanted: object, got: object, name: str, *, exact: bool) -> Iterator[Check]:
    """A check for each leaf of the *wanted* JSON value, called *name* and the way to it.

    Without *exact* objects may have further members; arrays have their length in either case.
    """
    if isinstance(wanted, dict):
        yield from _compare_objects(wanted, opened(got), name, exact=exact)
    elif isinstance(wanted, list | tuple):
        yield from _compare_arrays(list(wanted), opened(got), name, exact=exact)
    else:
        yield _check(name, fits(wanted, got), plain_value(wanted), shown(got))


def _compare_objects(wanted: dict[str, object], got: object, name: str, *, exact: bool) -> Iterator[Check]:
    if not isinstance(got, dict):
        yield _check(name, False, plain_value(wanted), shown(got))
        return
    if not wanted and not exact:
        yield _check(name, True, "an object", shown(got))
    for key, value in wanted.items():
        yield from compare(value, got.get(key, ABSENT), f"{name}.{key}", exact=exact)
    if exact:
        extra = [key for key in got if key not in wanted]
        for key in extra:
            yield _check(f"{name}.{key}", False, "absent", shown(got[key]))
        if not wanted and not extra:
            yield _check(name, True, "{}", "{}")


def _compare_arrays(wanted: list[object], got: object, name: str, *, exact: bool) -> Iterator[Check]:
    if not isinstance(got, list):
        yield _check(name, False, plain_value(wanted), shown(got))
        return
    yield _check(name, len(wanted) == len(got), _elements(wanted), _elements(got))
    for index, value in enumerate(wanted):
        yield from compare(value, got[index] if index < len(got) else ABSENT, f"{name}.{index}", exact=exact)


def opened(value: object) -> object:
    """*value*, or the JSON object or array that it holds as a string: Blaxel's ``response_body`` is one."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        from json import loads

        try:
            inside: object = loads(value)
        except (ValueError, RecursionError):
            return value
        return inside
    return value


def at(document: object, steps: tuple[str, ...]) -> object:
    """The value in *document* at the end of *steps*, each a member's name or an element's index."""
    value = document
    for step in steps:
        value = opened(value)
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return ABSENT
    return value


def shown(got: object) -> str:
    """What was found, for a failure."""
    return "absent" if got is ABSENT else plain_value(got)


def _check(name: str, held: bool, wanted: str, got: str) -> Check:
    return Check(plain(name), held, wanted, got)


def _elements(array: list[object]) -> str:
    return "1 element" if len(array) == 1 else f"{len(array):,} elements"
