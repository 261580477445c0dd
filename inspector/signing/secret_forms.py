"""How the text of a secret becomes the key, how a new one is made, how two are told apart unseen."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import string

from inspector.errors import InvalidInput
from inspector.signing.scheme import Scheme, SecretForm

_WHSEC = "whsec_"
_BLAXEL_ALPHABET = string.ascii_lowercase + string.digits
_KEY_BYTES = 32


class UnusableSecret(Exception):
    """The text cannot be a secret of this form. ``str(error)`` ends the sentence "the secret …"."""

    def __init__(self, why: str, cause: str = "secret_unusable") -> None:
        super().__init__(why)
        self.cause = cause


def key_of(value: str, form: SecretForm) -> bytes:
    """The key that *value* stands for. Raises ``UnusableSecret``.

    Decoding is strict: a lenient one turns rubbish into an empty, guessable key. Text from the environment
    may hold bytes that are no UTF-8, as lone surrogates; they become those bytes again.
    """
    if form is SecretForm.TEXT:
        try:
            key = value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise UnusableSecret("holds half a character, which no bytes stand for") from None
    elif form is SecretForm.HEX:
        key = _from_hex(value)
    else:
        key = _from_base64(_without_whsec(value) if form is SecretForm.WHSEC else value)
    if not key:
        raise UnusableSecret("is empty")
    return key


def _without_whsec(value: str) -> str:
    if value.startswith(f"v1,{_WHSEC}"):
        raise UnusableSecret(
            'begins with "v1,", a prefix of signatures: the secret begins at "whsec_"', "secret_v1_prefix"
        )
    return value.removeprefix(_WHSEC)


def _from_hex(value: str) -> bytes:
    try:
        return binascii.unhexlify(value)
    except ValueError:
        raise UnusableSecret(f"is not hex{_seen_blank(value)}") from None


def _from_base64(value: str) -> bytes:
    padded = value + "=" * (-len(value) % 4)
    try:
        return binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:
        raise UnusableSecret(f"is not base64{_seen_blank(value)}") from None


def _seen_blank(value: str) -> str:
    return ": there is white space around it" if value != value.strip() else ""


def usable_secret(scheme: Scheme, value: str) -> None:
    """Raise ``InvalidInput`` on the field ``secret`` when *scheme* can never verify with *value*."""
    if not value:
        raise InvalidInput.of("secret", "The secret is empty.")
    try:
        key_of(value, scheme.secret_form)
    except UnusableSecret as unusable:
        raise InvalidInput.of("secret", f"The secret {unusable}.") from unusable


def generate_secret(scheme: Scheme) -> str:
    """A new random secret of the shape that *scheme* wants; text has Blaxel's shape, 32 of ``[a-z0-9]``."""
    if scheme.secret_form is SecretForm.TEXT:
        return "".join(secrets.choice(_BLAXEL_ALPHABET) for _ in range(32))
    key = secrets.token_bytes(_KEY_BYTES)
    if scheme.secret_form is SecretForm.HEX:
        return key.hex()
    text = base64.b64encode(key).decode("ascii")
    return _WHSEC + text if scheme.secret_form is SecretForm.WHSEC else text


def fingerprint(value: str) -> str:
    """Eight hex digits that tell one secret from another and give neither away."""
    key = value.encode("utf-8", "surrogatepass")
    return hmac.digest(key, b"callback-inspector secret fingerprint", "sha256").hex()[:8]
