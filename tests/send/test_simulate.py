"""Test callbacks, sent to our own callback listener: each gets exactly the verdict it promises, and Blaxel's
own SDK agrees."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from blaxel.core.common.webhook import verify_webhook_signature
from hypothesis import given, settings
from hypothesis import strategies as st
from support.servers import RunningServer, running_server

from inspector.errors import InvalidInput
from inspector.models import Delivery, VerificationStatus, header_values
from inspector.send.dialer import send
from inspector.send.simulate import Simulation, callback
from inspector.send.tamper import Tamper
from inspector.send.targets import Rules, Target, read_target
from inspector.signing import Scheme, find_scheme

TEXT_SECRET = "s3cret-s3cret-s3cret-s3cret-s3cr"
WHSEC_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw"
TARGET = read_target("http://localhost:2255/hook")
BLAXEL = find_scheme("blaxel")

VALID, INVALID, EXPIRED = VerificationStatus.VALID, VerificationStatus.INVALID, VerificationStatus.EXPIRED
MALFORMED, MISSING = VerificationStatus.MALFORMED, VerificationStatus.MISSING

Promises = Mapping[Tamper | None, VerificationStatus | None]
"""The verdict on each kind; None where the kind means nothing for the scheme."""

CHANGED: Promises = {
    Tamper.WRONG_SECRET: INVALID,
    Tamper.BODY: INVALID,
    Tamper.SIGNATURE: INVALID,
    Tamper.TRUNCATED: INVALID,
    Tamper.STRIPE_STYLE: INVALID,
    Tamper.RESERIALISED: INVALID,
    Tamper.CONTENT_TYPE: VALID,
    Tamper.LARGE: VALID,
    None: VALID,
}
DATED: Promises = {Tamper.STALE: EXPIRED, Tamper.FUTURE: EXPIRED}


@dataclass(frozen=True, slots=True)
class Receiver:
    """How an endpoint verifies, and what each kind of tampering gets from it."""

    scheme: str
    promises: Promises
    secret: str = TEXT_SECRET
    options: Mapping[str, str] | None = None
    tolerance_seconds: int | None = None

    @property
    def row(self) -> Scheme:
        return find_scheme(self.scheme, self.options or {})


OF_BLAXEL: Promises = {
    **CHANGED,
    **DATED,
    Tamper.MISSING_TIMESTAMP: VALID,
    Tamper.UPPER_HEX: INVALID,
    Tamper.NO_PREFIX: VALID,
    Tamper.DUPLICATE_HEADER: MALFORMED,
}
OF_STANDARD_WEBHOOKS: Promises = {
    **CHANGED,
    **DATED,
    Tamper.MISSING_TIMESTAMP: MISSING,
    Tamper.UPPER_HEX: None,
    Tamper.NO_PREFIX: MALFORMED,
    Tamper.DUPLICATE_HEADER: VALID,
}
RECEIVERS = {
    "blaxel": Receiver("blaxel", OF_BLAXEL),
    "blaxel-patient": Receiver("blaxel", OF_BLAXEL, tolerance_seconds=7200),
    "blaxel-impatient": Receiver("blaxel", {**DATED, Tamper.MISSING_TIMESTAMP: VALID}, tolerance_seconds=0),
    "auto": Receiver("auto", OF_BLAXEL),
    "standard-webhooks": Receiver("standard-webhooks", OF_STANDARD_WEBHOOKS, WHSEC_SECRET),
    "svix": Receiver("svix", OF_STANDARD_WEBHOOKS, WHSEC_SECRET),
    "github": Receiver(
        "github",
        {
            **CHANGED,
            Tamper.STALE: None,
            Tamper.FUTURE: None,
            Tamper.MISSING_TIMESTAMP: None,
            Tamper.UPPER_HEX: VALID,
            Tamper.NO_PREFIX: MALFORMED,
            Tamper.DUPLICATE_HEADER: VALID,
        },
    ),
    "own-dated": Receiver(
        "hmac",
        {
            **CHANGED,
            **DATED,
            Tamper.STRIPE_STYLE: None,
            Tamper.MISSING_TIMESTAMP: MISSING,
            Tamper.UPPER_HEX: VALID,
            Tamper.NO_PREFIX: None,
            Tamper.DUPLICATE_HEADER: VALID,
        },
        options={"content": "{timestamp}.{body}", "timestamp_header": "X-Time", "timestamp_unit": "ms"},
    ),
    "own-header-only": Receiver(
        "hmac",
        {
            Tamper.BODY: None,
            Tamper.TRUNCATED: None,
            Tamper.RESERIALISED: None,
            Tamper.MISSING_TIMESTAMP: MISSING,
            Tamper.STRIPE_STYLE: INVALID,
            None: VALID,
        },
        options={"content": "{method} {url} {id}", "timestamp_header": "X-Time", "prefix": "v1="},
    ),
}
PROMISES = [(name, tamper) for name, receiver in RECEIVERS.items() for tamper in receiver.promises]


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as running:
        for name, receiver in RECEIVERS.items():
            running.client.send(
                "POST",
                "/api/endpoints",
                {
                    "path": f"/{name}",
                    "scheme": receiver.scheme,
                    "scheme_options": dict(receiver.options or {}),
                    "secret": receiver.secret,
                    "tolerance_seconds": receiver.tolerance_seconds,
                },
            )
        yield running


def place(server: RunningServer, name: str) -> Target:
    return read_target(f"http://localhost:{server.callbacks[1]}/{name}")


def deliver(server: RunningServer, simulation: Simulation, target: Target) -> Delivery:
    """What our listener made of *simulation*."""
    done = asyncio.run(send(simulation.request, target, Rules()))
    assert done.response is not None
    assert done.request == simulation.request  # complete as it was: nothing had to be corrected
    fields = {name.lower(): value for name, value in done.response.headers}
    delivery = server.store.delivery(int(fields[b"x-callback-delivery"]))
    assert delivery.request.headers == simulation.request.headers
    assert delivery.request.body == simulation.request.body
    return delivery


@pytest.mark.parametrize(("name", "tamper"), PROMISES)
def test_each_kind_gets_the_verdict_it_promises(
    server: RunningServer, name: str, tamper: Tamper | None
) -> None:
    receiver, target = RECEIVERS[name], place(server, name)
    promised = receiver.promises[tamper]

    def simulate() -> Simulation:
        return callback(
            receiver.row,
            receiver.secret,
            target,
            tamper=tamper,
            tolerance_seconds=receiver.tolerance_seconds,
        )

    if promised is None:
        with pytest.raises(InvalidInput) as invalid:
            simulate()
        assert [error.field for error in invalid.value.errors] == ["tamper"]
        return
    simulation = simulate()
    assert simulation.expected is promised
    assert simulation.sentence.endswith(f"verdict is {promised}.")
    delivery = deliver(server, simulation, target)
    assert delivery.verification.status is promised, delivery.verification.reason
    assert delivery.request.complete


@pytest.mark.parametrize("tamper", [None, *Tamper])
def test_the_official_sdk_agrees(tamper: Tamper | None) -> None:
    simulation = callback(BLAXEL, TEXT_SECRET, TARGET, tamper=tamper)
    accepted = verify_webhook_signature(
        body=simulation.request.body,
        signature=joined(simulation, b"x-blaxel-signature"),
        secret=TEXT_SECRET,
        timestamp=joined(simulation, b"x-blaxel-timestamp") or None,
    )
    assert accepted is (simulation.expected is VALID)


def joined(simulation: Simulation, name: bytes) -> str:
    """All fields of this name as one, as most frameworks hand them out."""
    return b", ".join(header_values(simulation.request.headers, name)).decode()


class TestBodiesOfTheUsersOwn:
    @given(st.binary(min_size=1, max_size=50))
    @settings(max_examples=50, deadline=None)
    def test_any_body_arrives_valid_and_any_change_does_not(self, server: RunningServer, body: bytes) -> None:
        target = place(server, "blaxel")
        for tamper, expected in ((None, VALID), (Tamper.BODY, INVALID), (Tamper.TRUNCATED, INVALID)):
            simulation = callback(BLAXEL, TEXT_SECRET, target, body=body, tamper=tamper)
            assert simulation.expected is expected
            assert deliver(server, simulation, target).verification.status is expected
            assert (simulation.request.body == body) is (tamper is None)

    def test_an_empty_body_is_refused_by_blaxel_alone(self, server: RunningServer) -> None:
        for name, expected in (("blaxel", INVALID), ("github", VALID)):
            receiver, target = RECEIVERS[name], place(server, name)
            simulation = callback(receiver.row, receiver.secret, target, body=b"")
            assert simulation.expected is expected
            assert deliver(server, simulation, target).verification.status is expected


class TestTime:
    @pytest.mark.parametrize(
        ("seconds_ago", "tamper", "expected"),
        [
            (10, None, VALID),
            (1000, None, EXPIRED),
            (-1000, None, EXPIRED),
            (1000, Tamper.NO_PREFIX, EXPIRED),
            (1000, Tamper.BODY, INVALID),
            (1000, Tamper.UPPER_HEX, INVALID),
            (1000, Tamper.DUPLICATE_HEADER, MALFORMED),
            (1000, Tamper.MISSING_TIMESTAMP, VALID),
        ],
    )
    def test_a_timestamp_of_the_users_own(
        self, server: RunningServer, seconds_ago: int, tamper: Tamper | None, expected: VerificationStatus
    ) -> None:
        target = place(server, "blaxel")
        moment = int(time.time()) - seconds_ago
        simulation = callback(BLAXEL, TEXT_SECRET, target, tamper=tamper, timestamp=moment)
        assert simulation.expected is expected
        assert deliver(server, simulation, target).verification.status is expected
        assert str(moment) in simulation.sentence


class TestWithoutSecret:
    @pytest.mark.parametrize(
        ("scheme", "secret", "sentence"),
        [
            ("blaxel", None, "The callback was not signed, because there is no secret to sign with"),
            ("auto", "", "The callback was not signed, because there is no secret to sign with"),
            ("none", TEXT_SECRET, "The callback was not signed, because the scheme none checks nothing"),
        ],
    )
    def test_nothing_is_signed(
        self, server: RunningServer, scheme: str, secret: str | None, sentence: str
    ) -> None:
        target = place(server, "nowhere")
        simulation = callback(find_scheme(scheme), secret, target)
        assert simulation.sentence.startswith(sentence)
        assert simulation.expected is VerificationStatus.UNCONFIGURED
        assert deliver(server, simulation, target).verification.status is VerificationStatus.UNCONFIGURED

    def test_what_is_not_to_be_signed_cannot_be_tampered_with_either(self) -> None:
        simulation = callback(BLAXEL, TEXT_SECRET, TARGET, signed=False)
        assert simulation.sentence.startswith("The callback was not signed, as was asked for")
        for tamper in Tamper:
            with pytest.raises(InvalidInput, match="tamper: What is not signed"):
                callback(BLAXEL, TEXT_SECRET, TARGET, signed=False, tamper=tamper)

    def test_nothing_can_be_tampered_with(self) -> None:
        for tamper in Tamper:
            with pytest.raises(InvalidInput, match="tamper: Without a secret"):
                callback(BLAXEL, None, TARGET, tamper=tamper)
