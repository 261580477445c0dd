"""JSON read from its text: every value keeps its place, every fault is told with its own."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.content.json_text import JsonDocument, json_path, parse_json, unquoted

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)
JSON_LIKE = st.text(alphabet='{}[]",: \t\n0123456789.eE+-truefalsnNI\\u', max_size=30)


def rebuilt(document: JsonDocument, node: int = 0) -> object:
    """The value that the index describes, for comparison with the standard library's."""
    if document.type(node) == "object":
        return {document.key(child): rebuilt(document, child) for child in document.children(node)}
    if document.type(node) == "array":
        return [rebuilt(document, child) for child in document.children(node)]
    return json.loads(document.text(node))


def accepted(text: str) -> bool:
    """Whether the standard library takes *text* for JSON, which it does with NaN and Infinity, too."""

    def refuse(constant: str) -> object:
        raise ValueError(constant)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


@given(value=VALUES, indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_the_index_describes_the_same_value_as_a_parser(
    value: object, indent: int | None, ascii_only: bool
) -> None:
    document = parse_json(json.dumps(value, indent=indent, ensure_ascii=ascii_only))
    assert document.state == "parsed"
    assert rebuilt(document) == value


@given(text=JSON_LIKE)
def test_what_is_json_is_decided_as_a_parser_does(text: str) -> None:
    assert (parse_json(text).state == "parsed") is accepted(text)


@given(value=VALUES, position=st.integers(0, 200), junk=st.text(max_size=2))
def test_one_wrong_edit_is_told_with_a_place_inside_the_text(value: object, position: int, junk: str) -> None:
    text = json.dumps(value)
    position = min(position, len(text))
    text = text[:position] + junk + text[position + 1 :]
    document = parse_json(text)
    assert (document.state == "parsed") is accepted(text)
    for fault in document.faults:
        assert 0 <= fault.offset <= len(text)
        assert (fault.line, fault.column) == (
            text.count("\n", 0, fault.offset) + 1,
            _column(text, fault.offset),
        )


def _column(text: str, offset: int) -> int:
    return offset - (text.rfind("\n", 0, offset) + 1) + 1


@given(value=VALUES)
def test_every_path_leads_back_to_its_value(value: object) -> None:
    document = parse_json(json.dumps(value))
    for node in range(len(document)):
        assert document.find(document.path(node)) == node


@pytest.mark.parametrize(
    "text",
    [
        "9007199254740993",
        "1.0",
        "1E5",
        "-0.0",
        "1e400",
        "0.10000000000000000555",
        "7" * 5_000,
        '"\\u0041\\/"',
    ],
)
def test_values_stand_as_they_were_written(text: str) -> None:
    document = parse_json(f'{{"v" : {text} }}')
    assert document.state == "parsed"
    assert document.text(1) == text


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ('{"v": NaN}', 7, "NaN is not JSON"),
        ("[-Infinity]", 2, "-Infinity is not JSON"),
        ("[1,]", 4, "a comma stands before ]"),
        ("{a:1}", 2, "a key stands without quotes"),
        ("{'a':1}", 2, "a key stands in single quotes"),
        ("['a']", 2, "a string stands in single quotes"),
        ("[True]", 2, "True is not JSON"),
        ("[01]", 2, "01 is not a JSON number"),
        ("[+1]", 2, "+1 is not a JSON number"),
        ("[1 2]", 4, "a comma or ] is missing here"),
        ("[[1] 2]", 6, "a comma or ] is missing here"),
        ('{"a" 1}', 6, "a colon is missing after the key"),
        ('{"a":}', 6, "a value is missing"),
        ('["a\\x"]', 4, "\\x is no escape in JSON"),
        ('["a\tb"]', 4, "a control character (U+0009) stands bare in a string"),
        ('["abc', 2, "this string has no end"),
        ('{"a":1,"b":[1,2,', 17, "the text ends here, ] is missing"),
        ("[1}", 3, "a comma or ] is missing here"),
        ("[[1}", 4, "a comma or ] is missing here"),
        ("{} {}", 4, "more text follows the JSON value"),
        ("nul", 1, "nul is not JSON"),
    ],
)
def test_a_fault_is_told_in_a_sentence_with_its_place(text: str, column: int, message: str) -> None:
    fault = parse_json(text).faults[0]
    assert str(fault) == f"Line 1, column {column}: {message}."


def test_lines_are_counted() -> None:
    fault = parse_json('{\n  "a": 1,\n  "b": x\n}').faults[0]
    assert (fault.line, fault.column) == (3, 8)


def test_after_a_fault_the_values_before_it_are_there_and_the_rest_is_text() -> None:
    document = parse_json('{"a":1,"b":[1,2,oops],"c":3}')
    assert [document.text(node) for node in range(len(document))][1::2] == ["1", "1"]
    assert document.rest is not None
    assert document.source[document.rest :] == 'oops],"c":3}'
    assert document.unclosed == (0, 2)


def test_repeated_keys_are_all_kept_and_told_whatever_their_spelling() -> None:
    document = parse_json('{"role":"user","id":1,"role":"admin","\\u0069d":2}')
    assert document.duplicate_keys == ("role", "id")
    assert [document.text(node) for node in document.children(0)] == ['"user"', "1", '"admin"', "2"]
    assert document.find(("role",)) == 3


def test_half_a_surrogate_pair_stays_an_escape_and_a_pair_becomes_its_character() -> None:
    assert unquoted('"half \\ud83d end"') == "half \\ud83d end"
    assert unquoted('"\\ud83d\\ude00"') == "😀"
    assert unquoted('"half \udc80"') == "half \ufffd"


def test_empty_text_is_absent_json_and_falsy_values_are_not() -> None:
    assert parse_json(" \n").state == "absent"
    for text in ("null", "false", "0", '""', "[]", "{}"):
        assert parse_json(text).state == "parsed"


def test_paths_are_json_paths() -> None:
    assert json_path(("a", 0, "b c", "", 'q"', "é")) == '$.a[0]["b c"][""]["q\\""].é'
    assert json_path(()) == "$"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        "[" * 1_000_000,
        '{"a":' * 100_000,
        "1" * 1_000_000,
        '"' + "\\" * 1_000_001,
        '"' + "\\u0041" * 170_000 + '"',
        "[" + "0," * 500_000 + "0]",
        "{" + '"a":1,' * 150_000 + '"a":1}',
    ],
    ids=lambda text: f"{text[:6]} x {len(text)}",
)
def test_no_text_takes_long_or_overflows_the_stack(text: str, within_a_second: None) -> None:
    document = parse_json(text)
    assert document.state in {"parsed", "invalid"}
