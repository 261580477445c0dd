"""Covered means covered: each piece of a signed message is changed, and the verdict is what the row says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from support.signed import NOW, SIGNING, flipped, message, secret_of
from support.vectors import Vector, vectors

from inspector.models import Message, Secret, VerificationStatus
from inspector.signing import Scheme, check, find_scheme
from inspector.signing.scheme import Part

BITS = (0, 3, 7)
"""Which bits of each byte are flipped: with all eight the test would take a minute and find nothing more."""


def is_valid(row: Scheme, changed: Message) -> bool:
    verdict = check(changed, row, [Secret("key-1", secret_of(row))], now=NOW)
    return verdict.status is VerificationStatus.VALID


def flips(data: bytes) -> Iterator[bytes]:
    for place in range(len(data)):
        for bit in BITS:
            yield flipped(data, 8 * place + bit)


def covered_headers(row: Scheme) -> set[bytes]:
    """The headers that the row says are covered, or are the signature."""
    names = {row.signature.header.own, *(part.own for part in row.header_parts)}
    if row.covers(Part.TIMESTAMP) and row.timestamp is not None:
        names.add(row.timestamp.header.own)
    if row.covers(Part.ID) and row.message_id is not None:
        names.add(row.message_id.own)
    return {name.lower().encode() for name in names if name}


@pytest.mark.parametrize("row", SIGNING, ids=lambda row: str(row.name))
def test_headers(row: Scheme) -> None:
    original = message(row)
    covered = covered_headers(row)
    uncovered_time = b""
    if row.timestamp is not None and not row.covers(Part.TIMESTAMP):
        uncovered_time = row.timestamp.header.own.lower().encode()
    assert is_valid(row, original)
    for place, (name, value) in enumerate(original.headers):
        for other in flips(value):
            headers = (*original.headers[:place], (name, other), *original.headers[place + 1 :])
            valid = is_valid(row, replace(original, headers=headers))
            if name.lower() in covered:
                assert not valid or other.lower() == value.lower(), (name, other)
            elif name.lower() != uncovered_time:  # which is judged, although anyone can write it
                assert valid, (name, other)
        without = tuple(pair for pair in original.headers if pair[0] != name)
        if name.lower() in covered:
            assert not is_valid(row, replace(original, headers=without)), name


@pytest.mark.parametrize("row", SIGNING, ids=lambda row: str(row.name))
def test_body(row: Scheme) -> None:
    original = message(row)
    for body in (*flips(original.body), original.body + b"\n", original.body[:-1], b""):
        valid = is_valid(row, replace(original, body=body))
        if row.covers(Part.BODY) or row.code == "adyen":  # whose header covers the body
            assert not valid or same_meaning(row, original.body, body), body
        else:
            assert valid, body


@pytest.mark.parametrize("row", SIGNING, ids=lambda row: str(row.name))
def test_url_and_method(row: Scheme) -> None:
    original = message(row)
    assert original.url is not None
    for url in flips(original.url.encode()):
        assert is_valid(row, replace(original, url=url.decode("latin-1"))) is not row.covers(Part.URL), url
    for method in flips(original.method.encode()):
        valid = is_valid(row, replace(original, method=method.decode("latin-1")))
        assert valid is not row.covers(Part.METHOD), method


def same_meaning(row: Scheme, one: bytes, other: bytes) -> bool:
    """Whether two bodies are the same to a sender that does not sign their bytes."""
    if row.name == "inngest":
        return as_json(one) == as_json(other)
    if row.name == "twilio":
        forms = (parse_qsl(body.decode("latin-1"), keep_blank_values=True) for body in (one, other))
        return len({"".join(name + value for name, value in sorted(form)) for form in forms}) == 1
    return False


def as_json(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return body


SNS_SIGNED = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
ADYEN_SIGNED = ("pspReference", "merchantAccountCode", "merchantReference", "amount", "eventCode", "success")


def signed_fields(scheme: str, body: bytes) -> object:
    """What a body with its signature inside has signed, told without the product's code."""
    data = as_json(body)
    if not isinstance(data, dict):
        return None
    if scheme == "mailgun":
        return data.get("signature")
    if scheme == "aws-sns":
        return [data.get(name) for name in SNS_SIGNED]
    items = data.get("notificationItems")
    item = items[0].get("NotificationRequestItem") if isinstance(items, list) and items else None
    return [item.get(name) for name in ADYEN_SIGNED] if isinstance(item, dict) else None


@pytest.mark.parametrize(
    "vector",
    [v for v in vectors("mailgun", "aws-sns", "adyen") if v.expect == "valid" and v.body[:1] == b"{"],
    ids=str,
)
def test_fields_of_bodies_that_hold_their_signature(vector: Vector) -> None:
    row, secrets = find_scheme(vector.scheme), [Secret("key-1", vector.secret)]
    before = signed_fields(vector.scheme, vector.body)
    valid = 0
    for body in flips(vector.body):
        changed = Message(body, tuple((n.encode(), v.encode()) for n, v in vector.headers), url=vector.url)
        if check(changed, row, secrets, now=vector.now):
            valid += 1
            assert signed_fields(vector.scheme, body) == before, body
    assert valid or vector.scheme == "aws-sns"  # something is left uncovered, as the row's caveats say
    assert row.caveats
