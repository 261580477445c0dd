"""Form fields and query parameters: nothing dropped, nothing reordered, nothing guessed in silence."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from hypothesis import given
from hypothesis import strategies as st
from support.requests import request

from inspector.content.charsets import CharsetSource
from inspector.content.forms import PAIRS, PairTable, read_form, read_query
from inspector.content.json_tree import JsonWindow
from inspector.content.media_type import MediaType, parse_media_type
from inspector.content.views import body_view

FORM = parse_media_type("application/x-www-form-urlencoded")


def fields(body: bytes, media: MediaType = FORM) -> list[tuple[str, str]]:
    return [(pair.name, pair.value) for pair in read_form(body, media).pairs]


@given(pairs=st.lists(st.tuples(st.text(max_size=6), st.text(max_size=12)), max_size=12))
def test_what_was_encoded_comes_back_in_order(pairs: list[tuple[str, str]]) -> None:
    body = urlencode(pairs).encode()
    named = {"charset", "_charset_"} & {name for name, _ in pairs}
    assert named or fields(body) == pairs


@given(body=st.text(alphabet="ab=&+%2z", max_size=30))
def test_the_table_agrees_with_the_standard_library_on_any_text(body: str) -> None:
    assert fields(body.encode()) == parse_qsl(body, keep_blank_values=True, errors="surrogateescape")


def test_oddities_are_marked() -> None:
    pairs = {pair.name: pair for pair in read_form(b"a=1&a=2&bare&bad=%zz&=nameless&b%=1", FORM).pairs}
    assert pairs["a"].repeated
    assert pairs["bare"].bare
    assert pairs["bad"].broken
    assert pairs["bad"].value == "%zz"
    assert pairs["b%"].broken
    assert not pairs[""].bare


def test_the_charset_is_declared_or_named_in_a_field() -> None:
    assert fields(b"n=%E9", parse_media_type("x/y; charset=latin-1")) == [("n", "é")]
    for name in ("charset", "_charset_"):
        table = read_form(f"n=%80&{name}=windows-1252".encode(), FORM)
        assert table.pairs[0].value == "€"
        assert (table.charset, table.source) == ("windows-1252", CharsetSource.FORM)


def test_bytes_that_the_charset_has_not_are_marked() -> None:
    table = read_form(b"n=%E9", FORM)
    assert table.lossy
    assert table.pairs[0].value == "\udce9"


def test_a_form_in_utf_16_is_read() -> None:
    assert fields("\ufeffa=ö".encode("utf-16-le")) == [("a", "ö")]


def test_a_field_that_holds_json_is_opened_and_its_windows_go_on() -> None:
    received = request(urlencode({"payload": str(list(range(900)))}).encode(), FORM.full)
    table = body_view(received).content
    assert isinstance(table, PairTable)
    opened = table.pairs[0].opened
    assert opened is not None
    further = body_view(received, at=f"1/{opened.lines[-2].cursor}").content
    assert isinstance(further, JsonWindow)
    assert further.lines[0].text == "200"


def test_fifty_thousand_fields_are_capped(within_a_second: None) -> None:
    table = read_form(b"field=value&" * 50_000, FORM)
    assert (len(table.pairs), table.left_out) == (PAIRS, 49_000)


def test_a_long_value_is_cut_where_it_is_shown() -> None:
    [pair] = read_form(b"n=" + b"x" * 5_000, FORM).pairs
    assert (len(pair.shown_value), pair.cut) == (2_000, 3_000)


def test_the_query_is_what_follows_the_first_question_mark() -> None:
    pairs = [(pair.name, pair.value) for pair in read_query(b"/p?a=1?2&&b=%E2%9C%93+x").pairs]
    assert pairs == [("a", "1?2"), ("b", "✓ x")]
    assert read_query(b"/p").pairs == ()
