"""Senders whose HMAC covers the body alone.

Sources: Blaxel's documentation of asynchronous triggers and its SDKs (PyPI ``blaxel`` 0.4.24, npm
``@blaxel/core`` 0.3.21); GitHub's "Validating webhook deliveries"; each other sender's page at ``docs_url``.
"""

from __future__ import annotations

from inspector.signing.scheme import (
    Age,
    Encoding,
    HeaderName,
    Scheme,
    SignatureSyntax,
    Sureness,
    TimestampSyntax,
    Unit,
    numbered,
)

_TIMESTAMP_UNSIGNED = (
    "The X-Blaxel-Timestamp header is not covered by the signature: a captured callback can be sent again "
    "with a new one."
)
_GITHUB_DOCS = "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"
_GITHUB_MARKS = ("X-GitHub-Event", "X-GitHub-Delivery", "X-GitHub-Hook-ID")


def no_time(sender: str) -> str:
    """What is to say of a sender that signs no time."""
    return f"{sender} signs no time, so a captured delivery can be sent again and still verifies."


def sha1(sender: str) -> str:
    """What is to say of a sender that signs by SHA-1."""
    return f"{sender}'s signature rests on SHA-1."


BLAXEL = Scheme(
    name="blaxel",
    sender="Blaxel",
    docs_url="https://docs.blaxel.ai/Agents/Asynchronous-triggers",
    signature=SignatureSyntax(
        header=HeaderName("X-Blaxel-Signature"),
        prefix=b"sha256=",
        prefix_required=False,
        lower_case=True,
        single=True,
    ),
    timestamp=TimestampSyntax(header=HeaderName("X-Blaxel-Timestamp"), required=False),
    key_note="the callback secret, as Blaxel shows it",
    refuses_empty_body=True,
    caveats=(_TIMESTAMP_UNSIGNED,),
    second_opinion="blaxel-sdks",
)

GITHUB_SHA1 = Scheme(
    name="github-sha1",
    sender="GitHub",
    docs_url=_GITHUB_DOCS,
    signature=SignatureSyntax(header=HeaderName("X-Hub-Signature"), prefix=b"sha1="),
    hash="sha1",
    message_id=HeaderName("X-GitHub-Delivery"),
    caveats=("X-Hub-Signature is GitHub's legacy header: it rests on SHA-1.", no_time("GitHub")),
    marks=_GITHUB_MARKS,
)

GITHUB = Scheme(
    name="github",
    sender="GitHub",
    docs_url=_GITHUB_DOCS,
    signature=SignatureSyntax(header=HeaderName("X-Hub-Signature-256"), prefix=b"sha256="),
    message_id=HeaderName("X-GitHub-Delivery"),
    caveats=(no_time("GitHub"),),
    legacy=GITHUB_SHA1,
    marks=_GITHUB_MARKS,
)

META = Scheme(
    name="meta",
    sender="Meta",
    docs_url="https://developers.facebook.com/docs/graph-api/webhooks/getting-started",
    signature=SignatureSyntax(header=HeaderName("X-Hub-Signature-256"), prefix=b"sha256="),
    key_note="the app secret, not the verify token",
    caveats=(no_time("Meta"),),
    body_marks=(b'{"object":"',),
    sure=Sureness.INDEPENDENT,
)

BITBUCKET = Scheme(
    name="bitbucket",
    sender="Bitbucket",
    docs_url="https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/",
    signature=SignatureSyntax(header=HeaderName("X-Hub-Signature"), prefix=b"sha256="),
    message_id=HeaderName("X-Request-UUID"),
    caveats=(no_time("Bitbucket"),),
    marks=("X-Event-Key", "X-Hook-UUID"),
    sure=Sureness.PUBLISHED,
)

JIRA = Scheme(
    name="jira",
    sender="Jira",
    docs_url="https://developer.atlassian.com/cloud/jira/platform/webhooks/",
    signature=SignatureSyntax(header=HeaderName("X-Hub-Signature"), prefix=b"sha256="),
    message_id=HeaderName("X-Atlassian-Webhook-Identifier"),
    caveats=(no_time("Jira"),),
    marks=("X-Atlassian-Webhook-Identifier",),
    sure=Sureness.PUBLISHED,
)

INTERCOM = Scheme(
    name="intercom",
    sender="Intercom",
    docs_url="https://developers.intercom.com/docs/webhooks/setting-up-webhooks",
    signature=SignatureSyntax(header=HeaderName("X-Hub-Signature"), prefix=b"sha1="),
    hash="sha1",
    key_note="the client secret of the app",
    caveats=(sha1("Intercom"), no_time("Intercom")),
    body_marks=(b'"notification_event"',),
    sure=Sureness.INDEPENDENT,
)

SHOPIFY = Scheme(
    name="shopify",
    sender="Shopify",
    docs_url="https://shopify.dev/docs/apps/build/webhooks/subscribe/https",
    signature=SignatureSyntax(
        header=HeaderName("X-Shopify-Hmac-Sha256", others=("shopify-hmac-sha256",)), encoding=Encoding.BASE64
    ),
    message_id=HeaderName("X-Shopify-Webhook-Id", others=("shopify-webhook-id",)),
    key_note="the client secret of the app; webhooks of a store's Notifications page have one of their own",
    caveats=(no_time("Shopify"),),
)

