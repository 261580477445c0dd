"""What is stored comes back byte for byte, whatever a sender, a verdict or a note contains."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.deliveries import add, new_delivery, opened

from inspector.models import (
    Endpoint,
    Framing,
    NewDelivery,
    Reply,
    Request,
    SdkVerdicts,
    SignatureState,
    TimestampState,
    Verification,
    VerificationStatus,
    utc_from_ns,
)
from inspector.store import Store

# Text as decoded from the wire is latin-1; text from the API may hold anything, lone surrogates too.
wire_text = st.text(st.characters(max_codepoint=255), max_size=30)
any_text = st.text(st.characters(exclude_categories=[]), max_size=30)
pairs = st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=60)), max_size=6).map(tuple)
moments = st.integers(0, 2**62)

requests = st.builds(
    Request,
    method=wire_text,
    target=st.binary(max_size=60),
    http_version=st.sampled_from(["1.0", "1.1", "2", "0.9"]),
    headers=pairs,
    body=st.binary(max_size=200),
    client=wire_text,
    received_ns=moments,
    trailers=pairs,
    incomplete_reason=st.none() | any_text,
    head=st.binary(max_size=200),
    framing=st.sampled_from(Framing),
    chunks=st.integers(0, 2**62),
    flags=st.lists(st.from_regex(r"[a-z0-9.-]{1,30}", fullmatch=True), max_size=4).map(tuple),
)
verifications = st.builds(
    Verification,
    status=st.sampled_from(VerificationStatus),
    signature=st.sampled_from(SignatureState),
    timestamp=st.sampled_from(TimestampState),
    scheme=st.sampled_from(["auto", "blaxel", "none"]),
    reason=any_text,
    cause=any_text,
    secret=st.none() | any_text,
    age_seconds=st.none() | st.integers(-(10**30), 10**30),
    warnings=st.lists(any_text, max_size=3).map(tuple),
    warned=st.booleans(),
    sdk=st.none() | st.builds(SdkVerdicts, python=st.booleans(), typescript=st.booleans()),
)
replies = st.builds(
    Reply,
    status=st.integers(200, 599),
    headers=st.lists(st.tuples(any_text, any_text), max_size=3).map(tuple),
    body=st.binary(max_size=50),
    delay_seconds=st.floats(0, 30),
)
deliveries = st.builds(
    NewDelivery,
    endpoint_id=st.sampled_from(["root", "gone"]),
    request=requests,
    verification=verifications,
    reply=replies,
    message_id=st.none() | any_text,
)

NUL_AND_SURROGATE = "a\0b\ud800\udfff\uffff"


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with opened() as store:
        yield store


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(delivery=deliveries)
@example(delivery=new_delivery(b"\0" * 100, target=b"/\0\xff\n", message_id=NUL_AND_SURROGATE))
@example(delivery=new_delivery(b"", message_id=""))
def test_any_delivery_comes_back_as_it_was(store: Store, delivery: NewDelivery) -> None:
    [number] = add(store, delivery)
    kept = store.delivery(number)
    assert kept.request == delivery.request
    assert kept.verification == delivery.verification
    assert kept.sent.reply == delivery.reply
    assert kept.endpoint_id == delivery.endpoint_id
    assert kept.message_id == delivery.message_id
    assert store.body(number) == delivery.request.body
    [summary] = store.after(number - 1).rows
    request, verification = delivery.request, delivery.verification
    assert (summary.method, summary.path) == (request.method, request.path)
    assert (summary.received_at, summary.client) == (request.received_at, request.client)
    assert (summary.content_type, summary.body_size) == (request.content_type, len(request.body))
    assert (summary.complete, summary.reply_status) == (request.complete, delivery.reply.status)
    assert (summary.status, summary.reason) == (verification.status, verification.reason)
    assert (summary.warned, summary.message_id) == (verification.warned, delivery.message_id)


@settings(deadline=None)
@given(delivery=deliveries)
def test_the_same_message_again_is_the_next_attempt(store: Store, delivery: NewDelivery) -> None:
    first, second = add(store, delivery, delivery)
    before, after = store.delivery(first), store.delivery(second)
    if delivery.message_id is None:
        assert before.attempt == after.attempt == 1
        assert [row.id for row in store.attempts(after)] == [second]
    else:
        assert after.attempt == before.attempt + 1
        assert [row.id for row in store.attempts(before)][-2:] == [first, second]


@settings(deadline=None)
@given(note=any_text)
@example(note=NUL_AND_SURROGATE)
def test_any_note_comes_back_as_it_was(store: Store, note: str) -> None:
    [number] = add(store, new_delivery())
    assert asyncio.run(store.annotate(number, note=note)).note == note
    assert store.delivery(number).note == note


@settings(deadline=None, max_examples=50)
@given(
    name=any_text,
    path=any_text.map(lambda text: f"/{text}"),
    options=st.dictionaries(any_text, any_text | st.integers() | st.booleans() | st.none(), max_size=3),
    tolerance=st.none() | st.integers(0, 2**70),
    public_url=st.none() | any_text,
    reject=st.booleans(),
    reply=replies,
    created_ns=moments,
)
def test_any_endpoint_comes_back_as_it_was(
    name: str,
    path: str,
    options: dict[str, object],
    tolerance: int | None,
    public_url: str | None,
    reject: bool,
    reply: Reply,
    created_ns: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    endpoint = Endpoint(
        id="e1",
        path=path if path != "/" else "/x",
        created_at=utc_from_ns(created_ns),
        name=name,
        scheme_options=MappingProxyType(options),
        tolerance_seconds=tolerance,
        public_url=public_url,
        reject_invalid=reject,
        reply=reply,
        handshake="off" if reject else "meta",
        verify_token=public_url,
    )
    folder = tmp_path_factory.mktemp("endpoint")
    with opened(folder) as store:
        assert asyncio.run(store.create_endpoint(endpoint)) == endpoint
        assert store.endpoint("e1") == endpoint
    with opened(folder) as store:
        assert store.endpoint("e1") == endpoint
        assert store.endpoint(endpoint.path) == endpoint


@pytest.mark.parametrize("size_bytes", [0, 1, 4096, 65536, 10 * 1024 * 1024, 25 * 1024 * 1024])
def test_bodies_of_every_size(store: Store, size_bytes: int) -> None:
    body = bytes(range(256)) * (size_bytes // 256) + b"x" * (size_bytes % 256)
    [number] = add(store, new_delivery(body))
    assert store.body(number) == body
    assert store.newest(limit=1).rows[0].body_size == size_bytes


def test_the_reply_is_planned_for_after_its_delay(store: Store) -> None:
    [number] = add(store, new_delivery(reply=Reply(delay_seconds=2.5)))
    kept = store.delivery(number)
    assert kept.sent.completed
    assert kept.sent.sent_at is not None
    waited = kept.sent.sent_at - kept.request.received_at
    assert timedelta(seconds=2.5) <= waited < timedelta(seconds=12)
