"""The senders' own verifiers give the same answers as ours, but where the catalogue says that they differ."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
import stripe
from slack_sdk.signature import Clock, SignatureVerifier
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError
from support.vectors import Vector, vectors

import inspector

STRIPE_TOLERANCE_SECONDS = 300


def lower(vector: Vector) -> dict[str, str]:
    return {name.lower(): value for name, value in vector.headers}


class FrozenClock(Clock):
    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now


def slack_accepts(vector: Vector) -> bool:
    verifier = SignatureVerifier(vector.secret, FrozenClock(vector.now))
    return verifier.is_valid_request(vector.body, dict(vector.headers))


def standard_accepts(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> bool:
    from standardwebhooks import webhooks

    class Frozen(webhooks.datetime):  # type: ignore[misc, name-defined]  # the SDK reads the clock itself
        @classmethod
        def now(cls, tz: object = None) -> webhooks.datetime:  # type: ignore[name-defined]
            return cls.fromtimestamp(vector.now, tz)

    monkeypatch.setattr(webhooks, "datetime", Frozen)
    try:
        Webhook(vector.secret).verify(vector.body, lower(vector))
    except (WebhookVerificationError, ValueError, RuntimeError):
        return False
    return True


def stripe_accepts(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr("stripe._webhook.time.time", lambda: vector.now)
    header = lower(vector).get("stripe-signature", "")
    try:
        stripe.WebhookSignature.verify_header(
            vector.body.decode(), header, vector.secret, STRIPE_TOLERANCE_SECONDS
        )
    except stripe.SignatureVerificationError:
        return False
    return True


def ours(vector: Vector) -> bool:
    return bool(
        inspector.verify(vector.body, vector.headers, vector.secret, scheme=vector.scheme, now=vector.now)
    )


@pytest.mark.parametrize("vector", vectors("slack"), ids=str)
def test_slack(vector: Vector) -> None:
    assert slack_accepts(vector) is ours(vector)


@pytest.mark.parametrize("vector", vectors("standard-webhooks"), ids=str)
def test_standard_webhooks(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> None:
    assert standard_accepts(vector, monkeypatch) is ours(vector)


@pytest.mark.parametrize("vector", vectors("stripe"), ids=str)
def test_stripe(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stripe_accepts(vector, monkeypatch) is ours(vector)


BODY = '{"text":"caf\u00e9 \u2713"}'.encode()
WHSEC = "whsec_c3RhbmRhcmQtd2ViaG9va3MtbG9jYWwta2V5LTAxMjM="


def test_what_we_sign_they_accept() -> None:
    headers = dict(inspector.sign(BODY, WHSEC, scheme="standard-webhooks"))
    Webhook(WHSEC).verify(BODY, headers)
    assert SignatureVerifier("secret").is_valid_request(
        BODY, dict(inspector.sign(BODY, "secret", scheme="slack"))
    )
    ((_, value),) = inspector.sign(BODY, WHSEC, scheme="stripe")
    assert stripe.WebhookSignature.verify_header(BODY.decode(), value, WHSEC, STRIPE_TOLERANCE_SECONDS)


def test_what_they_sign_we_accept() -> None:
    now = int(time.time())
    signature = Webhook(WHSEC).sign("msg_1", datetime.fromtimestamp(now, UTC), BODY.decode())
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(now), "webhook-signature": signature}
    assert inspector.verify(BODY, headers, WHSEC).scheme == "standard-webhooks"
    value = SignatureVerifier("secret").generate_signature(timestamp=str(now), body=BODY)
    assert inspector.verify(
        BODY, {"X-Slack-Signature": value or "", "X-Slack-Request-Timestamp": str(now)}, "secret"
    )


def test_stripe_lets_the_future_pass_and_so_do_we_with_a_warning() -> None:
    ahead = time.time() + 3600
    ((_, value),) = inspector.sign(BODY, WHSEC, scheme="stripe", timestamp=ahead)
    assert stripe.WebhookSignature.verify_header(BODY.decode(), value, WHSEC, STRIPE_TOLERANCE_SECONDS)
    verdict = inspector.verify(BODY, {"Stripe-Signature": value}, WHSEC)
    assert (verdict.status, verdict.timestamp, verdict.warned) == ("valid", "future", True)
    assert "Stripe's own verifiers let that pass" in verdict.warnings[0]
