"""Evidence: what a stored delivery is compared with, computed anew with the secrets that there are now.

It holds digests that would verify. So it is made on demand, for the inspector alone: it is never part of a
reply to a sender, an export, an event or a log.
"""

from __future__ import annotations

from base64 import b64encode

from inspector import signing
from inspector.errors import InvalidInput, NotFound
from inspector.models import NOTHING, Delivery, Endpoint
from inspector.receive.receiver import message_of
from inspector.signing import Working
from inspector.web.context import Context
from inspector.web.representation import INLINE_BYTES, Json

_KEY_FORMS = {
    "text": "the text of the secret as it stands",
    "whsec": "what its base64 stands for, behind whsec_",
    "whsec-or-text": "what its base64 stands for behind whsec_, else its text",
    "hex": "the bytes that its hex digits stand for",
    "base64": "the bytes that its base64 stands for",
    "signkey": "the text behind signkey-…-",
    "public-key": "a public key or certificate",
    "id-and-key": "an id, and a public key or certificate below it",
}
"""How the secret becomes the key, by the name of its form."""


def working_of(context: Context, delivery: Delivery) -> Working | InvalidInput | None:
    """The working behind a delivery's verdict.

    None when its endpoint is gone, and the error when the endpoint's scheme cannot be used.
    """
    try:
        endpoint = context.store.endpoint(delivery.endpoint_id)
        scheme = context.store.schemes.find(endpoint.scheme, endpoint.scheme_options)
    except NotFound:
        return None
    except InvalidInput as unusable:
        return unusable
    return signing.explain(
        message_of(delivery.request, endpoint, context.settings.public_url),
        scheme,
        context.store.secrets.usable(endpoint.id),
        now=delivery.request.received_ns / 1e9,
        tolerance=endpoint.tolerance_seconds,
    )


def key_form(context: Context, endpoint: Endpoint | None, working: Working | InvalidInput | None) -> str:
    """How the secret becomes the key, by the scheme that was used in the end; empty where none is."""
    if endpoint is None or working is None or isinstance(working, InvalidInput):
        return ""
    name = working.verification.scheme
    options = endpoint.scheme_options if name == endpoint.scheme else NOTHING
    try:
        row = context.store.schemes.find(name, options)
    except InvalidInput:
        return ""
    return _KEY_FORMS.get(row.secret_form, "") if working.expected else ""


def working_json(working: Working | InvalidInput | None) -> Json | None:
    """The working as JSON; None where there is none. Signed bytes over ``INLINE_BYTES`` are left out."""
    if working is None or isinstance(working, InvalidInput):
        return None
    signed = working.signed
    return {
        "scheme": working.verification.scheme,
        "description": working.description,
        "headers": [list(pair) for pair in working.headers],
        "received": list(working.received),
        "expected": [
            {
                "secret": each.secret,
                "digest": each.digest,
                "differs_at": each.differs_at,
                "trouble": each.trouble,
            }
            for each in working.expected
        ],
        "signed_base64": None
        if signed is None or len(signed) > INLINE_BYTES
        else b64encode(signed).decode("ascii"),
        "signed_bytes": None if signed is None else len(signed),
        "timestamp": working.timestamp,
        "tolerance_seconds": working.tolerance_seconds,
    }
