"""What senders document about sending a message again, to be held against what they did.

Sources, read in 2026: Stripe "Webhooks: automatic retries"; GitHub "Handling failed webhook deliveries";
Slack "Events API: retries"; the Standard Webhooks specification 1.0; Svix "Retry schedule"; Shopify's
changelog of 10 September 2024. Blaxel's documentation of asynchronous triggers says nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """What a sender says of its attempts. ``fresh``: whether each is signed anew, None when it is silent."""

    sentence: str
    fresh: bool | None = None


_STANDARD = Promise(
    "Standard Webhooks keeps the id of a message over all attempts and signs each with its own time.",
    fresh=True,
)
_SVIX = Promise(
    "Svix tries again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h: the same id, a new timestamp.",
    fresh=True,
)

PROMISES = {
    "blaxel": Promise("Blaxel documents neither whether it sends again, nor what it signs then."),
    "github": Promise(
        "GitHub never sends again by itself; when asked to, it repeats X-GitHub-Delivery and body.",
        fresh=False,
    ),
    "stripe": Promise(
        "Stripe tries for up to three days, ever more slowly, and signs each attempt with a new timestamp.",
        fresh=True,
    ),
    "slack": Promise(
        "Slack tries three times more: almost at once, after 1 min and after 5 min, numbered by "
        "X-Slack-Retry-Num."
    ),
    "shopify": Promise(
        "Shopify tries 8 times within 4 hours, ever more slowly, with the payload of the first time.",
        fresh=False,
    ),
    "standard-webhooks": _STANDARD,
    "svix": _SVIX,
    "resend": _SVIX,
    "clerk": _SVIX,
}
"""By the name of a scheme."""
