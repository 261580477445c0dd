"""Handshakes: the answer that each sender wants, who gets it and who does not."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector import sign
from inspector.models import (
    Endpoint,
    Reply,
    Request,
    Secret,
    SignatureState,
    TimestampState,
    Verification,
    VerificationStatus,
)
from inspector.receive import handshakes
from inspector.receive.receiver import Receiver
from inspector.receive.replies import check_reply, encoded_headers
from inspector.settings import Settings
from inspector.store import Store

DATA = Path(__file__).parents[1] / "data"
VECTORS = [row for row in json.loads((DATA / "signatures.json").read_bytes()) if "challenge" in row]

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECRETS = (Secret("other", "not this one"), Secret("key-1", "xK3N-_zoomSecretToken1"))


def request(
    body: bytes = b"", *headers: tuple[str, str], target: str = "/hook", method: str = "POST"
) -> Request:
    pairs = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers)
    return Request(method, target.encode("latin-1"), "1.1", pairs, body, "127.0.0.1:5000", 0)


def endpoint(**changes: Any) -> Endpoint:
    return Endpoint(id="e", path="/hook", created_at=NOON, **changes)


def verdict(status: VerificationStatus) -> Verification:
    right = status in (VerificationStatus.VALID, VerificationStatus.EXPIRED)
    state = SignatureState.MATCH if right else SignatureState.MISMATCH
    name = "key-1" if right else None
    return Verification(status, state, TimestampState.FRESH, "zoom", "Because.", "any", secret=name)


def answer(
    asked: Request, status: VerificationStatus = VerificationStatus.VALID, **changes: Any
) -> Reply | None:
    """What the endpoint answers to *asked*, once it was judged so."""
    asking = endpoint(**changes)
    found = handshakes.recognise(asked, asking.handshake)
    return None if found is None else handshakes.answer_to(found, asking, verdict(status), SECRETS)


SLACK = request(b'{"token": "t", "challenge": "c-1", "type": "url_verification"}')
ZOOM = request(b'{"event":"endpoint.url_validation","payload":{"plainToken":"p-1"}}')
DISCORD = request(b'{"application_id":"1","type":1}')
META = request(
    method="GET", target="/hook?hub.mode=subscribe&hub.challenge=7401938265&hub.verify_token=local-token"
)
DROPBOX = request(method="GET", target="/hook?challenge=abc")
SNS = request(
    b'{"Type":"SubscriptionConfirmation","SubscribeURL":"https://sns.eu-west-1.amazonaws.com/?Token=t"}'
)
NOTION = request(b'{"verification_token":"secret_abc"}')
ADYEN = request(b'{"live":"false","notificationItems":[{"NotificationRequestItem":{}}]}')
ASANA = request(b"{}", ("X-Hook-Secret", "b537"))


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: f"{row['scheme']}-{row['name']}")
@pytest.mark.parametrize("named", [False, True])
def test_every_recorded_handshake_gets_its_answer(row: dict[str, Any], named: bool) -> None:
    url = urlsplit(row["url"])
    asked = request(
        base64.b64decode(row["body_b64"]),
        *[(name, value) for name, value in row["headers"]],
        method=row["method"],
        target=f"{url.path}?{url.query}",
    )
    wanted = row["challenge"]
    found = handshakes.recognise(asked)
    assert found is not None
    assert found.sender == row["scheme"]
    got = answer(asked, handshake=row["scheme"] if named else "auto", verify_token=row["secret"] or None)
    if "action" in wanted:
        assert got is None
        assert found.link == json.loads(asked.body)["SubscribeURL"]
        assert found.genuine
        return
    assert got is not None
    check_reply(got)
    assert (got.status, got.body.decode()) == (wanted["status"], wanted["body"])
    content_type = next(value for name, value in got.headers if name == "Content-Type")
    assert content_type.partition(";")[0] == wanted["content_type"]
    for pair in wanted.get("headers", []):
        assert tuple(pair) in got.headers
    assert found.is_answered_by(got)
    assert "It got that." in found.outcome(got)


@pytest.mark.parametrize("asked", [SLACK, ZOOM, DISCORD, META, DROPBOX, SNS, NOTION, ADYEN, ASANA])
def test_nothing_is_answered_where_they_are_off_or_anothers(asked: Request) -> None:
    assert answer(asked, handshake="off", verify_token="local-token") is None
    assert answer(asked, handshake="okta", verify_token="local-token") is None
    assert handshakes.recognise(asked) is not None


def test_a_signed_one_is_not_answered_where_the_endpoint_rejects_it() -> None:
    for asked in (SLACK, ADYEN):
        assert answer(asked, VerificationStatus.INVALID, reject_invalid=True) is None
        assert answer(asked, VerificationStatus.INVALID) is not None
        assert answer(asked, VerificationStatus.UNCONFIGURED) is not None
    assert answer(DROPBOX, VerificationStatus.MISSING, reject_invalid=True) is not None


@pytest.mark.parametrize("status", list(VerificationStatus))
def test_discord_gets_401_for_a_signature_that_is_bad(status: VerificationStatus) -> None:
    got = answer(DISCORD, status)
    assert got is not None
    unjudged = (VerificationStatus.VALID, VerificationStatus.UNCONFIGURED, VerificationStatus.UNAVAILABLE)
    assert got.status == (200 if status in unjudged else 401)


@pytest.mark.parametrize("scheme", ["blaxel", "slack", "stripe", "zoomy"])
def test_zoom_gets_no_digest_by_another_senders_signature(scheme: str) -> None:
    # Whoever can have a text signed by that sender could have any other signed here.
    found = handshakes.recognise(ZOOM)
    assert found is not None
    signed = replace(verdict(VerificationStatus.VALID), scheme=scheme)
    assert handshakes.answer_to(found, endpoint(scheme="auto"), signed, SECRETS) is None
    assert handshakes.answer_to(found, endpoint(scheme=scheme), signed, SECRETS) is None
    named = endpoint(scheme=scheme, handshake="zoom")
    assert handshakes.answer_to(found, named, signed, SECRETS) is not None


@pytest.mark.parametrize("status", [status for status in VerificationStatus if status != "valid"])
def test_zoom_signs_for_nobody_whose_signature_is_not_valid(status: VerificationStatus) -> None:
    assert answer(ZOOM, status) is None


def test_meta_has_to_know_the_verify_token() -> None:
    right = answer(META, VerificationStatus.MISSING, verify_token="local-token", reject_invalid=True)
    assert right is not None
    assert (right.status, right.body) == (200, b"7401938265")
    wrong = answer(META, verify_token="another")
    assert wrong is not None
    assert wrong.status == 403
    assert b"local-token" not in wrong.body
    assert b"another" not in wrong.body
    assert answer(META) is None
    found = handshakes.recognise(META)
    assert found is not None
    assert "verify token" in found.outcome(wrong)


def test_an_address_that_is_not_the_senders_is_called_out() -> None:
    for link in ("http://127.0.0.1:9/x", "https://sns.evil.test/", "https://sns.x.amazonaws.com.evil.test/"):
        asked = request(json.dumps({"Type": "SubscriptionConfirmation", "SubscribeURL": link}).encode())
        found = handshakes.recognise(asked)
        assert found is not None
        assert (found.link, found.genuine) == (link, False)
        assert "do not open it" in found.todo


def test_what_a_person_has_to_do_is_said() -> None:
    found = handshakes.recognise(NOTION)
    assert found is not None
    assert (found.token, found.answer) == ("secret_abc", None)
    assert "secrets" in found.todo
    found = handshakes.recognise(ASANA)
    assert found is not None
    assert found.token == "b537"
    assert "secrets" in found.todo


@pytest.mark.parametrize(
    "asked",
    [
        request(b'{"type": "event_callback", "challenge": "url_verification"}'),
        request(b'{"type": "url_verification", "challenge": 5}'),
        request(b'{"type": "url_verification", "challenge": "%s"}' % (b"x" * 5000)),
        request(b'[{"type": "url_verification", "challenge": "x"}]'),
        request(b'{"type": "url_verification", "challenge": "x"'),
        request(b'{"type": "url_verification", "challenge": "x"}' + b" " * handshakes.BODY_BYTES),
        request(b'{"event":"endpoint.url_validation","payload":"plainToken"}'),
        request(b'{"application_id":"1","type":true}'),
        request(b'{"application_id":"1","type":2}'),
        request(b"webhook_id=12&x=1"),
        request(b"webhook_id=twelve"),
        request(b'{"verification_token":"a","other":1}'),
        request(b"[" * 50_000 + b'"verification_token"'),
        request(b"{}", ("X-Hook-Secret", "a"), ("X-Hook-Secret", "b")),
        request(target="/hook?validationToken="),
        request(target="/hook?validationToken=a&validationToken=b"),
        request(method="GET", target="/hook?hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=x"),
        request(method="PUT", target="/hook?challenge=abc"),
    ],
)
def test_what_only_looks_like_one_is_none(asked: Request) -> None:
    assert handshakes.recognise(asked) is None


WORDS = st.sampled_from(
    ["type", "url_verification", "challenge", "event", "payload", "plainToken", "application_id", "live"]
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 2), WORDS, st.text(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    body=st.one_of(st.binary(max_size=40), JSON.map(lambda value: json.dumps(value).encode())),
    value=st.text(st.characters(max_codepoint=255), max_size=12),
    name=st.sampled_from(["X-Hook-Secret", "X-Okta-Verification-Challenge"]),
    query=st.one_of(
        st.binary(max_size=20), st.binary(max_size=8).map(lambda token: b"validationToken=" + token)
    ),
    method=st.sampled_from(["GET", "POST"]),
)
def test_whatever_comes_the_answer_can_be_sent(
    body: bytes, value: str, name: str, query: bytes, method: str
) -> None:
    asked = request(body, (name, value), target=f"/?{query.decode('latin-1')}", method=method)
    found = handshakes.recognise(asked)
    if found is not None:
        reply = answer(asked)
        if reply is not None:
            check_reply(reply)
            encoded_headers(reply)


REFLECTING = {
    "slack": SLACK,
    "discord": DISCORD,
    "meta": META,
    "dropbox": DROPBOX,
    "adyen": ADYEN,
    "asana": ASANA,
    "okta": request(b"", ("X-Okta-Verification-Challenge", "<script>"), method="GET"),
    "microsoft-graph": request(target="/hook?validationToken=%3Cscript%3E"),
    "woocommerce": request(b"webhook_id=12"),
}


@pytest.mark.parametrize("sender", [*REFLECTING, "zoom"])
def test_no_browser_takes_an_answer_for_a_page(sender: str) -> None:
    async def replied() -> Reply:
        with closing(Store.open(Settings())) as store:
            asked = REFLECTING.get(sender)
            hook = endpoint(scheme="zoom" if asked is None else "auto", verify_token="local-token")
            await store.create_endpoint(hook)
            if asked is None:
                store.secrets.add(hook.id, value="zoom-secret")
                signed = sign(ZOOM.body, "zoom-secret", scheme="zoom", timestamp=0)
                asked = request(ZOOM.body, *signed)
            return (await Receiver(store, Settings()).receive(asked)).reply

    reply = asyncio.run(replied())
    found = handshakes.recognise(REFLECTING.get(sender, ZOOM))
    assert found is not None
    assert found.is_answered_by(reply)
    assert ("X-Content-Type-Options", "nosniff") in reply.headers
    types = [value for name, value in reply.headers if name.lower() == "content-type"]
    assert all(kind.startswith(("text/plain", "application/json")) for kind in types)
    assert len(types) == 1


SIGNED = [row for row in VECTORS if row["expect"] == "valid" and "body" in row["challenge"]]


@pytest.mark.parametrize("row", SIGNED, ids=lambda row: f"{row['scheme']}-{row['name']}")
def test_a_signed_one_is_judged_and_then_answered(row: dict[str, Any]) -> None:
    body = base64.b64decode(row["body_b64"])
    asked = request(body, *[(name, value) for name, value in row["headers"]])
    asked = replace(asked, received_ns=row["now"] * 10**9)
    tampered = replace(asked, body=body.replace(b"{", b"{ ", 1))

    async def answers() -> list[Reply]:
        with closing(Store.open(Settings())) as store:
            rejecting = endpoint(scheme=row["scheme"], reject_invalid=True)
            await store.create_endpoint(rejecting)
            store.secrets.add(rejecting.id, value=row["secret"])
            receiver = Receiver(store, Settings())
            return [(await receiver.receive(one)).reply for one in (asked, tampered)]

    right, wrong = asyncio.run(answers())
    assert (right.status, right.body.decode()) == (row["challenge"]["status"], row["challenge"]["body"])
    assert wrong.status == 401
    assert row["secret"].encode() not in wrong.body
