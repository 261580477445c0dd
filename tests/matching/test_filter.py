"""The language itself: what is read as what, what is refused and how, and the text a tree prints."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.filters import NOON, filters

from inspector.errors import InvalidInput
from inspector.matching import Filter, InvalidFilter, parse
from inspector.matching.filter import MAX_CHARACTERS


def canonical(text: str) -> str:
    return str(parse(text, now=NOON))


def refusal(text: str) -> InvalidFilter:
    with pytest.raises(InvalidFilter) as refused:
        parse(text, now=NOON)
    return refused.value


def is_filter(text: str) -> bool:
    """Whether *text* can be read; if so its canonical text means the same."""
    try:
        tree = parse(text, now=NOON)
    except InvalidFilter:
        return False
    return parse(str(tree), now=NOON) == tree


@given(filters)
def test_the_canonical_text_reads_back_as_the_same_tree(tree: Filter) -> None:
    assert parse(str(tree), now=NOON) == tree


PIECES = (*'abc "\\*:.-><=0kKx', "json.", "header.", "query.", "size:", "after:", "path:", "reply:")
hostile_texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@given(st.one_of(st.text(max_size=60), hostile_texts))
def test_any_text_is_a_filter_or_has_a_place_that_is_wrong(text: str) -> None:
    assert is_filter(text) or 0 <= refusal(text).position <= len(text)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("", ""),
        ("   \t\u00a0 ", ""),
        ("refund  4711", "refund 4711"),
        ("STATUS:Invalid", "status:invalid"),
        ("Header.X-Kind:A", "header.x-kind:A"),
        ("size:>1k", "size:>1000"),
        ("size:>=1kB", "size:>999"),
        ("size:=1KiB", "size:1024"),
        ("size:1.5M", "size:1500000"),
        ("size:<2MiB", "size:<=2097151"),
        ("size:<0", "size:<0"),
        ("size:>=0", "size:>=0"),
        ("size:1k..1MiB", "size:1000..1048576"),
        ("size:..5", "size:<=5"),
        ("size:5..", "size:>4"),
        ("reply:4xx", "reply:4xx"),
        ("reply:400..499", "reply:4xx"),
        ("reply:401", "reply:401"),
        ("json.a.0.b:1.0", "json.a.0.b:1.0"),
        ('json."a".b', "json.a.b"),
        ('json."a.b"', 'json."a.b"'),
        ("query.a.b:1", "query.a.b:1"),
        ("path:/a***b", "path:/a**b"),
        (r'path:"/a\*b/*"', r'path:"/a\*b/*"'),
        (r"path:/a\b", r"path:/a\b"),
        (r'"C:\tmp"', r'"C:\\tmp"'),
        ("-", '"-"'),
        ("a -", 'a "-"'),
        ("--a", '-"-a"'),
        ('{"a":1}', '{"a":1}'),
        ("12:30", "12:30"),
        ("NEAR(", "NEAR("),
        ('5"', '5"'),
        ('-"a b"', '-"a b"'),
        ('"status:valid"', '"status:valid"'),
        ("json", "json"),
        ('header.x:""', 'header.x:""'),
    ],
)
def test_what_is_typed_and_what_it_is(text: str, same: str) -> None:
    assert canonical(text) == same
    assert canonical(same) == same


@pytest.mark.parametrize(
    ("typed", "absolute"),
    [
        ("10m", "2025-11-25T11:50:00Z"),
        ("30s", "2025-11-25T11:59:30Z"),
        ("2h", "2025-11-25T10:00:00Z"),
        ("3d", "2025-11-22T12:00:00Z"),
        ("1w", "2025-11-18T12:00:00Z"),
        ("99999999999999999999d", "1970-01-01T00:00:00Z"),
        ("2025-11-25", "2025-11-25T00:00:00Z"),
        ("2025-11-25T09:30", "2025-11-25T09:30:00Z"),
        ("2025-11-25t09:30z", "2025-11-25T09:30:00Z"),
        ("2025-11-25T09:30:01.000123+02:00", "2025-11-25T07:30:01.000123Z"),
        ("0001-01-01T00:00+14:00", "1970-01-01T00:00:00Z"),
        ("9999-12-31T23:59-14:00", "2262-04-11T00:00:00Z"),
    ],
)
def test_times_become_absolute(typed: str, absolute: str) -> None:
    assert canonical(f"after:{typed}") == f"after:{absolute}"


def test_relative_times_count_from_the_now_that_is_handed_in() -> None:
    here = datetime(2025, 11, 25, 13, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    assert str(parse("before:1s", now=here)) == "before:2025-11-25T11:59:59.000005Z"


@pytest.mark.parametrize(
    ("text", "position", "sentence"),
    [
        ("statsu:x", 0, "Unknown key statsu at character 1. Did you mean status?"),
        ("a -statsu:x", 3, "Unknown key statsu at character 4. Did you mean status?"),
        ("heade.x:1", 0, "Unknown key heade.x at character 1. Did you mean header.x?"),
        ("http://x", 0, "Unknown key http at character 1. To search for the text itself, put it in quotes."),
        ("status:vaild", 7, "Unknown status vaild at character 8. Did you mean valid?"),
        ("verified:maybe", 9, "Unknown word for verified maybe at character 10. It is yes or no."),
        ("pinned:ye", 7, "Unknown word for pinned ye at character 8. Did you mean yes?"),
        ("status:", 7, "status at character 1 needs a value after the colon, such as invalid."),
        (
            'a "b',
            2,
            'The quote at character 3 is not closed. To search for a quote itself, write "\\"" instead.',
        ),
        ('"a"b', 3, 'A space is missing before b at character 4. A quote inside quotes is written \\".'),
        ("json.a..b", 7, 'A name is missing at character 8. An empty one is written "".'),
        ("header:x", 0, "header at character 1 needs a name: header.NAME:x."),
        ("reply:9x", 6, "Cannot read 9x at character 7 as a reply status, such as 401 or 4xx."),
        ("size:1.5", 5, "Cannot read 1.5 at character 6 as a number of bytes, such as >1k."),
        ("size:5..1", 5, "The range 5..1 at character 6 is empty."),
        ("id:1k", 3, "Cannot read 1k at character 4 as an id, such as >100."),
        ("id:٣", 3, "Cannot read ٣ at character 4 as an id, such as >100."),
        (
            "before:soon",
            7,
            (
                "Cannot read soon at character 8 as a time: "
                "write 2025-11-25, 2025-11-25T09:30Z or how long ago it is (30s, 10m, 2h, 3d)."
            ),
        ),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(text: str, position: int, sentence: str) -> None:
    error = refusal(text)
    assert (error.position, str(error)) == (position, sentence)


def test_an_unknown_status_without_a_near_one_lists_them_all() -> None:
    assert str(refusal("status:purple")).endswith(
        "It is one of valid, invalid, expired, malformed, missing, unconfigured, unavailable."
    )


def test_the_refusal_is_an_input_error_of_the_field_q() -> None:
    error = refusal("statsu:x")
    assert isinstance(error, InvalidInput)
    assert (error.code, error.errors[0].field) == ("invalid-filter", "q")
    assert error.errors[0].message == str(error)


@pytest.mark.parametrize("text", [">", "..", "+5", "5.", ".5", "1e3", "-5", "1_000", "1...2", "9" * 10_000])
def test_numbers_are_whole_plain_and_of_a_size_that_is_stored(text: str) -> None:
    for field in ("id", "reply", "size", "attempt"):
        assert refusal(f"{field}:{text}").position == len(field) + 1


def test_a_filter_has_a_greatest_length() -> None:
    refusal("a" * (MAX_CHARACTERS + 1))
    assert len(parse("a " * (MAX_CHARACTERS // 2), now=NOON).conditions) == MAX_CHARACTERS // 2


@pytest.mark.parametrize("text", ["a" * 10_240, "-" * 10_240, "path:" + "*a" * 5_000, "json" + ".a" * 5_000])
def test_a_long_filter_is_read_like_any_other(text: str) -> None:
    assert is_filter(text)


def test_ten_thousand_quotes_are_a_quote_too_many() -> None:
    assert refusal('"' * 10_240).position == 2


def test_an_empty_filter_is_false_and_others_are_true() -> None:
    assert not parse(" ", now=NOON)
    assert parse("a", now=NOON)


def test_reading_a_right_filter_does_not_load_the_speller() -> None:
    # Suggestions cost an import that only a mistake should pay for; another test may have made one already.
    loaded = sys.modules.pop("difflib", None)
    try:
        parse("status:invalid path:/a/** after:10m", now=datetime.now(UTC))
        assert "difflib" not in sys.modules
    finally:
        if loaded is not None:
            sys.modules["difflib"] = loaded
