"""What senders document about sending a message again, to be held against what they did.

Nothing stands here that their documentation does not say; the source of each is beside it. Blaxel's
documentation of asynchronous triggers says nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """What a sender says of its attempts. ``fresh``: whether each is signed anew, None when it is silent."""

    sentence: str
    fresh: bool | None = None


# Standard Webhooks 1.0.0, "Webhook metadata": the timestamp is that of the attempt, the id that of the event.
_STANDARD = Promise(
    "Standard Webhooks keeps the id of a message over all attempts and signs each with its own time.",
    fresh=True,
)
# https://docs.svix.com/retries. Svix signs by the specification above. That Resend keeps the schedule says
# https://resend.com/docs/webhooks/retries-and-replays; that Clerk sends by Svix says
# https://clerk.com/docs/guides/development/webhooks/overview.
_SVIX = Promise(
    "Svix tries again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h: the same id, a new timestamp.",
    fresh=True,
)

PROMISES = {
    "blaxel": Promise("Blaxel documents neither whether it sends again, nor what it signs then."),
    # https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries and, for the id,
    # …/best-practices-for-using-webhooks
    "github": Promise(
        "GitHub never sends again by itself; when asked to, it does so with the same X-GitHub-Delivery."
    ),
    # https://docs.stripe.com/webhooks, "Automatic retries" and "Preventing replay attacks"
    "stripe": Promise(
        "Stripe tries for up to three days, ever more slowly, or three times within hours in a sandbox, and "
        "signs each attempt with a new timestamp.",
        fresh=True,
    ),
    # https://docs.slack.dev/apis/events-api/, "Retries"
    "slack": Promise(
        "Slack tries three times more: almost at once, after 1 min and after 5 min, numbered by "
        "X-Slack-Retry-Num."
    ),
    # https://shopify.dev/changelog/updates-to-webhook-retry-mechanism, of 10 September 2024. Its signature
    # covers the payload alone, so that the same payload has the same one.
    "shopify": Promise(
        "Shopify tries 8 times more within 4 hours, ever more slowly, with the payload of the first time.",
        fresh=False,
    ),
    "standard-webhooks": _STANDARD,
    "svix": _SVIX,
    "resend": _SVIX,
    "clerk": _SVIX,
}
"""By the name of a scheme."""
