"""Senders known from a second source alone: an HMAC-SHA256 of the body in hex, each under its own header."""

from __future__ import annotations

from inspector.signing.catalog.body import no_time
from inspector.signing.scheme import HeaderName, Scheme, SignatureSyntax, Sureness


def _plain(
    name: str,
    sender: str,
    header: str,
    docs_url: str,
    *,
    prefix: bytes = b"",
    separator: bytes | None = None,
    message_id: str | None = None,
    marks: tuple[str, ...] = (),
    detected: bool = True,
) -> Scheme:
    return Scheme(
        name=name,
        sender=sender,
        docs_url=docs_url,
        signature=SignatureSyntax(header=HeaderName(header), prefix=prefix, separator=separator),
        message_id=None if message_id is None else HeaderName(message_id),
        caveats=(no_time(sender),),
        marks=marks,
        detected=detected,
        sure=Sureness.UNSURE,
    )


UNSURE = (
    _plain(
        "snyk",
        "Snyk",
        "X-Hub-Signature",
        "https://docs.snyk.io/snyk-api/using-snyk-api/webhooks",
        prefix=b"sha256=",
        marks=("X-Snyk-Event",),
    ),
    _plain(
        "pagerduty",
        "PagerDuty",
        "x-pagerduty-signature",
        "https://developer.pagerduty.com/docs/verifying-webhook-signatures",
        prefix=b"v1=",
        separator=b",",
    ),
    _plain(
        "notion",
        "Notion",
        "x-notion-signature",
        "https://developers.notion.com/reference/webhooks",
        prefix=b"sha256=",
    ),
    _plain(
        "cal.com",
        "Cal.com",
        "x-cal-signature-256",
        "https://cal.com/docs/developing/guides/automation/webhooks",
    ),
    _plain("attio", "Attio", "attio-signature", "https://docs.attio.com/rest-api/guides/webhooks"),
    _plain(
        "razorpay",
        "Razorpay",
        "x-razorpay-signature",
        "https://razorpay.com/docs/webhooks/validate-test/",
        message_id="x-razorpay-event-id",
    ),
    _plain(
        "lemon-squeezy",
        "Lemon Squeezy",
        "x-signature",
        "https://docs.lemonsqueezy.com/help/webhooks/signing-requests",
        marks=("X-Event-Name",),
        detected=False,
    ),
    _plain(
        "coinbase-commerce",
        "Coinbase Commerce",
        "x-cc-webhook-signature",
        "https://docs.cdp.coinbase.com/commerce/webhooks",
    ),
    _plain(
        "dwolla",
        "Dwolla",
        "x-request-signature-sha-256",
        "https://developers.dwolla.com/docs/working-with-webhooks",
    ),
    _plain(
        "gocardless",
        "GoCardless",
        "webhook-signature",
        "https://developer.gocardless.com/getting-started/staying-up-to-date-with-webhooks",
    ),
    _plain(
        "clickup",
        "ClickUp",
        "x-signature",
        "https://developer.clickup.com/docs/webhooksignature",
        detected=False,
    ),
)
