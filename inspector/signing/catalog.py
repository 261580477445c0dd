"""The table of known senders. Data only: each row says how one of them signs.

Sources: Blaxel's documentation of asynchronous triggers and its SDKs (PyPI ``blaxel`` 0.4.24, npm
``@blaxel/core`` 0.3.21); GitHub's "Validating webhook deliveries"; the Standard Webhooks specification 1.0;
Svix's "Verifying payloads".
"""

from __future__ import annotations

from inspector.signing.scheme import (
    Encoding,
    HeaderName,
    Part,
    Scheme,
    SecretForm,
    SignatureSyntax,
    TimestampSyntax,
)

_TIMESTAMP_UNSIGNED = (
    "The X-Blaxel-Timestamp header is not covered by the signature: a captured callback can be sent again "
    "with a new one."
)
_NO_TIMESTAMP = "GitHub signs no time, so a captured delivery can be sent again and still verifies."
_GITHUB_DOCS = "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"

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
    caveats=("X-Hub-Signature is GitHub's legacy header: it rests on SHA-1.", _NO_TIMESTAMP),
)

GITHUB = Scheme(
    name="github",
    sender="GitHub",
    docs_url=_GITHUB_DOCS,
    signature=SignatureSyntax(header=HeaderName("X-Hub-Signature-256"), prefix=b"sha256="),
    message_id=HeaderName("X-GitHub-Delivery"),
    caveats=(_NO_TIMESTAMP,),
    legacy=GITHUB_SHA1,
)

STANDARD_WEBHOOKS = Scheme(
    name="standard-webhooks",
    sender="Standard Webhooks",
    docs_url="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
    signature=SignatureSyntax(
        header=HeaderName("webhook-signature", others=("svix-signature",)),
        prefix=b"v1,",
        separator=b" ",
        encoding=Encoding.BASE64,
    ),
    content=(Part.ID, b".", Part.TIMESTAMP, b".", Part.BODY),
    timestamp=TimestampSyntax(header=HeaderName("webhook-timestamp", others=("svix-timestamp",))),
    message_id=HeaderName("webhook-id", others=("svix-id",)),
    secret_form=SecretForm.WHSEC,
)

SVIX = Scheme(
    name="svix",
    sender="Svix",
    docs_url="https://docs.svix.com/receiving/verifying-payloads/how-manual",
    signature=SignatureSyntax(
        header=HeaderName("svix-signature", others=("webhook-signature",)),
        prefix=b"v1,",
        separator=b" ",
        encoding=Encoding.BASE64,
    ),
    content=(Part.ID, b".", Part.TIMESTAMP, b".", Part.BODY),
    timestamp=TimestampSyntax(header=HeaderName("svix-timestamp", others=("webhook-timestamp",))),
    message_id=HeaderName("svix-id", others=("webhook-id",)),
    secret_form=SecretForm.WHSEC,
)

SENDERS: tuple[Scheme, ...] = (BLAXEL, GITHUB, STANDARD_WEBHOOKS, SVIX, GITHUB_SHA1)
"""The known senders, in the order in which ``auto`` looks for them."""

HMAC = Scheme(
    name="hmac",
    sender="this scheme",
    signature=SignatureSyntax(header=HeaderName("X-Signature")),
    message_id=HeaderName("webhook-id", others=("svix-id", "X-GitHub-Delivery")),
)
"""The generic row, as it is without any option: SHA-256 of the body, in hex. ``own_scheme`` sets the rest."""

AUTO = Scheme(name="auto", sender="any known sender")
"""Stands for whichever sender's headers are present."""

NONE = Scheme(name="none", sender="nobody")
"""Checks nothing."""
