"""How the text of a secret becomes the key, and how two are told apart unseen."""

from __future__ import annotations

import binascii
import hmac
import re

from inspector.signing.scheme import SecretForm

_WHSEC = "whsec_"
_PUBLIC_KEY_MARKS = (
    "-----BEGIN CERTIFICATE",
    "-----BEGIN PUBLIC KEY",
    "-----BEGIN RSA PUBLIC KEY",
    "whpk_",
    '"kty"',
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",  # P-256, as SubjectPublicKeyInfo in base64
    "MCowBQYDK2VwAyEA",  # Ed25519
    "ANBgkqhkiG9w0BAQEFAAOC",  # RSA of 2048 bits and more
    "MA0GCSqGSIb3DQEBAQUAA4GN",  # RSA of 1024 bits
)
_LONGEST_OF_NO_KEY = 40

PUBLIC = "secret_public"
"""The cause where a public key stands for a shared secret."""
_SIGNKEY = re.compile(r"^signkey-\w+-")


class UnusableSecret(Exception):
    """The text cannot be a secret of this form. ``str(error)`` ends the sentence "the secret …"."""

    def __init__(self, why: str, cause: str = "secret_unusable") -> None:
        super().__init__(why)
        self.cause = cause


def key_of(value: str, form: SecretForm) -> bytes:
    """The key that *value* stands for. Raises ``UnusableSecret``.

    Decoding is strict: a lenient one turns rubbish into an empty, guessable key. What is plainly a public
    key is no shared secret, or everybody could sign where ``auto`` picks the scheme. Text from the
    environment may hold bytes that are no UTF-8, as lone surrogates; they become those bytes again.
    """
    if len(value) > _LONGEST_OF_NO_KEY and form not in (SecretForm.PUBLIC_KEY, SecretForm.ID_AND_KEY):
        for mark in _PUBLIC_KEY_MARKS:
            if mark in value:
                raise UnusableSecret("is a public key: whoever knows it could sign with it", PUBLIC)
    if form is SecretForm.TEXT:
        try:
            key = value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise UnusableSecret("holds half a character, which no bytes stand for") from None
    elif form is SecretForm.HEX:
        key = _from_hex(value)
    elif form is SecretForm.BASE64:
        key = _from_base64(value)
    else:
        key = _behind_prefix(value, form)
    if not key:
        raise UnusableSecret("is empty")
    return key


def _behind_prefix(value: str, form: SecretForm) -> bytes:
    if form is SecretForm.SIGNKEY:
        return key_of(_SIGNKEY.sub("", value, count=1), SecretForm.TEXT)
    if form is SecretForm.WHSEC_OR_TEXT and not value.startswith(_WHSEC):
        return key_of(value, SecretForm.TEXT)
    if form in (SecretForm.WHSEC, SecretForm.WHSEC_OR_TEXT):
        return _from_base64(_without_whsec(value))
    raise UnusableSecret("is a public key, which gives no digest")


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
        raise UnusableSecret(f"is not hex{_seen_blank(value)}", "secret_format") from None


def _from_base64(value: str) -> bytes:
    padded = value + "=" * (-len(value) % 4)
    try:
        return binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:
        raise UnusableSecret(f"is not base64{_seen_blank(value)}") from None


def _seen_blank(value: str) -> str:
    return ": there is white space around it" if value != value.strip() else ""


def fingerprint(value: str) -> str:
    """Eight hex digits that tell one secret from another and give neither away."""
    key = value.encode("utf-8", "surrogatepass")
    return hmac.digest(key, b"callback-inspector secret fingerprint", "sha256").hex()[:8]