TYPEFORM = Scheme(
    name="typeform",
    sender="Typeform",
    docs_url="https://www.typeform.com/developers/webhooks/secure-your-webhooks/",
    signature=SignatureSyntax(
        header=HeaderName("Typeform-Signature"), prefix=b"sha256=", encoding=Encoding.BASE64
    ),
    caveats=(no_time("Typeform"),),
    sure=Sureness.INDEPENDENT,
)

LINE = Scheme(
    name="line",
    sender="LINE",
    docs_url="https://developers.line.biz/en/docs/messaging-api/receiving-messages/#verify-signature",
    signature=SignatureSyntax(header=HeaderName("X-Line-Signature"), encoding=Encoding.BASE64),
    key_note="the channel secret, not the access token",
    caveats=(no_time("LINE"),),
)

WOOCOMMERCE = Scheme(
    name="woocommerce",
    sender="WooCommerce",
    docs_url="https://woocommerce.com/document/webhooks/",
    signature=SignatureSyntax(header=HeaderName("X-WC-Webhook-Signature"), encoding=Encoding.BASE64),
    message_id=HeaderName("X-WC-Webhook-Delivery-ID"),
    caveats=(no_time("WooCommerce"),),
    sure=Sureness.DOCUMENTED,
)

VERCEL = Scheme(
    name="vercel",
    sender="Vercel",
    docs_url="https://vercel.com/docs/webhooks/webhooks-api#securing-webhooks",
    signature=SignatureSyntax(header=HeaderName("x-vercel-signature")),
    hash="sha1",
    key_note="the webhook's secret; for an integration, its client secret",
    caveats=(sha1("Vercel"), no_time("Vercel")),
    sure=Sureness.INDEPENDENT,
)

SENTRY = Scheme(
    name="sentry",
    sender="Sentry",
    docs_url="https://docs.sentry.io/organization/integrations/integration-platform/webhooks/",
    signature=SignatureSyntax(header=HeaderName("Sentry-Hook-Signature")),
    timestamp=TimestampSyntax(header=HeaderName("Sentry-Hook-Timestamp"), required=False, age=Age.WARNS),
    key_note="the client secret of the integration",
    caveats=("The Sentry-Hook-Timestamp header is not covered by the signature: anyone can write another.",),
    sure=Sureness.INDEPENDENT,
)

LINEAR = Scheme(
    name="linear",
    sender="Linear",
    docs_url="https://linear.app/developers/webhooks#securing-webhooks",
    signature=SignatureSyntax(header=HeaderName("linear-signature")),
    timestamp=TimestampSyntax(json_path=("webhookTimestamp",), unit=Unit.MILLISECONDS, tolerance_seconds=60),
    message_id=HeaderName("Linear-Delivery"),
)

DOCUSIGN = Scheme(
    name="docusign",
    sender="DocuSign",
    docs_url="https://developers.docusign.com/platform/webhooks/connect/hmac/",
    signature=SignatureSyntax(header=numbered("X-DocuSign-Signature-", 100), encoding=Encoding.BASE64),
    caveats=(no_time("DocuSign"),),
    sure=Sureness.INDEPENDENT,
)

DROPBOX = Scheme(
    name="dropbox",
    sender="Dropbox",
    docs_url="https://www.dropbox.com/developers/reference/webhooks",
    signature=SignatureSyntax(header=HeaderName("X-Dropbox-Signature")),
    key_note="the app secret, not the app key",
    caveats=(no_time("Dropbox"),),
    sure=Sureness.UNSURE,
)

HOOKDECK = Scheme(
    name="hookdeck",
    sender="Hookdeck",
    docs_url="https://hookdeck.com/docs/authentication",
    signature=SignatureSyntax(
        header=HeaderName("x-hookdeck-signature", others=("x-hookdeck-signature-2",), every=True),
        encoding=Encoding.BASE64,
    ),
    message_id=HeaderName("x-hookdeck-eventid"),
    caveats=(no_time("Hookdeck"),),
    sure=Sureness.DOCUMENTED,
)

TRIGGER_DEV = Scheme(
    name="trigger.dev",
    sender="Trigger.dev",
    docs_url="https://trigger.dev/docs/troubleshooting-alerts",
    signature=SignatureSyntax(header=HeaderName("x-trigger-signature-hmacsha256")),
    caveats=(no_time("Trigger.dev"),),
    sure=Sureness.DOCUMENTED,
)

ASANA = Scheme(
    name="asana",
    sender="Asana",
    docs_url="https://developers.asana.com/docs/webhooks-guide",
    signature=SignatureSyntax(header=HeaderName("X-Hook-Signature")),
    key_note="the X-Hook-Secret of the handshake",
    caveats=(no_time("Asana"),),
    sure=Sureness.UNSURE,
)
