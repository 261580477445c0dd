"""JSON as lines to show: windows over any size, strings that hold JSON opened, notes beside values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.content.json_notes import TOO_BIG
from inspector.content.json_text import parse_json
from inspector.content.json_tree import DEPTH, JsonLine, JsonWindow, Shape, json_window

INNER = {"ticket": "T-48213", "order_id": 90071992547409931, "placed_at": 1795512000, "steps": ["a", "b"]}


def window(text: str, at: str = "", values: int = 1_000) -> JsonWindow:
    return json_window(parse_json(text), at, values=values)


def shown(lines: tuple[JsonLine, ...]) -> str:
    """The window as text, as a reader sees it."""
    texts = []
    for line in lines:
        key = f"{line.key}: " if line.key else ""
        notes = f"  ({'; '.join(line.notes)})" if line.notes else ""
        comma = "," if line.comma else ""
        texts.append(f"{'  ' * line.depth}{line.shape}: {key}{line.text}{comma}{notes}")
    return "\n".join(texts)


def test_a_payload_is_shown_line_by_line_with_its_string_opened() -> None:
    body = json.dumps({"status": 200, "response": json.dumps(INNER), "fee": 1.0})
    assert shown(window(body).lines).replace(json.dumps(json.dumps(INNER)), "STRING") == "\n".join(
        [
            "open: {",
            '  value: "status": 200,',
            '  string: "response": STRING,  (98 characters that hold JSON)',
            "    open: {",
            '      value: "ticket": "T-48213",',
            f'      value: "order_id": 90071992547409931,  ({TOO_BIG})',
            '      value: "placed_at": 1795512000,  (2026-11-24 09:20:00 UTC)',
            '      open: "steps": [',
            '        value: "a",',
            '        value: "b"',
            "      close: ]",
            "    close: }",
            "  string-end: ",
            '  value: "fee": 1.0',
            "close: }",
        ]
    )


def test_paths_lead_into_strings() -> None:
    body = json.dumps({"outer": json.dumps({"a b": [json.dumps({"deep": 1})]})})
    [line] = [line for line in window(body).lines if line.text == "1"]
    assert line.place == '$.outer » $["a b"][0] » $.deep'


def test_strings_are_opened_to_any_depth() -> None:
    text = '{"core": 1}'
    for _ in range(12):
        text = json.dumps({"in": text})
    [line] = [line for line in window(text).lines if line.text == "1"]
    assert len(line.within) == 12


@pytest.mark.parametrize("text", ["{not json", "[draft] title", "", "123", "true", '{"a":', "{{template}}"])
def test_other_strings_are_left_as_they_are(text: str) -> None:
    [line] = window(json.dumps(text)).lines
    assert line.shape is Shape.VALUE


def test_a_long_string_is_cut_and_says_by_how_much() -> None:
    [line] = window(json.dumps("x" * 10_000)).lines
    assert (len(line.text), line.cut) == (2_000, 8_002)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("1735891200", "2025-01-03 08:00:00 UTC"),
        ("1735891200123", "2025-01-03 08:00:00.123 UTC"),
        ("1735891200.5", "2025-01-03 08:00:00.500 UTC"),
        ("-9223372036854775809", TOO_BIG),
        ("1e400", "most programs read this as infinity, shown as sent"),
        ("0.1000000000000000055511151231257827", "more digits than a double keeps, shown as sent"),
        ('"\\ud83d"', "holds half a surrogate pair, which is no character"),
        ("[NaN]", "not JSON, shown as sent"),
    ],
)
def test_values_that_programs_misread_have_a_note(text: str, note: str) -> None:
    assert note in [found for line in window(text).lines for found in line.notes]


@pytest.mark.parametrize(
    "text", ["4990", "1.0", "-0.0", "5e-324", "9007199254740991", "0.1", '"\\ud83d\\ude00"']
)
def test_ordinary_values_have_none(text: str) -> None:
    assert [line.notes for line in window(text).lines] == [()]


def test_the_top_comes_first_when_there_is_too_much() -> None:
    body = json.dumps({"long": list(range(10_000)), "deep": [[[1]]], "last": "seen"})
    lines = window(body, values=50).lines
    assert [line.key for line in lines if line.depth == 1 and line.key] == ['"long"', '"deep"', '"last"']
    [more] = [line for line in lines if line.shape is Shape.MORE and line.path == ("long",)]
    assert (
        more.count + sum(1 for line in lines if line.path[:1] == ("long",) and len(line.path) == 2) == 10_000
    )


def everything(text: str, values: int) -> list[JsonLine]:
    """All values of *text*, read window by window."""
    found: list[JsonLine] = []
    cursors = [""]
    while cursors:
        lines = window(text, cursors.pop(), values).lines
        found += [line for line in lines if line.shape in {Shape.VALUE, Shape.OPEN, Shape.STRING}]
        cursors += [line.cursor for line in lines if line.cursor]
    return found


@settings(max_examples=40)
@given(
    value=st.recursive(
        st.integers(0, 9) | st.text("ab", max_size=3),
        lambda inner: (
            st.lists(inner, max_size=6) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=4)
        ),
        max_leaves=60,
    ),
    values=st.integers(1, 20),
)
def test_windows_together_show_every_value_once(value: object, values: int) -> None:
    body = json.dumps({"plain": value, "string": json.dumps([value, [value]])})
    whole, pieces = everything(body, 100_000), everything(body, values)
    assert sorted(line.place for line in pieces) == sorted(line.place for line in whole)
    assert len({line.place for line in pieces}) == len(pieces)


@pytest.mark.parametrize("at", ["x", "999", "0.0", "1.2.3:4", "-1", "0:99999999999", "1" * 500, "٣"])
def test_a_cursor_that_leads_nowhere_begins_at_the_top(at: str) -> None:
    assert window('{"a": 1}', at).lines == window('{"a": 1}').lines


def test_what_lies_too_deep_for_a_browser_is_folded_and_opens_by_its_cursor() -> None:
    text = "[" * 500 + "]" * 500
    assert max(line.depth for line in window(text).lines) == DEPTH
    assert len(everything(text, 1_000)) == 500


def test_unclosed_containers_are_shown_without_an_end_and_the_rest_as_text() -> None:
    found = window('{"a":{"b":1,oops')
    assert [line.text for line in found.lines if line.shape is Shape.CLOSE] == ["", ""]
    assert found.rest == "oops"
    assert found.state == "invalid"


def test_given_notes_replace_ours() -> None:
    found = json_window(parse_json('{"t": 1735891200}'), notes={1: ("said",)})
    assert [line.notes for line in found.lines] == [(), ("said",), ()]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" + "0," * 500_000 + "0]",
        json.dumps(["{" * 100] * 9_000),
        json.dumps([json.dumps([1])] * 30_000),
        json.dumps({"response_body": json.dumps([{"id": n, "name": "x"} for n in range(20_000)])}),
    ],
    ids=lambda text: f"{text[:8]} x {len(text)}",
)
def test_any_window_is_small_and_quick(text: str, within_a_second: None) -> None:
    assert len(window(text).lines) < 3_000
