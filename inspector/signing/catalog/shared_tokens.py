"""Senders that send the secret itself along, which proves who sends and covers nothing.

Sources: each sender's page at ``docs_url``.
"""

from __future__ import annotations

from inspector.signing.scheme import (
    Algorithm,
    Encoding,
    HeaderName,
    Scheme,
    SignatureSyntax,
    Sureness,
)

_BODY_UNCOVERED = "The secret is sent along and covers nothing: the body could be anybody's who has seen it."


def _token(
    name: str,
    sender: str,
    header: str,
    docs_url: str,
    *,
    sure: Sureness,
    note: str,
    message_id: str | None = None,
    detected: bool = True,
) -> Scheme:
    return Scheme(
        name=name,
        sender=sender,
        docs_url=docs_url,
        signature=SignatureSyntax(header=HeaderName(header), encoding=Encoding.TEXT),
        algorithm=Algorithm.EQUALITY,
        content=(),
        message_id=None if message_id is None else HeaderName(message_id),
        key_note=note,
        caveats=(_BODY_UNCOVERED,),
        detected=detected,
        sure=sure,
    )


TOKENS = (
    _token(
        "gitlab",
        "GitLab",
        "X-Gitlab-Token",
        "https://docs.gitlab.com/user/project/integrations/webhooks/",
        note="the secret token of the webhook",
        message_id="Idempotency-Key",
        sure=Sureness.DOCUMENTED,
    ),
    _token(
        "telegram",
        "Telegram",
        "X-Telegram-Bot-Api-Secret-Token",
        "https://core.telegram.org/bots/api#setwebhook",
        note="the secret_token given to setWebhook: 1 to 256 of A-Z, a-z, 0-9, _ and -",
        sure=Sureness.INDEPENDENT,
    ),
    _token(
        "okta",
        "Okta",
        "Authorization",
        "https://developer.okta.com/docs/concepts/event-hooks/",
        note="the authentication secret of the event hook",
        detected=False,
        sure=Sureness.UNSURE,
    ),
    _token(
        "hugging-face",
        "Hugging Face",
        "X-Webhook-Secret",
        "https://huggingface.co/docs/hub/webhooks#webhook-secret",
        note="the webhook secret, in ASCII",
        detected=False,
        sure=Sureness.UNSURE,
    ),
    _token(
        "cloudflare",
        "Cloudflare notifications",
        "cf-webhook-auth",
        "https://developers.cloudflare.com/notifications/get-started/configure-webhooks/",
        note="the secret of the webhook destination",
        sure=Sureness.UNSURE,
    ),
)
