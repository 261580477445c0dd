"""Clicking a value to include or exclude it."""

from __future__ import annotations

import pytest
from hypothesis import given
from support.filters import NOON, filters, names, texts

from inspector.matching import Filter, InvalidFilter, parse, with_term
from inspector.matching.glob import Glob
from inspector.matching.tree import Named


@pytest.mark.parametrize(
    ("text", "field", "value", "negate", "result"),
    [
        ("", "status", "invalid", False, "status:invalid"),
        ("after:10m  foo", "status", "valid", False, "after:10m foo status:valid"),
        ("status:invalid foo", "status", "valid", False, "foo status:valid"),
        ("-status:invalid", "status", "valid", False, "-status:invalid status:valid"),
        ("-status:valid", "status", "valid", False, "status:valid"),
        ("status:valid", "status", "valid", True, "-status:valid"),
        ("status:valid x", "status", "valid", False, "status:valid x"),
        ("method:POST", "method", "GET", False, "method:GET"),
        ("reply:200", "reply", "401", False, "reply:401"),
        ("reply:4xx", "reply", "401", False, "reply:4xx reply:401"),
        ("verified:yes", "pinned", "yes", False, "verified:yes pinned:yes"),
        ("path:/a", "path", "/b c*", False, r'path:"/b c\*"'),
        ("", ("header", "X-Kind"), None, True, "-header.X-Kind"),
        ("header.x:1", ("header", "x"), "2", False, "header.x:1 header.x:2"),
        ("", ("query", "a b"), "", False, 'query."a b":""'),
        ("", ("json", "a.b", "0", ""), 'say "hi"', False, r'json."a.b".0."":"say \"hi\""'),
        ("", "body", "-x", False, "body:-x"),
    ],
)
def test_a_term_is_added(
    text: str, field: str | tuple[str, ...], value: str | None, negate: bool, result: str
) -> None:
    assert with_term(text, field, value, negate) == result


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(InvalidFilter):
        with_term('"open', "status", "valid")
    with pytest.raises(InvalidFilter):
        with_term("", "statsu", "valid")


@given(filters, names, texts)
def test_the_term_added_means_exactly_its_value(tree: Filter, name: str, value: str) -> None:
    grown = parse(with_term(str(tree), ("query", name), value), now=NOON)
    assert any(
        condition.test == Named("query", (name,), Glob.literal(value)) for condition in grown.conditions
    )
