"""Every way to say which callbacks are meant; what does not match says what it lacks by the same rule."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.senders import JSON, post, post_json, post_signed

from inspector.testing import (
    ANY,
    CallbackMissing,
    CallbackTimeout,
    Delivery,
    Endpoint,
    Inspector,
    Match,
    UnexpectedCallback,
)
from inspector.testing.endpoint import Tamper
from inspector.testing.values import compare


@pytest.fixture(scope="module")
def delivery(inspector: Inspector) -> Delivery:
    """A callback with something of everything."""
    endpoint = inspector.endpoint("matching")
    body = json.dumps(
        {
            "kind": "refund",
            "amount": 12.0,
            "paid": True,
            "note": None,
            "items": [{"id": 1, "sku": "A"}, {"id": 2, "sku": "B"}],
            "response_body": json.dumps({"result": "ok"}),
            "a.b": {"c": 3},
        }
    ).encode()
    headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("X-Kind", "one"),
        ("x-kind", "two"),
        *endpoint.sign(body).items(),
    ]
    post(endpoint, body, beyond="/done/now?mode=test&mode=live", headers=headers, method="PUT")
    return endpoint.wait_for()


HOLDS: list[dict[str, Any]] = [
    {},
    {"method": "put"},
    {"method": re.compile("P.T")},
    {"method": ANY},
    {"path": "/done/now"},
    {"path": "/done/*"},
    {"path": "/**"},
    {"path": re.compile("now$")},
    {"path": lambda path: path.endswith("/now")},
    {"header": {"x-kind": "two", "X-KIND": "one"}},
    {"header": {"X-Kind": re.compile("^t")}},
    {"header": {"X-Other": None}},
    {"header": {"X-Kind": ANY}},
    {"query": {"mode": "live"}},
    {"query": {"mode": "test", "other": None}},
    {"json": {"kind": "refund"}},
    {"json": {"amount": 12}},
    {"json": {"paid": True, "note": None}},
    {"json": {"items": [{"id": 1}, {"sku": "B"}]}},
    {"json": {"items": ANY}},
    {"json": {"amount": float, "kind": str, "items": list}},
    {"json": {"amount": lambda amount: amount > 10}},
    {"json": {"kind": re.compile("^ref")}},
    {"json": {"response_body": {"result": "ok"}}},
    {"json": {}},
    {"json_path": {"items.1.sku": "B"}},
    {"json_path": {"response_body.result": "ok"}},
    {"json_path": {("a.b", "c"): 3}},
    {"json_path": {"items": [{"id": 1}, {"id": 2}]}},
    {"body": re.compile(rb"refund")},
    {"body": re.compile("refund")},
    {"body": lambda body: len(body) > 10},
    {"content_type": "application/json"},
    {"content_type": "Application/*"},
    {"verified": True},
    {"verified": "valid"},
    {"attempt": 1},
    {"attempt": lambda attempt: attempt < 2},
]

FAILS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"method": "POST"}, "method", '"POST"', '"PUT"'),
    ({"path": "/done"}, "path", '"/done"', '"/done/now"'),
    ({"path": "/*"}, "path", '"/*"', '"/done/now"'),
    ({"header": {"X-Kind": "three"}}, "header.X-Kind", '"three"', '"one", "two"'),
    ({"header": {"X-None": ANY}}, "header.X-None", "ANY", "absent"),
    ({"header": {"X-Kind": None}}, "header.X-Kind", "absent", '"one", "two"'),
    ({"query": {"mode": "dry"}}, "query.mode", '"dry"', '"test", "live"'),
    ({"form": {"mode": "dry"}}, "form.mode", '"dry"', "absent"),
    ({"json": {"kind": "payment"}}, "json.kind", '"payment"', '"refund"'),
    ({"json": {"paid": 1}}, "json.paid", "1", "true"),
    ({"json": {"amount": True}}, "json.amount", "true", "12.0"),
    ({"json": {"items": [{"id": 1}]}}, "json.items", "1 element", "2 elements"),
    ({"json": {"none": ANY}}, "json.none", "ANY", "absent"),
    ({"json": {"amount": int}}, "json.amount", "a value of type int", "12.0"),
    ({"json": {"kind": {"deep": 1}}}, "json.kind", '{"deep": 1}', '"refund"'),
    ({"json_path": {"items.2": ANY}}, "json.items.2", "ANY", "absent"),
    ({"json_equal": []}, "json_equal", "[]", '{"kind": "refund"'),
    ({"body": b"other"}, "body", "'other' (5 bytes)", " bytes, sha256 "),
    ({"content_type": "text/plain"}, "content_type", '"text/plain"', '"application/json; charset=utf-8"'),
    ({"verified": False}, "verified", "no", "valid"),
    ({"verified": "expired"}, "verified", '"expired"', "valid"),
    ({"attempt": 2}, "attempt", "2", "1"),
]


@pytest.mark.parametrize("wanted", HOLDS, ids=lambda wanted: str(Match(**wanted)))
def test_holds(delivery: Delivery, wanted: dict[str, Any]) -> None:
    judged = Match(**wanted).judge(delivery)
    assert judged.matches, judged
    assert not (~Match(**wanted)).matches(delivery)


@pytest.mark.parametrize(("wanted", "name", "text", "got"), FAILS, ids=lambda value: str(value)[:40])
def test_fails_and_says_why(
    delivery: Delivery, wanted: dict[str, Any], name: str, text: str, got: str
) -> None:
    match = Match(**wanted)
    [failed] = match.judge(delivery).failed
    assert (failed.condition, failed.wanted) == (name, text)
    assert got in failed.got
    assert (~match).matches(delivery)


def test_a_whole_document_is_compared_member_by_member(endpoint: Endpoint) -> None:
    post_json(endpoint, {"a": 1, "b": {"c": [1, 2]}, "more": "x"})
    [delivery] = endpoint.deliveries
    assert Match(json_equal={"b": {"c": [1, 2]}, "a": 1, "more": ANY}).matches(delivery)
    judged = Match(json_equal={"a": 1, "b": {"c": [1, 3]}, "gone": None}).judge(delivery)
    assert [(each.condition, each.wanted, each.got) for each in judged.failed] == [
        ("json_equal.b.c.1", "3", "2"),
        ("json_equal.gone", "null", "absent"),
        ("json_equal.more", "absent", '"x"'),
    ]


def test_matches_compose(delivery: Delivery) -> None:
    refund, small = Match(json={"kind": "refund"}), Match(json={"amount": lambda amount: amount < 5})
    assert (refund & ~small).matches(delivery)
    assert (refund | small).matches(delivery)
    assert not (refund & small).matches(delivery)
    assert (refund & "json.paid:true" & (lambda each: each.method == "PUT")).matches(delivery)
    assert ("json.kind:refund" & refund).matches(delivery)
    assert ("json.kind:none" | refund).matches(delivery)
    assert not (~(refund | small)).matches(delivery)
    assert Match(refund, method="PUT").matches(delivery)
    [failed] = (small | Match(method="POST")).judge(delivery).failed
    assert failed.got == 'json.amount is 12.0; method is "PUT"'
    assert str(refund & ~small) == 'json {"kind": "refund"}, not (json {"amount": what a lambda takes})'


def test_the_filter_language_is_the_same_here(delivery: Delivery) -> None:
    assert Match("status:valid method:PUT json.items.0.sku:A header.x-kind:two").matches(delivery)
    judged = Match("status:invalid refund json.kind:payment").judge(delivery)
    assert [(each.condition, each.held) for each in judged.checks] == [
        ("status", False),
        ("text", True),
        ("json.kind", False),
    ]


def test_verdicts_by_status_cause_and_reason(endpoint: Endpoint) -> None:
    post_json(endpoint, {"job": 1})
    post_signed(endpoint, {"job": 2}, secret="another")
    assert endpoint.wait_for(verified="missing").json() == {"job": 1}
    assert endpoint.wait_for(verified=re.compile("another secret")).json() == {"job": 2}
    cause = endpoint.wait_for(verified="invalid").verification.cause
    assert endpoint.wait_for(verified=cause).json() == {"job": 2}
    assert len(endpoint.assert_received("-verified:yes")) == 2


def test_verdicts_by_what_is_known_of_the_signature_and_of_the_time(endpoint: Endpoint) -> None:
    tampers: tuple[Tamper, ...] = ("signature", "stale", "future", "missing-timestamp")
    for tamper in tampers:
        endpoint.send({"job": tamper}, tamper=tamper)

    def jobs(verified: str) -> list[str]:
        return [each.json()["job"] for each in endpoint.deliveries if Match(verified=verified).matches(each)]

    assert jobs("mismatch") == ["signature"]
    assert jobs("match") == ["stale", "future", "missing-timestamp"]
    assert jobs("stale") == ["stale"]
    assert jobs("future") == ["future"]
    assert jobs("expired") == ["stale", "future"]
    assert jobs("valid") == ["missing-timestamp"]  # and nothing whose reason has "invalid" in it
    assert jobs("missing") == jobs("malformed") == []  # of the signature, not of the time
    assert jobs("another secret signed it") == ["signature"]
    assert jobs("no such word") == []


def test_what_is_verified_lacks_no_signature(endpoint: Endpoint) -> None:
    endpoint.send({"job": 1})
    with pytest.raises(CallbackTimeout, match='verified   wanted "mismatch"   got valid') as caught:
        endpoint.wait_for(verified="mismatch", timeout=0.05)
    assert caught.value.unverified == ()


def test_forms_and_other_bodies(endpoint: Endpoint) -> None:
    post(
        endpoint,
        b"kind=refund&tag=a&tag=b%20c",
        headers=[("Content-Type", "application/x-www-form-urlencoded")],
    )
    form = endpoint.wait_for(form={"kind": "refund", "tag": "b c", "none": None}).form()
    assert form.get_all("tag") == ["a", "b c"]
    with pytest.raises(CallbackTimeout, match=r"json\.kind .*the body is not JSON|the body is not JSON"):
        endpoint.wait_for(json={"kind": "refund"}, timeout=0.05)
    post(endpoint, "Grüße".encode("latin-1"), headers=[("Content-Type", "text/plain; charset=latin-1")])
    assert endpoint.wait_for(body="Grüße").text == "Grüße"
    assert endpoint.wait_for(body="Grüße".encode("latin-1")).body == b"Gr\xfc\xdfe"


def test_a_form_in_parts(endpoint: Endpoint) -> None:
    parts = (
        b'--B\r\nContent-Disposition: form-data; name="kind"\r\n\r\nrefund\r\n'
        b'--B\r\nContent-Disposition: form-data; name="note"\r\nContent-Type: text/plain; charset=latin-1\r\n'
        b"\r\nGr\xfc\xdfe\r\n"
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\r\n--B--\r\n'
    )
    post(endpoint, parts, headers=[("Content-Type", "multipart/form-data; boundary=B")])
    form = endpoint.wait_for(form={"kind": "refund", "none": None}).form()
    assert dict(form) == {"kind": "refund", "note": "Grüße", "file": "a,b"}
    post(endpoint, b'{"kind": "a=b"}', headers=JSON)
    assert not endpoint.wait_for(json={"kind": "a=b"}).form()


def test_the_path_of_an_endpoint_with_a_path_of_its_own(inspector: Inspector) -> None:
    endpoint = inspector.endpoint(path="/agents/testing-path")
    post(endpoint, beyond="/hello")
    assert endpoint.wait_for(path="/hello").subpath == "/hello"
    assert endpoint.wait_for(path="/agents/*/hello").path == "/agents/testing-path/hello"
    assert not endpoint.assert_received(path="/", count=0)


def test_a_rule_that_raises_does_not_end_the_wait(endpoint: Endpoint) -> None:
    post(endpoint, b"not json")
    post(endpoint, b'{"job": 1}', headers=JSON)
    assert endpoint.wait_for(lambda each: each.json()["job"] == 1).body == b'{"job": 1}'
    with pytest.raises(CallbackTimeout, match="the test's own rule raised") as caught:
        endpoint.wait_for(lambda each: each.json()["none"], timeout=0.05)
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_rule_that_raises_proves_nothing_absent(endpoint: Endpoint) -> None:
    post(endpoint, b'{"job": 1}', headers=JSON)
    post(endpoint, b"not json")

    def is_two(delivery: Delivery) -> bool:
        return bool(delivery.json()["job"] == 2)

    for call in (
        lambda: endpoint.expect_none(is_two, within=0.05),
        lambda: endpoint.assert_received(is_two, count=0),
        lambda: endpoint.assert_received(lambda each: each.json()["job"] == 1, count=1),
        lambda: endpoint.wait_for_all(1, lambda each: each.json()["job"] == 1, exactly=True, settle=0),
    ):
        with pytest.raises(
            UnexpectedCallback, match=r"is not known at (.|\n)*the test's own rule raised"
        ) as caught:
            call()
        assert isinstance(caught.value.__cause__, ValueError)
    with pytest.raises(CallbackMissing, match="the test's own rule raised") as missing:
        endpoint.assert_order("json.job:1", lambda each: each.json()["job"] == 2)
    assert isinstance(missing.value.__cause__, ValueError)
    assert len(endpoint.assert_received(lambda each: each.json()["job"] == 1)) == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_every_value_is_itself_and_a_subset_of_itself(value: object) -> None:
    for exact in (True, False):
        checks = list(compare(value, value, "json", exact=exact))
        assert checks
        assert all(check.held for check in checks)


@given(VALUES, VALUES)
def test_exact_comparison_is_what_json_makes_of_two_values(one: object, other: object) -> None:
    equal = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    held = all(check.held for check in compare(one, other, "json", exact=True))
    assert held or not equal
    for check in compare(one, other, "json", exact=True):
        assert (check.condition + check.wanted + check.got).isprintable()
