"""Which deliveries are meant, and what the others lack."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.filters import NOON, NOON_NS

from inspector.matching import Check, Subject, difference, match, nearest, parse
from inspector.models import HeaderPairs, Request, VerificationStatus


def subject(
    body: bytes = b"",
    *,
    target: bytes = b"/agents/one?page=2&q=a+b%21&q=",
    headers: HeaderPairs = (),
    method: str = "POST",
    received_ns: int = NOON_NS,
) -> Subject:
    request = Request(method, target, "1.1", headers, body, "127.0.0.1:5000", received_ns)
    return Subject(
        id=7,
        endpoint_id="ep_1",
        endpoint_path="/agents",
        request=request,
        status=VerificationStatus.EXPIRED,
        scheme="blaxel",
        reply_status=401,
        message_id="msg_1",
        attempt=2,
        pinned=True,
        body_text=lambda: body.decode("utf-8", "replace"),
    )


def meets(text: str, of: Subject) -> bool:
    return match(parse(text, now=NOON), of)


SEARCHED = subject(
    b'{"q":"100%_off \'quoted\' \\"dq\\" \xc3\x89cole","path":"C:\\\\tmp"}',
    headers=((b"Content-Type", b"application/json"), (b"X-Find", b"Needle-77")),
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("100%_off", True),
        ("100__off", False),
        ("'quoted'", True),
        ("needle-77", True),
        ("école", True),
        ("ÉCOLE", True),
        ('"\\"dq"', True),
        ("AND OR NOT (", False),
        ('"x-find: needle"', True),
        ("AGENTS/ONE", True),
        ("%", True),
        ("_", True),
        ("*", False),
        ("NEAR(", False),
        ("'; drop", False),
        ("(a+)+$", False),
        ('"json x-find"', False),
        ("off agents -absent", True),
        ("off -agents", False),
        ("body:agents", False),
        ("body:OFF", True),
    ],
)
def test_words_are_found_wherever_they_stand_and_mean_themselves(text: str, found: bool) -> None:
    assert meets(text, SEARCHED) is found


@pytest.mark.parametrize(
    ("body", "word", "found"),
    [
        (b"before\x00after", "AFTER", True),
        (b"\xff\xfe caf\xe9", "CAFÉ", True),  # no UTF-8, so latin-1
        ("Straße".encode(), "STRAßE", True),
        (b"x" * 200_000 + b"Needle", "needle", True),
        (("é" * 65_533 + "École").encode(), "ÉCOLE", True),  # across the border of two pieces
        (b"x" * 65_533 + b"Needle", "needle", True),
        (b"", "a", False),
        (b"", '""', True),
    ],
)
def test_words_are_found_in_any_bytes(body: bytes, word: str, found: bool) -> None:
    assert meets(f"body:{word}", subject(body)) is found


@pytest.mark.parametrize(
    "text",
    [
        "status:expired", "-status:valid", "verified:no", "reply:401", "reply:4xx", "reply:>=400",
        "method:post", "path:/agents/*", "path:/agents/one?page=2&*", "path:**", "-path:/agents", "-path:/*",
        "endpoint:/agents", "endpoint:ep_1", "-endpoint:/other", "endpoint:*", "endpoint:/*", "scheme:BLAXEL",
        "size:0", "size:<1k", "id:>6", "id:7", "-id:>7", "message:msg_1", "message:msg_*", "attempt:2",
        "attempt:>1", "pinned:yes", "query.page", "query.page:2", "query.page:*", "-query.none",
        'query.q:"a b!"', 'query.q:""', "after:2025-11-25", "after:2025-11-25T12:00Z", "before:2025-11-26",
        "-before:2025-11-25T12:00Z",
    ],
)  # fmt: skip
def test_conditions_that_hold(text: str) -> None:
    assert meets(text, subject())
    opposite = text[1:] if text.startswith("-") else f"-{text}"
    assert not meets(opposite, subject())


@pytest.mark.parametrize(
    ("value", "text", "held"),
    [
        ("application/json", "content_type:application/json", True),
        ("Application/JSON; charset=utf-8", "content_type:application/json", True),
        ("Application/JSON; charset=utf-8", 'content_type:"application/json; *"', True),
        ("application/json", "content_type:json", False),
        ("application/json", "content_type:*json", True),
        ("application/json", "header.content-type:application/*", True),
        ("application/json", "header.Content-Type:APPLICATION/JSON", False),
        ("gr\xfc\xdfe", "header.content-type:grüße", True),
    ],
)
def test_header_values(value: str, text: str, held: bool) -> None:
    assert meets(text, subject(headers=((b"Content-Type", value.encode("latin-1")),))) is held


def test_one_of_several_headers_of_a_name_is_enough() -> None:
    twice = subject(headers=((b"X-Kind", b"one"), (b"x-kind", b"two")))
    assert meets("header.x-kind:two header.x-kind:one", twice)
    assert not meets("-header.x-kind:two", twice)


def test_a_header_in_utf8_is_found_as_people_read_it_and_as_the_api_writes_it() -> None:
    named = subject(headers=((b"X-Name", "Zoë".encode()),))
    assert meets("header.x-name:Zoë", named)
    assert meets('header.x-name:"{}"'.format("Zoë".encode().decode("latin-1")), named)
    assert difference(parse("header.x-name", now=NOON), named) == (
        Check("header.x-name", True, "present", "Zoë"),
    )


def test_no_content_type_and_no_message_id_fit_nothing() -> None:
    bare = replace(subject(), message_id=None)
    assert not meets("message:*", bare)
    assert not meets("content_type:*", bare)


@pytest.mark.parametrize(
    ("body", "text", "held"),
    [
        (b'{"n":1.0}', "json.n:1.0", True),
        (b'{"n":1.0}', "json.n:1", False),
        (b'{"n":1e400}', "json.n:1e400", True),
        (b'{"n":12345678901234567890123}', "json.n:12345678901234567890123", True),
        (b'{"n":' + b"9" * 5000 + b"}", "json.n:*9", True),
        (b'{"n":NaN}', "json.n:NaN", True),
        (b'{"n":null}', "json.n", True),
        (b'{"n":null}', "json.n:null", True),
        (b'{"n":true}', "json.n:true", True),
        (b'{"n":"1"}', "json.n:1", True),
        (b'{"n":"\\u00e9\\ud800"}', "json.n:é*", True),
        (b'{"n":1,"n":2}', "json.n:1 json.n:2", True),
        (b'{"n":{}}', "json.n", True),
        (b'{"n":{}}', "json.n:*", False),
        (b'{"n":""}', 'json.n:""', True),
        (b'[{"a":5}]', "json.0.a:5", True),
        (b'[{"a":5}]', "json.00.a", False),
        (b"[1]", "json.1", False),
        (b"[1]", "json." + "9" * 5000, False),
        (b'{"0":5}', "json.0:5", True),
        (b'{"a.b":{"":5}}', 'json."a.b"."":5', True),
        (b'{"a":{"b":"a long value"}}', 'json.a.b:"*long v*"', True),
        (json.dumps({"r": json.dumps({"answer": [42]})}).encode(), "json.r.answer.0:42", True),
        (b'{"r":"{not json"}', "json.r.not", False),
        (b'{"a":1', "json.a", False),
        (b"[" * 100_000, "json.0", False),
        (b"", "json.a", False),
    ],
)
def test_json_values_are_compared_as_the_text_that_was_sent(body: bytes, text: str, held: bool) -> None:
    assert meets(text, subject(body)) is held


def test_the_body_is_decoded_only_when_the_rest_holds() -> None:
    def fail() -> str:
        raise AssertionError("decoded")

    watched = replace(subject(), body_text=fail)
    assert not meets("json.a:1 status:valid", watched)


def test_the_difference_names_each_condition_in_order() -> None:
    tree = parse(
        "json.status_code:200 status:valid -refund size:<1k header.x query.q json.a after:1m", now=NOON
    )
    body = b'{"status_code":500,"a":{"b":[]},"text":"Refund"}'
    early = NOON_NS - 120_000_000_000
    assert difference(tree, subject(body, received_ns=early)) == (
        Check("json.status_code", False, "200", "500"),
        Check("status", False, "valid", "expired"),
        Check("-text", False, "not refund", "in the body"),
        Check("size", True, "<=999", "48"),
        Check("header.x", False, "present", "absent"),
        Check("query.q", True, "present", 'a b!, ""'),
        Check("json.a", True, "present", "an object"),
        Check("after", False, "2025-11-25T11:59:00Z", "2025-11-25T11:58:00Z"),
    )


def test_the_difference_says_when_there_is_no_json_and_cuts_what_is_long() -> None:
    tree = parse("json.a header.x:1 method:GET path:/x content_type:* body:no verified:yes", now=NOON)
    checks = difference(tree, subject(b"plain", headers=((b"X", b"1" * 1000),)))
    assert [check.got for check in checks] == [
        "the body is not JSON",
        "1" * 199 + "…",
        "POST",
        "/agents/one?page=2&q=a+b%21&q=",
        "none",
        "not in the body",
        "no",
    ]


def test_the_nearest_meet_most_conditions_and_are_newest() -> None:
    tree = parse("method:post json.a:1 json.b:2", now=NOON)
    bodies = {1: b'{"a":1}', 2: b"{}", 3: b'{"b":2}', 4: b'{"a":1,"b":2}', 5: b"", 6: b'{"a":1}'}
    subjects = [replace(subject(body), id=number) for number, body in bodies.items()]
    misses = nearest(tree, subjects)
    assert [(miss.id, miss.held) for miss in misses] == [(6, 2), (3, 2), (1, 2)]
    assert misses[0].failed == (Check("json.b", False, "2", "absent"),)


def test_received_times_are_compared_to_the_microsecond_the_api_shows() -> None:
    late = subject(received_ns=NOON_NS + 1_999)
    shown = datetime(2025, 11, 25, 12, 0, 0, 1, tzinfo=UTC).isoformat()
    assert meets(f"after:{shown}", late)
    assert not meets(f"before:{shown}", late)
