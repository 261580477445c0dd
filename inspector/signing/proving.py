"""Whether a secret proves a message: the one place where digests and signatures are compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hmac import compare_digest
from importlib import import_module
from typing import NamedTuple

from inspector.signing.digests import Claim, digest_of, plain, signature_bytes, written
from inspector.signing.scheme import Algorithm, Encoding, Scheme, SecretForm
from inspector.signing.secret_forms import UnusableSecret, key_of

PUBLIC_FORMS = (SecretForm.PUBLIC_KEY, SecretForm.ID_AND_KEY)
_NO_KEY = "has no key on the lines behind its first, which is an id"


class Item(NamedTuple):
    """One thing to be proven: by any of the signatures that came, over any of the contents it may cover."""

    claims: Sequence[Claim]
    contents: Sequence[bytes]


class Proof(NamedTuple):
    """The signature that proved it, and whether it was spelled as the sender spells."""

    claim: Claim
    as_written: bool = True


def missing_packages(scheme: Scheme) -> tuple[str, ...]:
    """The packages that *scheme* needs and that are not installed."""
    return tuple(package for package in scheme.needs if not _importable(package))


def _importable(package: str) -> bool:
    try:
        import_module(package)
    except ImportError:
        return False
    return True


def split_id(secret: str, form: SecretForm) -> tuple[str, str]:
    """The id that stands on a line before a key, and the key; no id where the *form* has none."""
    if form is not SecretForm.ID_AND_KEY:
        return "", secret
    name, _, key = secret.partition("\n")
    return name.strip(), key


def check_secret(scheme: Scheme, secret: str) -> None:
    """Raise ``UnusableSecret`` when *scheme* can never verify with *secret*.

    Of a public key only that it is there can be told while the extra is not installed.
    """
    if scheme.secret_form not in PUBLIC_FORMS:
        key_of(secret, scheme.secret_form)
        return
    _, key = split_id(secret, scheme.secret_form)
    if not key.strip():
        raise UnusableSecret(_NO_KEY if scheme.secret_form is SecretForm.ID_AND_KEY else "is empty")
    if not missing_packages(scheme):
        from inspector.signing import asymmetric  # needs the extra

        asymmetric.check_key(key, scheme.algorithm)


def prove(scheme: Scheme, secret: str, items: Iterable[Item]) -> Proof | None:
    """How *secret* proves every one of *items*, told by the last; None when it does not.

    Compared in constant time: guessing teaches nothing. Raises ``UnusableSecret``.
    """
    shared = scheme.algorithm is Algorithm.HMAC or not scheme.algorithm.asymmetric
    prove_one = _by_digest if shared else _by_public_key
    proof = None
    for item in items:
        proof = prove_one(scheme, secret, item)
        if proof is None:
            return None
    return proof


def _by_digest(scheme: Scheme, secret: str, item: Item) -> Proof | None:
    encoding = scheme.signature.encoding
    for content in item.contents:
        expected = written(digest_of(content, scheme, secret), encoding)
        wanted = plain(expected, encoding)
        for claim in item.claims:
            if compare_digest(wanted, plain(claim.text, encoding)):
                return Proof(claim, claim.text == expected)
    return None


def _by_public_key(scheme: Scheme, secret: str, item: Item) -> Proof | None:
    from inspector.signing import asymmetric  # needs the extra

    _, key = split_id(secret, scheme.secret_form)
    encoding = scheme.signature.encoding
    for content in item.contents:
        for claim in item.claims:
            signature = signature_bytes(claim.text, encoding)
            if signature is not None and asymmetric.verifies(
                key,
                scheme.algorithm,
                content,
                signature,
                digest=scheme.hash,
                jose=encoding is Encoding.BASE64URL,
            ):
                return Proof(claim, claim.text == written(signature, encoding))
    return None


def signature_text(scheme: Scheme, secret: str, content: bytes) -> bytes:
    """The signature that *scheme* writes over *content*. Raises ``UnusableSecret``."""
    encoding = scheme.signature.encoding
    if not scheme.algorithm.asymmetric:
        return written(digest_of(content, scheme, secret), encoding)
    from inspector.signing import asymmetric  # needs the extra

    _, key = split_id(secret, scheme.secret_form)
    jose = encoding is Encoding.BASE64URL
    return written(
        asymmetric.signature(key, scheme.algorithm, content, digest=scheme.hash, jose=jose), encoding
    )
