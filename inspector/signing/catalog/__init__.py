"""The table of known senders. Data only: each row says how one of them signs, and what that rests on."""

from __future__ import annotations

from inspector.signing.catalog.body import (
    ASANA,
    BITBUCKET,
    BLAXEL,
    DOCUSIGN,
    DROPBOX,
    GITHUB,
    GITHUB_SHA1,
    HOOKDECK,
    INTERCOM,
    JIRA,
    LINE,
    LINEAR,
    META,
    SENTRY,
    SHOPIFY,
    TRIGGER_DEV,
    TYPEFORM,
    VERCEL,
    WOOCOMMERCE,
)
from inspector.signing.catalog.coded import ADYEN, AWS_SNS, MAILGUN, MICROSOFT_GRAPH, PLAID, QSTASH, TWILIO
from inspector.signing.catalog.dated import (
    HUBSPOT,
    HUBSPOT_V1,
    HUBSPOT_V2,
    INNGEST,
    PADDLE,
    SLACK,
    SQUARE,
    STRIPE,
    WORKOS,
    ZENDESK,
    ZOOM,
)
from inspector.signing.catalog.public_keys import DISCORD, FAL, PAYPAL, SENDGRID
from inspector.signing.catalog.shared_tokens import TOKENS
from inspector.signing.catalog.standard import FOLLOWERS, STANDARD_WEBHOOKS, STANDARD_WEBHOOKS_V1A, SVIX
from inspector.signing.catalog.unsure import UNSURE
from inspector.signing.scheme import HeaderName, Scheme, SignatureSyntax, Sureness

SENDERS: tuple[Scheme, ...] = (
    BLAXEL,
    GITHUB,
    STANDARD_WEBHOOKS,
    SVIX,
    STANDARD_WEBHOOKS_V1A,
    GITHUB_SHA1,
    STRIPE,
    SLACK,
    SHOPIFY,
    TWILIO,
    META,
    DISCORD,
    LINEAR,
    HUBSPOT,
    HUBSPOT_V2,
    HUBSPOT_V1,
    PADDLE,
    SQUARE,
    ADYEN,
    PAYPAL,
    PLAID,
    AWS_SNS,
    QSTASH,
    INNGEST,
    TRIGGER_DEV,
    FAL,
    WORKOS,
    ZOOM,
    ZENDESK,
    SENDGRID,
    MAILGUN,
    TYPEFORM,
    LINE,
    BITBUCKET,
    JIRA,
    INTERCOM,
    SENTRY,
    VERCEL,
    DOCUSIGN,
    DROPBOX,
    HOOKDECK,
    WOOCOMMERCE,
    ASANA,
    MICROSOFT_GRAPH,
    *TOKENS,
    *FOLLOWERS,
    *UNSURE,
)
"""The known senders, in the order in which ``auto`` looks for them."""

NO_TIME = "No time is signed, so a captured delivery can be sent again and still verifies."

HMAC = Scheme(
    name="hmac",
    sender="this scheme",
    signature=SignatureSyntax(header=HeaderName("X-Signature")),
    message_id=HeaderName("webhook-id", others=("svix-id", "X-GitHub-Delivery")),
    caveats=(NO_TIME,),
    sure=Sureness.OWN,
)
"""The generic row, as it is without any option: SHA-256 of the body, in hex. ``own_scheme`` sets the rest."""

AUTO = Scheme(name="auto", sender="any known sender")
"""Stands for whichever sender's headers are present."""

NONE = Scheme(name="none", sender="nobody")
"""Checks nothing."""
