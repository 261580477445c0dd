"""Senders that take code: what they sign lies in form fields, in the body, or in a token. See ``senders``.

Sources: each sender's page at ``docs_url``, and its own SDK where there is one.
"""

from __future__ import annotations

from inspector.signing.catalog.body import no_time
from inspector.signing.scheme import (
    Algorithm,
    Encoding,
    HeaderName,
    Part,
    Scheme,
    SecretForm,
    SignatureSyntax,
    Sureness,
    TimestampSyntax,
)

TWILIO = Scheme(
    name="twilio",
    sender="Twilio",
    docs_url="https://www.twilio.com/docs/usage/webhooks/webhooks-security",
    signature=SignatureSyntax(header=HeaderName("X-Twilio-Signature"), encoding=Encoding.BASE64),
    hash="sha1",
    content=(Part.URL, Part.FORM),
    key_note="the auth token; under a SharedKey, its secret",
    caveats=(
        "Without a SharedKey, Twilio's signature rests on SHA-1.",
        "The fields of a form are signed run together: where a name ends and a value begins is not covered.",
        no_time("Twilio"),
    ),
    code="twilio",
)

MAILGUN = Scheme(
    name="mailgun",
    sender="Mailgun",
    docs_url="https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks",
    signature=SignatureSyntax(header=HeaderName(""), in_body="signature"),
    content=(Part.TIMESTAMP, Part.FIELDS),
    timestamp=TimestampSyntax(json_path=("signature", "timestamp"), tolerance_seconds=900),
    key_note="the HTTP webhook signing key, not the API key",
    caveats=("Mailgun signs a time and a token: the event's data is not covered, and could be anybody's.",),
    body_marks=(b"signature", b"token", b"timestamp"),
    code="mailgun",
)

ADYEN = Scheme(
    name="adyen",
    sender="Adyen",
    docs_url="https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures/",
    signature=SignatureSyntax(
        header=HeaderName("HmacSignature"),
        encoding=Encoding.BASE64,
        in_body="hmacSignature",
        compared_as_text=True,
    ),
    content=(Part.FIELDS,),
    secret_form=SecretForm.HEX,
    key_note="the HMAC key in hex",
    caveats=(
        "In notificationItems, Adyen signs eight fields: whatever else stands there is not covered.",
        "Colons join these fields, and which field a colon belongs to is not covered.",
        no_time("Adyen"),
    ),
    body_marks=(b"notificationItems", b"NotificationRequestItem"),
    code="adyen",
)

MICROSOFT_GRAPH = Scheme(
    name="microsoft-graph",
    sender="Microsoft Graph",
    docs_url="https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks",
    signature=SignatureSyntax(header=HeaderName(""), encoding=Encoding.TEXT, in_body="clientState"),
    algorithm=Algorithm.EQUALITY,
    content=(),
    key_note="the clientState of the subscription",
    caveats=("clientState is sent along, and covers nothing: whoever has read it once can write it.",),
    body_marks=(b"clientState", b"subscriptionId"),
    code="microsoft-graph",
    sure=Sureness.UNSURE,
)

QSTASH = Scheme(
    name="qstash",
    sender="QStash",
    docs_url="https://upstash.com/docs/qstash/howto/signature",
    signature=SignatureSyntax(header=HeaderName("Upstash-Signature"), encoding=Encoding.BASE64URL),
    content=(Part.URL, Part.BODY_SHA256),
    timestamp=TimestampSyntax(claim="nbf"),
    message_id=HeaderName("Upstash-Message-Id"),
    key_note="the current or the next signing key",
    code="qstash",
)

PLAID = Scheme(
    name="plaid",
    sender="Plaid",
    docs_url="https://plaid.com/docs/api/webhooks/webhook-verification/",
    signature=SignatureSyntax(header=HeaderName("Plaid-Verification"), encoding=Encoding.BASE64URL),
    algorithm=Algorithm.ECDSA,
    content=(Part.BODY_SHA256,),
    timestamp=TimestampSyntax(claim="iat"),
    secret_form=SecretForm.PUBLIC_KEY,
    key_note="the JWK that Plaid's API gives for the token's kid",
    needs=("cryptography",),
    code="plaid",
    sure=Sureness.DOCUMENTED,
)

AWS_SNS = Scheme(
    name="aws-sns",
    sender="Amazon SNS",
    docs_url="https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html",
    signature=SignatureSyntax(header=HeaderName(""), encoding=Encoding.BASE64, in_body="Signature"),
    algorithm=Algorithm.RSA,
    content=(Part.FIELDS,),
    message_id=HeaderName("x-amz-sns-message-id"),
    secret_form=SecretForm.PUBLIC_KEY,
    key_note="the certificate in PEM that SigningCertURL names: look at the address before you fetch it",
    caveats=(
        "SNS signs its message, not the headers: MessageAttributes and x-amz-sns-… are not covered.",
        "SNS states no age beyond which a message is refused, so a captured one can be sent again.",
        "With SignatureVersion 1 the signature rests on SHA-1.",
    ),
    needs=("cryptography",),
    marks=("x-amz-sns-message-type",),
    body_marks=(b"SigningCertURL", b"Signature"),
    code="aws-sns",
)
