"""Guessing: which scheme a stored delivery is signed by, with a secret given for that or the endpoint's."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.models import Delivery, Secret
from inspector.receive.receiver import message_of
from inspector.signing.guess import BUDGET_SECONDS, Guess, as_json, guess
from inspector.web.context import Context
from inspector.web.representation import Json
from inspector.web.trials_api import TRIED_NAME, endpoint_of


@dataclass(frozen=True, slots=True)
class Guessed:
    """A scheme that fits, and the name of the secret that it fits with."""

    guess: Guess
    secret: str


def guess_scheme(context: Context, delivery: Delivery, secret: str | None) -> Guessed | None:
    """The scheme by which *secret* signs *delivery*; None tries the endpoint's own. Nothing is stored.

    It searches for two seconds at most, which all secrets share.
    """
    store = context.store
    endpoint = endpoint_of(context, delivery)
    secrets = store.secrets.usable(endpoint.id) if secret is None else (Secret(TRIED_NAME, secret),)
    message = message_of(delivery.request, endpoint, context.settings.public_url)
    for each in secrets:
        if not each.value:
            continue
        now, share = delivery.request.received_ns / 1e9, BUDGET_SECONDS / len(secrets)
        found = guess(
            message, each.value, now=now, own=tuple(store.schemes.own.values()), budget_seconds=share
        )
        if found is not None:
            return Guessed(found, each.name)
    return None


def guess_json(found: Guessed) -> Json:
    """A guess as JSON."""
    return as_json(found.guess, found.secret)
