"""Standard Webhooks, and the senders that sign by it: id, time and body, in base64 behind a version.

Sources: the Standard Webhooks specification 1.0 with its published examples, also of the asymmetric form
``v1a``; Svix's "Verifying payloads"; the SDKs of Resend, OpenAI, Anthropic, Replicate and Polar.
"""

from __future__ import annotations

from dataclasses import replace

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

_SPECIFICATION = "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"

STANDARD_WEBHOOKS = Scheme(
    name="standard-webhooks",
    sender="Standard Webhooks",
    docs_url=_SPECIFICATION,
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
    key_note="whsec_ and base64 of 24 to 64 bytes",
)

SVIX = replace(
    STANDARD_WEBHOOKS,
    name="svix",
    sender="Svix",
    docs_url="https://docs.svix.com/receiving/verifying-payloads/how-manual",
    signature=replace(
        STANDARD_WEBHOOKS.signature, header=HeaderName("svix-signature", others=("webhook-signature",))
    ),
    timestamp=TimestampSyntax(header=HeaderName("svix-timestamp", others=("webhook-timestamp",))),
    message_id=HeaderName("svix-id", others=("webhook-id",)),
)

STANDARD_WEBHOOKS_V1A = replace(
    STANDARD_WEBHOOKS,
    name="standard-webhooks-v1a",
    signature=replace(STANDARD_WEBHOOKS.signature, prefix=b"v1a,"),
    algorithm=Algorithm.ED25519,
    secret_form=SecretForm.PUBLIC_KEY,
    key_note="the public key: whpk_ and base64 of 32 bytes",
    needs=("cryptography",),
    sure=Sureness.PUBLISHED,
)

_PADDED = "whsec_ and base64, from the sender's page of webhooks"


def _of(
    row: Scheme,
    name: str,
    sender: str,
    docs_url: str,
    *,
    sure: Sureness = Sureness.UNSURE,
    form: SecretForm = SecretForm.WHSEC,
    note: str = _PADDED,
) -> Scheme:
    return replace(
        row, name=name, sender=sender, docs_url=docs_url, secret_form=form, key_note=note, sure=sure
    )


READ = Sureness.DOCUMENTED

FOLLOWERS = (
    _of(
        SVIX,
        "resend",
        "Resend",
        "https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests",
        sure=READ,
    ),
    _of(SVIX, "clerk", "Clerk", "https://clerk.com/docs/webhooks/sync-data"),
    _of(SVIX, "brex", "Brex", "https://developer.brex.com/docs/webhooks/"),
    _of(
        STANDARD_WEBHOOKS,
        "openai",
        "OpenAI",
        "https://platform.openai.com/docs/guides/webhooks",
        sure=Sureness.VERIFIER,
        form=SecretForm.WHSEC_OR_TEXT,
        note="whsec_ and base64; one without the prefix is taken as text",
    ),
    _of(STANDARD_WEBHOOKS, "anthropic", "Anthropic", "https://docs.anthropic.com/en/api/client-sdks"),
    _of(
        STANDARD_WEBHOOKS,
        "replicate",
        "Replicate",
        "https://replicate.com/docs/topics/webhooks/verify-webhook",
    ),
    _of(
        STANDARD_WEBHOOKS,
        "gitlab-signing",
        "GitLab",
        "https://docs.gitlab.com/user/project/integrations/webhooks/",
        sure=READ,
        note="whsec_ and base64 of 32 bytes: the signing token, not the secret token",
    ),
    _of(
        STANDARD_WEBHOOKS,
        "polar",
        "Polar",
        "https://docs.polar.sh/integrate/webhooks/delivery",
        sure=READ,
        form=SecretForm.TEXT,
        note="the secret as text",
    ),
    _of(STANDARD_WEBHOOKS, "render", "Render", "https://render.com/docs/webhooks"),
    _of(
        STANDARD_WEBHOOKS,
        "recall",
        "Recall.ai",
        "https://docs.recall.ai/docs/authenticating-requests-from-recallai",
    ),
    _of(STANDARD_WEBHOOKS, "loops", "Loops", "https://loops.so/docs/webhooks"),
)
"""Senders that sign as Standard Webhooks or Svix do; ``auto`` names those two."""
