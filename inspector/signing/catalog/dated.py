"""Senders whose HMAC covers a time and the body, or the URL and the body.

Sources: each sender's page at ``docs_url``; the tolerances are those that its own SDK holds to.
"""

from __future__ import annotations

from inspector.signing.catalog.body import no_time
from inspector.signing.scheme import (
    Age,
    Algorithm,
    Encoding,
    HeaderName,
    Part,
    Scheme,
    SecretForm,
    SignatureSyntax,
    Sureness,
    TimestampSyntax,
    Unit,
)

STRIPE = Scheme(
    name="stripe",
    sender="Stripe",
    docs_url="https://docs.stripe.com/webhooks#verify-manually",
    signature=SignatureSyntax(header=HeaderName("Stripe-Signature"), prefix=b"v1=", separator=b","),
    content=(Part.TIMESTAMP, b".", Part.BODY),
    timestamp=TimestampSyntax(header=HeaderName("Stripe-Signature"), key=b"t=", future=True),
    key_note="the endpoint's signing secret, whsec_ included, as text",
)

SLACK = Scheme(
    name="slack",
    sender="Slack",
    docs_url="https://docs.slack.dev/authentication/verifying-requests-from-slack",
    signature=SignatureSyntax(header=HeaderName("X-Slack-Signature"), prefix=b"v0="),
    content=(b"v0:", Part.TIMESTAMP, b":", Part.BODY),
    timestamp=TimestampSyntax(header=HeaderName("X-Slack-Request-Timestamp")),
    key_note="the signing secret of the app",
)

ZOOM = Scheme(
    name="zoom",
    sender="Zoom",
    docs_url="https://developers.zoom.us/docs/api/webhooks/#verify-with-zooms-header",
    signature=SignatureSyntax(header=HeaderName("x-zm-signature"), prefix=b"v0="),
    content=(b"v0:", Part.TIMESTAMP, b":", Part.BODY),
    timestamp=TimestampSyntax(header=HeaderName("x-zm-request-timestamp")),
    key_note="the secret token of the app",
)

PADDLE = Scheme(
    name="paddle",
    sender="Paddle",
    docs_url="https://developer.paddle.com/webhooks/signature-verification",
    signature=SignatureSyntax(header=HeaderName("Paddle-Signature"), prefix=b"h1=", separator=b";"),
    content=(Part.TIMESTAMP, b":", Part.BODY),
    timestamp=TimestampSyntax(header=HeaderName("Paddle-Signature"), key=b"ts=", tolerance_seconds=5),
    key_note="the destination's secret key, pdl_ntfset_ included",
)

ZENDESK = Scheme(
    name="zendesk",
    sender="Zendesk",
    docs_url="https://developer.zendesk.com/documentation/webhooks/verifying/",
    signature=SignatureSyntax(header=HeaderName("X-Zendesk-Webhook-Signature"), encoding=Encoding.BASE64),
    content=(Part.TIMESTAMP, Part.BODY),
    timestamp=TimestampSyntax(
        header=HeaderName("X-Zendesk-Webhook-Signature-Timestamp"), unit=Unit.ISO, age=Age.WARNS
    ),
    message_id=HeaderName("X-Zendesk-Webhook-Invocation-Id"),
    key_note="the signing secret as text, although it looks like base64",
    sure=Sureness.DOCUMENTED,
)

HUBSPOT = Scheme(
    name="hubspot",
    sender="HubSpot",
    docs_url="https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests",
    signature=SignatureSyntax(header=HeaderName("X-HubSpot-Signature-v3"), encoding=Encoding.BASE64),
    content=(Part.METHOD, Part.DECODED_URL, Part.BODY, Part.TIMESTAMP),
    timestamp=TimestampSyntax(
        header=HeaderName("X-HubSpot-Request-Timestamp"), unit=Unit.MILLISECONDS, future=True
    ),
    key_note="the client secret of the app",
)

HUBSPOT_V2 = Scheme(
    name="hubspot-v2",
    sender="HubSpot",
    docs_url=HUBSPOT.docs_url,
    signature=SignatureSyntax(header=HeaderName("X-HubSpot-Signature")),
    algorithm=Algorithm.HASH,
    content=(Part.KEY, Part.METHOD, Part.URL, Part.BODY),
    key_note=HUBSPOT.key_note,
    caveats=("A bare hash, not an HMAC: HubSpot itself has replaced it.", no_time("HubSpot's version 2")),
    marks=("X-HubSpot-Signature-Version: v2",),
    sure=Sureness.PUBLISHED,
)

HUBSPOT_V1 = Scheme(
    name="hubspot-v1",
    sender="HubSpot",
    docs_url=HUBSPOT.docs_url,
    signature=SignatureSyntax(header=HeaderName("X-HubSpot-Signature")),
    algorithm=Algorithm.HASH,
    content=(Part.KEY, Part.BODY),
    key_note=HUBSPOT.key_note,
    caveats=("A bare hash, not an HMAC: HubSpot itself has replaced it.", no_time("HubSpot's version 1")),
    marks=("X-HubSpot-Signature-Version: v1",),
    sure=Sureness.PUBLISHED,
)

SQUARE = Scheme(
    name="square",
    sender="Square",
    docs_url="https://developer.squareup.com/docs/webhooks/step3validate",
    signature=SignatureSyntax(header=HeaderName("x-square-hmacsha256-signature"), encoding=Encoding.BASE64),
    content=(Part.URL, Part.BODY),
    key_note="the signature key of the subscription",
    caveats=(no_time("Square"),),
)

WORKOS = Scheme(
    name="workos",
    sender="WorkOS",
    docs_url="https://workos.com/docs/events/data-syncing/webhooks",
    signature=SignatureSyntax(
        header=HeaderName("WorkOS-Signature"), prefix=b"v1=", separator=b",", blanks=True
    ),
    content=(Part.TIMESTAMP, b".", Part.BODY),
    timestamp=TimestampSyntax(
        header=HeaderName("WorkOS-Signature"), key=b"t=", unit=Unit.MILLISECONDS, tolerance_seconds=180
    ),
)

INNGEST = Scheme(
    name="inngest",
    sender="Inngest",
    docs_url="https://www.inngest.com/docs/platform/signing-keys",
    signature=SignatureSyntax(header=HeaderName("X-Inngest-Signature"), prefix=b"s=", separator=b"&"),
    content=(Part.CANONICAL_BODY, Part.TIMESTAMP),
    timestamp=TimestampSyntax(header=HeaderName("X-Inngest-Signature"), key=b"t="),
    secret_form=SecretForm.SIGNKEY,
    key_note="the signing key, signkey-ENVIRONMENT- included",
    caveats=(
        "The JSON is signed in canonical form: white space and the order of keys can be changed unseen.",
        "So can the spelling of strings and numbers.",
    ),
    needs=("rfc8785",),
)
