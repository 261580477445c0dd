"""Bodies that other inspectors showed wrongly: what is seen of each here."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from support.requests import case_requests, request

from inspector.content.decoding import CodingState, decode_body
from inspector.content.forms import PairTable, read_form, read_query
from inspector.content.json_text import JsonDocument, parse_json
from inspector.content.json_tree import JsonLine, JsonWindow, Shape
from inspector.content.kinds import Kind
from inspector.content.lines import JsonLines
from inspector.content.media_type import media_type_of
from inspector.content.multipart import PartTable, read_multipart
from inspector.content.views import BodyView, body_view
from inspector.content.visible import pieces
from inspector.models import Request

FILE = Path(__file__).parents[1] / "data" / "content-cases.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]

STATES = {"too_deep": "parsed", "unparsed": "invalid"}
"""The cases' words for states, in ours, where they differ."""


def having(*fields: str) -> list[Any]:
    """The cases in which one of *fields* says what is expected."""
    return [pytest.param(case, id=case["id"]) for case in CASES if any(field in case for field in fields)]


def first(case: dict[str, Any]) -> Request:
    return case_requests(case)[0]


def decoded(received: Request) -> JsonDocument:
    """The index of the JSON that *received* shows."""
    body = decode_body(received.body, received.headers).body
    return parse_json(body.decode("utf-8-sig"))


def json_lines(view: BodyView) -> list[JsonLine]:
    assert isinstance(view.content, JsonWindow)
    return list(view.content.lines)


def line_at(view: BodyView, place: str) -> JsonLine:
    """The line of the value at the JSONPath *place*."""
    wanted = (Shape.VALUE, Shape.OPEN, Shape.STRING)
    return next(line for line in json_lines(view) if line.place == place and line.shape in wanted)


def value(text: str) -> Any:
    """What a value's text means; only for the small values of the cases."""
    return json.loads(text)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
def test_every_body_has_a_view_whose_texts_can_be_sent_to_a_browser(case: dict[str, Any]) -> None:
    for received in case_requests(case):
        view = body_view(received)
        for notice in view.notices:
            notice.text.encode()
        if isinstance(view.content, JsonWindow):
            for line in view.content.lines:
                "".join(piece.text + piece.name for piece in pieces(line.text + (line.key or ""))).encode()
                line.place.encode()


@pytest.mark.parametrize("case", having("expect_json"))
def test_json_is_found_and_its_state_told(case: dict[str, Any]) -> None:
    view = body_view(first(case))
    expected = case["expect_json"]
    states = [expected["state"]] if isinstance(expected["state"], str) else expected["state"]
    assert view.json_state in {STATES.get(state, state) for state in states}
    assert view.guessed is expected.get("guessed", False)
    if "lines" in expected:
        assert isinstance(view.content, JsonLines)
        assert view.content.total == expected["lines"]
    if "type" in expected:
        assert isinstance(view.content, JsonWindow)
        assert view.content.type == expected["type"]
    if "error_offset" in expected:
        assert isinstance(view.content, JsonWindow)
        assert view.content.faults[0].offset == expected["error_offset"]
    if "duplicate_keys" in expected:
        assert isinstance(view.content, JsonWindow)
        assert list(view.content.duplicate_keys) == expected["duplicate_keys"]
    if "keys" in expected:
        keys = [value(line.key) for line in json_lines(view) if line.key is not None]
        assert keys == expected["keys"]


@pytest.mark.parametrize("case", having("expect_json_path"))
def test_values_stand_as_sent_at_their_paths(case: dict[str, Any]) -> None:
    view = body_view(first(case))
    for place, expected in case["expect_json_path"]:
        line = line_at(view, place)
        if isinstance(expected, dict):
            assert line.text == expected["source_text"]
        else:
            assert value(line.text) == expected


@pytest.mark.parametrize("case", having("expect_nested_json"))
def test_strings_that_hold_json_are_opened_in_place(case: dict[str, Any]) -> None:
    received = first(case)
    view = body_view(received)
    for outer, inner, expected in case["expect_nested_json"]:
        if outer.startswith("form."):
            assert isinstance(view.content, PairTable)
            pair = next(pair for pair in view.content.pairs if pair.name == outer.removeprefix("form."))
            assert pair.opened is not None
            found = next(line for line in pair.opened.lines if line.place == inner)
        elif inner is None:
            assert line_at(view, outer).shape is Shape.VALUE
            continue
        else:
            assert line_at(view, outer).shape is Shape.STRING
            found = line_at(view, f"{outer} » {inner}")
        assert value(found.text) == expected


