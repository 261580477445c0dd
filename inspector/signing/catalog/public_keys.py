"""Senders that sign with a private key. The public key, or the certificate, is pasted here, never fetched.

Sources: each sender's page at ``docs_url``.
"""

from __future__ import annotations

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

DISCORD = Scheme(
    name="discord",
    sender="Discord",
    docs_url="https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint",
    signature=SignatureSyntax(header=HeaderName("X-Signature-Ed25519")),
    algorithm=Algorithm.ED25519,
    content=(Part.TIMESTAMP, Part.BODY),
    timestamp=TimestampSyntax(header=HeaderName("X-Signature-Timestamp"), age=Age.WARNS),
    secret_form=SecretForm.PUBLIC_KEY,
    key_note="the public key of the application: 64 hex digits",
    needs=("cryptography",),
)

FAL = Scheme(
    name="fal",
    sender="fal",
    docs_url="https://docs.fal.ai/model-apis/model-endpoints/webhooks",
    signature=SignatureSyntax(header=HeaderName("X-Fal-Webhook-Signature")),
    algorithm=Algorithm.ED25519,
    content=(
        Part.ID,
        b"\n",
        HeaderName("X-Fal-Webhook-User-Id"),
        b"\n",
        Part.TIMESTAMP,
        b"\n",
        Part.BODY_SHA256,
    ),
    timestamp=TimestampSyntax(header=HeaderName("X-Fal-Webhook-Timestamp")),
    message_id=HeaderName("X-Fal-Webhook-Request-Id"),
    secret_form=SecretForm.PUBLIC_KEY,
    key_note="a key of fal's JWKS: the JWK, or its x",
    needs=("cryptography",),
    sure=Sureness.DOCUMENTED,
)

SENDGRID = Scheme(
    name="sendgrid",
    sender="SendGrid",
    docs_url="https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features",
    signature=SignatureSyntax(
        header=HeaderName("X-Twilio-Email-Event-Webhook-Signature"), encoding=Encoding.BASE64
    ),
    algorithm=Algorithm.ECDSA,
    content=(Part.TIMESTAMP, Part.BODY),
    timestamp=TimestampSyntax(header=HeaderName("X-Twilio-Email-Event-Webhook-Timestamp"), age=Age.WARNS),
    secret_form=SecretForm.PUBLIC_KEY,
    key_note="the verification key: base64 that begins with MFkw",
    needs=("cryptography",),
)

PAYPAL = Scheme(
    name="paypal",
    sender="PayPal",
    docs_url="https://developer.paypal.com/api/rest/webhooks/rest/#link-selfverificationmethod",
    signature=SignatureSyntax(header=HeaderName("PAYPAL-TRANSMISSION-SIG"), encoding=Encoding.BASE64),
    algorithm=Algorithm.RSA,
    content=(Part.ID, b"|", Part.TIMESTAMP, b"|", Part.KEY, b"|", Part.BODY_CRC32),
    timestamp=TimestampSyntax(header=HeaderName("PAYPAL-TRANSMISSION-TIME"), unit=Unit.ISO, age=Age.IGNORED),
    message_id=HeaderName("PAYPAL-TRANSMISSION-ID"),
    secret_form=SecretForm.ID_AND_KEY,
    key_note="the webhook's id, and on the next line the certificate that PAYPAL-CERT-URL names",
    caveats=(
        "Of the body only a CRC-32 is signed, which is no protection against whoever crafts another body.",
        "PayPal states no age beyond which a delivery is refused.",
    ),
    needs=("cryptography",),
    sure=Sureness.INDEPENDENT,
)
