"""Two deliveries compared: what differs, what only looks different, and what always does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.requests import request

from inspector.content.diff import Comparison, compare
from inspector.content.json_diff import Change
from inspector.models import Request

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

Row = tuple[str, str, str | None, str | None]


def rows(comparison: Comparison) -> list[Row]:
    return [(item.where, item.change.value, item.before, item.after) for item in comparison.differences]


def json_rows(before: str, after: str) -> list[Row]:
    return rows(compare(request(before.encode(), JSON), request(after.encode(), JSON)))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('{"a":1}', '{"a":2}', [("$.a", "changed", "1", "2")]),
        ('{"a":1}', '{"a":1,"b":[]}', [("$.b", "added", None, "[]")]),
        ('{"a":1,"b":{}}', '{"a":1}', [("$.b", "removed", "{}", None)]),
        ('{"a":1}', '{"a":"1"}', [("$.a", "changed", "1", '"1"')]),
        ('{"a":1}', '{"a":1.0}', [("$.a", "spelling", "1", "1.0")]),
        ('{"a":10}', '{"a":1e1}', [("$.a", "spelling", "10", "1e1")]),
        (
            '{"a":9007199254740993}',
            '{"a":9007199254740992}',
            [("$.a", "changed", "9007199254740993", "9007199254740992")],
        ),
        ('{"a":"é"}', '{"a":"\\u00e9"}', [("$.a", "spelling", '"é"', '"\\u00e9"')]),
        ('{"a":1,"b":2}', '{"b":2,"a":1}', [("$ (order)", "spelling", "a b", "b a")]),
        ('{"a":1,"a":2}', '{"a":1,"a":3}', [("$.a", "changed", "2", "3")]),
        ("[1,2,3]", "[0,1,2,3]", [("$[0]", "added", None, "0")]),
        ("[1,2,3]", "[1,3]", [("$[1]", "removed", "2", None)]),
        ('[{"a":1},{"a":2}]', '[{"a":1},{"a":3}]', [("$[1].a", "changed", "2", "3")]),
        ('{"s":"{\\"x\\":1}"}', '{"s":"{\\"x\\":2}"}', [("$.s » $.x", "changed", "1", "2")]),
        ('{"a":null}', "[]", [("$", "changed", '{"a":null}', "[]")]),
    ],
)
def test_json_is_compared_by_path(before: str, after: str, expected: list[Row]) -> None:
    assert json_rows(before, after) == expected


VALUES = st.recursive(
    st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab", max_size=1), inner, max_size=3),
    max_leaves=12,
)


@given(before=VALUES, after=VALUES)
def test_json_differs_exactly_when_its_values_do(before: object, after: object) -> None:
    found = compare(
        request(json.dumps(before).encode(), JSON), request(json.dumps(after, indent=1).encode(), JSON)
    )
    real = [item for item in found.differences if item.change is not Change.SPELLING]
    assert bool(real) is (before != after)


def test_the_same_json_in_other_bytes_is_called_that() -> None:
    found = compare(request(b'{"a":1}', JSON), request(b'{ "a": 1 }', JSON))
    assert found.same
    assert found.body == "json"
    assert found.notes == ("The same JSON, written differently: 7 bytes before, 10 after.",)


def test_what_always_differs_can_be_left_out() -> None:
    def received(second: int, ident: str, signature: str) -> Request:
        body = json.dumps(
            {"at": second, "when": f"2026-01-01T00:00:0{second % 10}Z", "event_id": ident, "n": 1}
        )
        headers = (("X-Blaxel-Signature", signature), ("X-Blaxel-Timestamp", str(second)))
        return request(body.encode(), JSON, *headers, target=f"/hook?ts={second}".encode())

    before, after = (
        received(1735891200, "evt_00000000aaaa", "a"),
        received(1735891201, "evt_11111111bbbb", "b"),
    )
    assert len(compare(before, after).differences) == 6
    left = compare(before, after, ignore_volatile=True)
    assert left.same
    assert len(left.ignored) == 6
    other = request(before.body.replace(b'"n": 1', b'"n": 2'), JSON, target=before.target)
    assert ("$.n", "changed", "1", "2") in rows(compare(before, other, ignore_volatile=True))


def test_amounts_are_no_ids_and_no_times() -> None:
    found = compare(
        request(b'{"paid": 1999, "amount": 500, "id": 7}', JSON),
        request(b'{"paid": 2999, "amount": 600, "id": 8}', JSON),
        ignore_volatile=True,
    )
    assert len(found.differences) == 3


def test_line_query_and_headers_are_compared_with_repeats_and_order() -> None:
    before = request(b"", None, ("X-A", "1"), ("X-A", "2"), ("X-B", "b"), target=b"/a?x=1&x=2&y")
    after = request(b"", None, ("x-a", "1"), ("X-A", "3"), ("X-B", "b"), method="PUT", target=b"/b?x=1&x=3")
    assert rows(compare(before, after)) == [
        ("method", "changed", "POST", "PUT"),
        ("path", "changed", "/a", "/b"),
        ("x", "changed", "2", "3"),
        ("y", "removed", "", None),
        ("x-a", "changed", "2", "3"),
        ("order and letter case of names", "spelling", "X-A, X-A, X-B", "x-a, X-A, X-B"),
    ]


def test_forms_are_compared_by_field() -> None:
    found = compare(request(b"a=1&b=2", FORM), request(b"a=1&b=3&b=4", FORM))
    assert (found.body, rows(found)) == ("form", [("b", "changed", "2", "3"), ("b", "added", None, "4")])
    same = compare(request(b"a=%20", FORM), request(b"a=+", FORM))
    assert same.same
    assert "written differently" in same.notes[0]


def test_text_is_compared_by_line_and_bytes_by_place() -> None:
    text = compare(request(b"one\ntwo\n", "text/plain"), request(b"one\n2\n", "text/plain"))
    assert [(line.sign, line.text) for line in text.lines] == [
        ("@", "@@ -1,2 +1,2 @@"),
        (" ", "one"),
        ("-", "two"),
        ("+", "2"),
    ]
    ends = compare(request(b"one\r\n", "text/plain"), request(b"one\n", "text/plain"))
    assert not ends.same
    raw = compare(request(b"\0" * 100_000 + b"\1", None), request(b"\0" * 100_000 + b"\2", None))
    assert rows(raw) == [("byte 100,000", "changed", "01", "02")]


def test_equal_deliveries_are_the_same() -> None:
    found = compare(request(b"x", JSON), request(b"x", JSON))
    assert (found.same, found.body) == (True, "same")


BIG = json.dumps([{"id": n, "name": f"user {n}", "ok": True} for n in range(20_000)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BIG, BIG.replace("true", "false")),
        (BIG, BIG.replace("user 19999", "x")),
        ("[" * 90_000 + "]" * 90_000, "[" * 90_000 + "1" + "]" * 90_000),
        ("\n" * 1_000_000, "\n" * 1_000 + "y\n" * 1_000),
        ("x\n" * 500_000, "y\n" * 500_000),
        (json.dumps(list(range(300))), json.dumps(list(range(300))[::-1])),
    ],
    ids=["all", "one", "deep", "blank", "lines", "array"],
)
def test_no_pair_takes_long(before: str, after: str, within_two_seconds: None) -> None:
    found = compare(request(before.encode(), None), request(after.encode(), None))
    assert not found.same
    assert len(found.differences) <= 500
