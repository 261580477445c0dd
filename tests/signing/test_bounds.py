"""Verification runs while other senders wait: no body and no header makes it take long."""

from __future__ import annotations

import base64
import time

import pytest

import inspector
from inspector.models import Message, Secret
from inspector.signing import check, find_scheme, generate_secret, scheme_names, takes_long
from inspector.signing.scheme import Scheme

MIB = 1 << 20
NOW = 1_700_000_000
MOST_SECONDS = 0.25  # of one processor, however slow it is; without bounds some take several times that
BESIDE_THE_LOOP = 4  # times as long may take what is judged in a thread

BODIES = {
    "dense JSON": b'{"signature":{"timestamp":"1","token":"t","signature":"s"},"a":['
    + b"[]," * 349_000
    + b"0]}",
    "numbers": b'{"webhookTimestamp":1700000000000,"a":[' + b"1," * 524_000 + b"1]}",
    "items": b'{"notificationItems":['
    + b",".join([b'{"NotificationRequestItem":{"additionalData":{"hmacSignature":"aaaa"}}}'] * 11_000)
    + b"]}",
    "states": b'{"value":[' + b",".join([b'{"subscriptionId":1,"clientState":"a"}'] * 16_000) + b"]}",
    "fields": b"signature=a&token=b&timestamp=1&" + b"a&" * 524_000,
    "escapes": b"a=" + b"%41" * 349_000,
}
HEADER_BYTES = 250_000


def rows() -> list[Scheme]:
    return [row for row in map(find_scheme, scheme_names()) if row.signs]


def seconds_for(message: Message, row: Scheme, secret: str) -> float:
    """Processor time, the better of two: the first may import what it needs."""
    taken = []
    for _ in range(2):
        started = time.process_time()
        verdict = check(message, row, [Secret("key", secret)], now=NOW)
        taken.append(time.process_time() - started)
        assert not verdict
        assert len(verdict.reason) + sum(map(len, verdict.warnings)) < 3_000
    return min(taken)


def signed_somehow(row: Scheme, value: bytes) -> tuple[tuple[bytes, bytes], ...]:
    time_header = (row.timestamp_header.encode(), str(NOW).encode())
    header = row.signature.header.own.encode()
    form = (b"content-type", b"application/x-www-form-urlencoded")
    found = [form, (header, value), time_header]
    if row.signature.separator is not None:
        found[1] = (header, b"t=%d" % NOW + row.signature.separator + value)
    return tuple(pair for pair in found if pair[0])


@pytest.mark.parametrize("name", BODIES)
def test_no_body_of_a_mebibyte_takes_long(name: str) -> None:
    auto = find_scheme("auto")
    for row in (row for row in rows() if row.code or row.reads_json):
        message = Message(
            BODIES[name], signed_somehow(row, row.signature.prefix + b"0" * 64), "POST", "http://a/"
        )
        secret = generate_secret(row)
        most = MOST_SECONDS * (BESIDE_THE_LOOP if takes_long(message.headers, len(message.body)) else 1)
        assert seconds_for(message, row, secret) < most, row.name
        assert seconds_for(message, auto, secret) < most, row.name


@pytest.mark.parametrize("piece", [b"", b"a", b"0" * 64, base64.b64encode(bytes(64))], ids=len)
def test_no_signature_header_takes_long(piece: bytes) -> None:
    auto = find_scheme("auto")
    for row in (row for row in rows() if row.signature.header.own):
        syntax = row.signature
        each = syntax.prefix + piece + (syntax.separator or b",")
        value = each * (HEADER_BYTES // len(each))
        secret = generate_secret(row)
        name = syntax.header.own.encode()
        for headers in (signed_somehow(row, value), ((name, each),) * (HEADER_BYTES // (len(each) + 30))):
            message = Message(b'{"webhookTimestamp":1700000000000}', headers, "POST", "http://a/")
            assert seconds_for(message, row, secret) < MOST_SECONDS, row.name
            assert seconds_for(message, auto, secret) < MOST_SECONDS, row.name


@pytest.mark.parametrize(
    ("scheme", "body", "why"),
    [
        ("linear", BODIES["numbers"], "more than 50,000 values"),
        ("mailgun", BODIES["fields"], "more than 2,000 fields"),
        ("adyen", BODIES["items"], "more than 1,000 signatures"),
        ("microsoft-graph", BODIES["states"], "more than 1,000 signatures"),
        ("twilio", BODIES["escapes"], "more than 50,000 escaped bytes"),
        ("aws-sns", b'"' + b"a" * (5 * MIB) + b'"', "larger than 4 MiB"),
    ],
)
def test_what_is_not_read_is_not_called_wrong(scheme: str, body: bytes, why: str) -> None:
    row = find_scheme(scheme)
    headers = () if row.signature.in_body else signed_somehow(row, b"0" * 64)
    message = Message(body, headers, "POST", "http://a/")
    verdict = check(message, row, [Secret("key", generate_secret(row))], now=NOW)
    assert (verdict.status, verdict.signature, verdict.cause) == ("invalid", "not_checked", "could_not_check")
    assert why in verdict.reason


def test_what_is_not_read_and_not_signed_is_unsigned() -> None:
    message = Message(BODIES["escapes"], signed_somehow(find_scheme("twilio"), b"")[:1], "POST", "http://a/")
    verdict = check(message, find_scheme("twilio"), [Secret("key", "k")], now=NOW)
    assert (verdict.status, verdict.cause) == ("missing", "no_signature_header")
    assert verdict.reason == "There is no X-Twilio-Signature header."


def test_large_bodies_are_judged_where_they_can_be() -> None:
    """The bounds are far above what senders write."""
    body = b'{"webhookTimestamp":1700000000000,"a":"' + b"x" * MIB + b'","b":[' + b"12345," * 20_000 + b"1]}"
    secret = "a secret of some length"
    headers = inspector.sign(body, secret, scheme="linear")
    assert inspector.verify(body, headers, secret, now=NOW)
    form = b"&".join(b"Field%d=%s" % (number, b"%D8%B3" * 40) for number in range(500))
    signed = inspector.sign(form, secret, scheme="twilio", url="https://a.example/")
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    assert inspector.verify(form, [kind, *signed], secret, url="https://a.example/")


def test_the_one_slow_sender_is_judged_beside_the_loop() -> None:
    headers = ((b"X-INNGEST-Signature", b"t=1&s=0"),)
    assert takes_long(headers, 1 << 17)
    assert not takes_long(headers, 1_000)
    assert not takes_long(((b"Stripe-Signature", b"t=1"),), 1 << 17)
