"""What may be registered as a secret, and new ones of the shape that each scheme wants."""

from __future__ import annotations

import base64
import secrets
import string

from inspector.errors import InvalidInput
from inspector.signing.proving import PUBLIC_FORMS, check_secret, missing_packages
from inspector.signing.scheme import Scheme, SecretForm
from inspector.signing.secret_forms import PUBLIC, UnusableSecret

EXTRA = 'pip install "callback-inspector[signatures]"'
"""What to do where a package of the extra is missing."""

_BLAXEL_ALPHABET = string.ascii_lowercase + string.digits
_KEY_BYTES = 32


def usable_secret(scheme: Scheme, value: str) -> None:
    """Raise ``InvalidInput`` on the field ``secret`` when *scheme* can never verify with *value*.

    Of a public key only that it is there can be told while the extra is not installed.
    """
    if not value:
        raise InvalidInput.of("secret", "The secret is empty.")
    try:
        check_secret(scheme, value)
    except UnusableSecret as unusable:
        if scheme.name == "auto" and unusable.cause == PUBLIC:
            return  # the senders that sign with a private key can use it, and no other does
        raise InvalidInput.of("secret", f"The secret {unusable}.") from unusable


def generate_secret(scheme: Scheme) -> str:
    """A new random secret of the shape that *scheme* wants; text has Blaxel's shape, 32 of ``[a-z0-9]``.

    Where the sender signs with a private key it is one of those: it signs test callbacks, and checks them as
    the public key would. Raises ``InvalidInput`` on ``scheme`` where that takes a package that is missing.
    """
    form = scheme.secret_form
    if form in PUBLIC_FORMS:
        return _new_private_key(scheme)
    if form in (SecretForm.TEXT, SecretForm.SIGNKEY):
        text = "".join(secrets.choice(_BLAXEL_ALPHABET) for _ in range(32))
        return text if form is SecretForm.TEXT else f"signkey-test-{text}"
    key = secrets.token_bytes(_KEY_BYTES)
    if form is SecretForm.HEX:
        return key.hex()
    text = base64.b64encode(key).decode("ascii")
    return text if form is SecretForm.BASE64 else f"whsec_{text}"


def _new_private_key(scheme: Scheme) -> str:
    if missing_packages(scheme):
        raise InvalidInput.of("scheme", f"A key for {scheme.name} cannot be made here. To make one: {EXTRA}.")
    from inspector.signing import asymmetric  # needs the extra

    key = asymmetric.new_key(scheme.algorithm, whsk=scheme.signature.prefix == b"v1a,")
    return f"{secrets.token_hex(8).upper()}\n{key}" if scheme.secret_form is SecretForm.ID_AND_KEY else key