@pytest.mark.parametrize("case", having("expect_form"))
def test_form_fields_keep_order_repeats_and_bytes(case: dict[str, Any]) -> None:
    received = first(case)
    pairs = [
        (pair.name, pair.value) for pair in read_form(received.body, media_type_of(received.headers)).pairs
    ]
    positions = [pairs.index((name, text)) for name, text in case["expect_form"]]
    assert case["id"].startswith("text-paypal") or positions == sorted(positions)


@pytest.mark.parametrize("case", having("expect_query"))
def test_query_parameters_keep_order_and_repeats(case: dict[str, Any]) -> None:
    pairs = [[pair.name, pair.value] for pair in read_query(first(case).target).pairs]
    assert pairs == case["expect_query"]


@pytest.mark.parametrize("case", having("expect_parts"))
def test_parts_are_listed_with_their_exact_contents(case: dict[str, Any]) -> None:
    received = first(case)
    table = read_multipart(received.body, media_type_of(received.headers))
    assert table.state == "parsed"
    assert [
        {
            "name": part.name,
            "filename": part.filename,
            "content_type": part.content_type,
            "length": part.size_bytes,
            "sha256": hashlib.sha256(part.content(received.body)).hexdigest(),
        }
        for part in table.parts
    ] == case["expect_parts"]


@pytest.mark.parametrize("case", having("expect_parts_state"))
def test_malformed_multipart_says_so_and_shows_what_there_is(case: dict[str, Any]) -> None:
    view = body_view(first(case))
    assert view.kind is Kind.MULTIPART
    assert isinstance(view.content, PartTable)
    assert view.content.state == case["expect_parts_state"]
    assert any(notice.warning for notice in view.notices)
    assert len(view.content.parts) == 1


@pytest.mark.parametrize("case", having("expect_decoded"))
def test_content_encoding_is_undone_for_viewing(case: dict[str, Any]) -> None:
    received = first(case)
    expected = case["expect_decoded"]
    result = decode_body(received.body, received.headers)
    assert result.codings == (expected["encoding"],)
    assert result.state == CodingState(expected["state"])
    if expected["state"] == "decoded":
        assert len(result.body) == expected["length"]
        assert hashlib.sha256(result.body).hexdigest() == expected["sha256"]


@pytest.mark.parametrize("case", having("expect_text"))
def test_text_is_read_by_its_charset(case: dict[str, Any]) -> None:
    view = body_view(first(case))
    expected = case["expect_text"]
    assert view.charset == expected.get("charset", view.charset)
    assert view.lossy is expected.get("lossy", view.lossy)
    if "text" in expected:
        shown = body_view(first(case), Kind.TEXT).content
        assert getattr(shown, "text", None) == expected["text"]


def test_a_second_unknown_coding_is_left_alone() -> None:
    case = next(case for case in CASES if case["id"] == "gzip-twice-and-unknown")
    twice, unknown = case_requests(case)
    assert decode_body(twice.body, twice.headers).state is CodingState.DECODED
    left = decode_body(unknown.body, unknown.headers)
    assert left.state is CodingState.UNKNOWN
    assert left.body == unknown.body


def test_the_docusign_entity_is_shown_and_not_resolved() -> None:
    case = next(case for case in CASES if case["id"] == "shape-docusign-xml")
    view = body_view(first(case))
    assert view.kind is Kind.XML
    texts = [getattr(line, "text", "") for line in getattr(view.content, "lines", ())]
    assert "<UserName>&e;</UserName>" in texts
    assert any("SYSTEM" in text for text in texts)


def test_each_kind_of_a_zapier_hook_has_its_own_view() -> None:
    case = next(case for case in CASES if case["id"] == "shape-zapier")
    assert [body_view(received).kind for received in case_requests(case)] == [Kind.JSON, Kind.FORM, Kind.XML]


def test_a_body_without_text_is_shown_as_bytes() -> None:
    assert body_view(request(bytes(range(256)), "application/octet-stream")).kind is Kind.BINARY
