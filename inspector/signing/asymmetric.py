"""Public keys: Ed25519, ECDSA on P-256, RSA. Imported only when a row needs it: ``cryptography`` is extra.

Keys and certificates are pasted by the user, in whichever form the sender shows them, and never fetched. A
private key is taken as well, so that a test can sign with the key that it registers.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from inspector.signing.digests import from_base64
from inspector.signing.scheme import Algorithm
from inspector.signing.secret_forms import UnusableSecret

PublicKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey
PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_WHPK, _WHSK = "whpk_", "whsk_"
_RAW_BYTES = 32
_COORDINATE_BYTES = 32
_SMALLEST_RSA_BITS = 1024
_RSA_BITS = 2048
_HEX_KEY = re.compile(r"[0-9A-Fa-f]{64}")
_PEM = "-----BEGIN "
_CERTIFICATE = "-----BEGIN CERTIFICATE-----"
_LOW_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    )
)
"""Points of Ed25519 with a small order: under such a key anyone can sign (RFC 8032, 5.1.7; RFC 7748, 6.1)."""


def verifies(
    text: str, algorithm: Algorithm, content: bytes, signature: bytes, *, digest: str, jose: bool
) -> bool:
    """Whether *signature* over *content* is that of the key in *text*. Raises ``UnusableSecret``.

    With *jose* an ECDSA signature is the two numbers side by side (RFC 7518, 3.4), else their DER sequence.
    """
    _, public = _load(text, algorithm)
    try:
        if isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, content)
        elif isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, content, padding.PKCS1v15(), _hash(digest))
        else:
            public.verify(_from_jose(signature) if jose else signature, content, ec.ECDSA(_hash(digest)))
    except InvalidSignature:
        return False
    return True


def signature(text: str, algorithm: Algorithm, content: bytes, *, digest: str, jose: bool) -> bytes:
    """The signature over *content* by the private key in *text*. Raises ``UnusableSecret``."""
    private, _ = _load(text, algorithm)
    if private is None:
        raise UnusableSecret("is a public key, which can check a signature and not make one")
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign(content)
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(content, padding.PKCS1v15(), _hash(digest))
    signed = private.sign(content, ec.ECDSA(_hash(digest)))
    return _to_jose(signed) if jose else signed


def check_key(text: str, algorithm: Algorithm) -> None:
    """Raise ``UnusableSecret`` unless *text* holds a key for *algorithm*."""
    _load(text, algorithm)


def new_key(algorithm: Algorithm, *, whsk: bool = False) -> str:
    """A new private key, as PEM; with *whsk* in the form of Standard Webhooks."""
    private: PrivateKey
    if algorithm is Algorithm.RSA:
        private = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    elif algorithm is Algorithm.ECDSA:
        private = ec.generate_private_key(ec.SECP256R1())
    else:
        private = ed25519.Ed25519PrivateKey.generate()
        if whsk:
            raw = private.private_bytes_raw() + private.public_key().public_bytes_raw()
            return _WHSK + base64.b64encode(raw).decode("ascii")
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode("ascii").strip()


def _hash(name: str) -> hashes.HashAlgorithm:
    return hashes.SHA1() if name == "sha1" else hashes.SHA256()  # noqa: S303 - SNS's version 1 signs by it


def _from_jose(pair: bytes) -> bytes:
    if len(pair) != 2 * _COORDINATE_BYTES:
        raise InvalidSignature
    halves = pair[:_COORDINATE_BYTES], pair[_COORDINATE_BYTES:]
    return utils.encode_dss_signature(*(int.from_bytes(half, "big") for half in halves))


def _to_jose(der: bytes) -> bytes:
    return b"".join(number.to_bytes(_COORDINATE_BYTES, "big") for number in utils.decode_dss_signature(der))


@lru_cache(maxsize=64)
def _load(text: str, algorithm: Algorithm) -> tuple[PrivateKey | None, PublicKey]:
    """The key in *text*, private where it is one. Raises ``UnusableSecret``."""
    text = text.strip()
    if not text:
        raise UnusableSecret("is empty")
    try:
        key = _read(text, algorithm)
    except UnusableSecret:
        raise
    except Exception:  # noqa: BLE001 - whatever the parsers of keys raise on what is no key
        raise UnusableSecret("is no key that can be read", "secret_format") from None
    private = key if isinstance(key, PrivateKey) else None
    public = key.public_key() if isinstance(key, PrivateKey) else key
    _fits(public, algorithm)
    return private, public


def _fits(public: PublicKey, algorithm: Algorithm) -> None:
    if algorithm is Algorithm.ED25519 and isinstance(public, ed25519.Ed25519PublicKey):
        if public.public_bytes_raw() in _LOW_ORDER:
            raise UnusableSecret("is a key under which anyone can sign", "secret_format")
    elif algorithm is Algorithm.ECDSA and isinstance(public, ec.EllipticCurvePublicKey):
        if not isinstance(public.curve, ec.SECP256R1):
            raise UnusableSecret(f"is a key on {public.curve.name}, not on P-256", "secret_format")
    elif algorithm is Algorithm.RSA and isinstance(public, rsa.RSAPublicKey):
        if public.key_size < _SMALLEST_RSA_BITS:
            raise UnusableSecret("is an RSA key too short to trust", "secret_format")
    else:
        raise UnusableSecret(f"is a key for another algorithm than {algorithm}", "secret_format")


def _read(text: str, algorithm: Algorithm) -> PublicKey | PrivateKey:
    if text.startswith(_CERTIFICATE):
        return _known(x509.load_pem_x509_certificate(text.encode("ascii")).public_key())
    if text.startswith(_PEM):
        data = text.encode("ascii")
        private = "PRIVATE KEY-----" in text.partition("\n")[0]
        return _known(
            # A private key is the user's own, for tests: whether its numbers belong together is not our
            # concern, and takes a hundred times as long to find out as a signature takes to check.
            serialization.load_pem_private_key(data, None, unsafe_skip_rsa_key_validation=True)
            if private
            else serialization.load_pem_public_key(data)
        )
    if text.startswith("{"):
        return _from_jwk(json.loads(text))
    if text.startswith(_WHSK):
        return ed25519.Ed25519PrivateKey.from_private_bytes(_strict_base64(text[len(_WHSK) :])[:_RAW_BYTES])
    if algorithm is Algorithm.ED25519:
        if _HEX_KEY.fullmatch(text):
            return ed25519.Ed25519PublicKey.from_public_bytes(binascii.unhexlify(text))
        raw = _strict_base64(text.removeprefix(_WHPK))
        if len(raw) == _RAW_BYTES:
            return ed25519.Ed25519PublicKey.from_public_bytes(raw)
        return _known(serialization.load_der_public_key(raw))
    return _known(serialization.load_der_public_key(_strict_base64(text)))


def _known(key: object) -> PublicKey | PrivateKey:
    if isinstance(key, PublicKey | PrivateKey):
        return key
    raise UnusableSecret("is a key of a kind that no sender signs with", "secret_format")


def _strict_base64(text: str) -> bytes:
    raw = from_base64(text.encode("ascii"))
    if raw is None:
        raise UnusableSecret("is neither hex nor base64 nor PEM nor a JWK", "secret_format")
    return raw


def _from_jwk(jwk: object) -> PublicKey | PrivateKey:
    """The public key of a JWK (RFC 7517, RFC 8037)."""
    if not isinstance(jwk, Mapping):
        raise UnusableSecret("is no JWK", "secret_format")
    if "keys" in jwk:
        raise UnusableSecret("is a set of keys: register each of them by itself", "secret_format")
    match jwk.get("kty"), jwk.get("crv"):
        case "OKP", "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(_member(jwk, "x"))
        case "EC", "P-256":
            return ec.EllipticCurvePublicNumbers(
                _number(jwk, "x"), _number(jwk, "y"), ec.SECP256R1()
            ).public_key()
        case "RSA", _:
            return rsa.RSAPublicNumbers(_number(jwk, "e"), _number(jwk, "n")).public_key()
        case _:
            raise UnusableSecret("is a JWK of a kind that no sender signs with", "secret_format")


def _number(jwk: Mapping[str, object], name: str) -> int:
    return int.from_bytes(_member(jwk, name), "big")


def _member(jwk: Mapping[str, object], name: str) -> bytes:
    value = jwk.get(name)
    raw = from_base64(value.encode("ascii")) if isinstance(value, str) else None
    if not raw:
        raise UnusableSecret(f'is a JWK without its "{name}"', "secret_format")
    return raw
