"""Schemes with a public key: the forms it is taken in, those refused, and what is said without the extra."""

from __future__ import annotations

import base64
import hmac
import json
import re
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from support.signed import NOW, URL, body_of, secret_of, signed
from support.vectors import vectors

import inspector
from inspector.errors import InvalidInput
from inspector.models import Message, Secret
from inspector.signing import explain, find_scheme, generate_secret, usable_secret

ASYMMETRIC = ("standard-webhooks-v1a", "discord", "fal", "sendgrid", "plaid", "paypal", "aws-sns")

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | dsa.DSAPrivateKey


def pem(key: PrivateKey) -> str:
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return public.decode()


def der(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def private_pem(key: PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def url_safe(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_every_form_of_an_ed25519_key_verifies() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes_raw()
    forms = [
        raw.hex(),
        raw.hex().upper(),
        f"whpk_{base64.b64encode(raw).decode()}",
        base64.b64encode(raw).decode(),
        url_safe(raw),
        pem(key),
        f"\n{pem(key)}\n",
        base64.b64encode(der(key)).decode(),
        json.dumps({"kty": "OKP", "crv": "Ed25519", "x": url_safe(raw)}),
        private_pem(key),
    ]
    headers = inspector.sign(b"{}", private_pem(key), scheme="discord", timestamp=NOW)
    for form in forms:
        usable_secret(find_scheme("discord"), form)
        assert inspector.verify(b"{}", headers, form, scheme="discord", now=NOW), form


def test_every_form_of_a_p256_key_verifies() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    x, y = (url_safe(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    forms = [
        base64.b64encode(der(key)).decode(),
        pem(key),
        json.dumps({"kty": "EC", "crv": "P-256", "x": x, "y": y}),
        private_pem(key),
    ]
    for scheme in ("sendgrid", "plaid"):
        headers = inspector.sign(b"{}", private_pem(key), scheme=scheme, timestamp=NOW)
        for form in forms:
            assert inspector.verify(b"{}", headers, form, scheme=scheme, now=NOW), form


@pytest.mark.parametrize(
    ("name", "secret", "words"),
    [
        ("discord", " ", "empty"),
        ("discord", "zz" * 32, "no key that can be read"),
        ("discord", "ab" * 31, "no key"),
        ("discord", "00" * 32, "anyone can sign"),
        ("discord", "01" + "00" * 31, "anyone can sign"),
        ("discord", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "no key"),
        ("discord", "!!!!", "neither hex nor base64"),
        ("discord", pem(ec.generate_private_key(ec.SECP256R1())), "another algorithm"),
        ("sendgrid", pem(ec.generate_private_key(ec.SECP384R1())), "secp384r1, not on P-256"),
        ("sendgrid", "MFkw", "no key"),
        ("plaid", '{"kty": "EC", "crv": "P-256", "x": "AA"}', '"y"'),
        ("plaid", '{"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}', "of a kind"),
        ("plaid", '{"kty": "oct", "k": "AA"}', "of a kind"),
        ("plaid", "{", "no key"),
        ("fal", '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]}', "each of them by itself"),
        ("aws-sns", pem(dsa.generate_private_key(1024)), "of a kind"),
        ("aws-sns", pem(ed25519.Ed25519PrivateKey.generate()), "another algorithm"),
        ("aws-sns", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "no key"),
        ("paypal", "1JE4291016473214C", "no key on the lines"),
    ],
)
def test_what_is_no_key_is_refused_with_the_reason(name: str, secret: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(words)) as caught:
        usable_secret(find_scheme(name), secret)
    assert [error.field for error in caught.value.errors] == ["secret"]


@pytest.mark.parametrize("name", ASYMMETRIC)
def test_a_generated_key_is_usable_and_new(name: str) -> None:
    row = find_scheme(name)
    first, second = generate_secret(row), generate_secret(row)
    assert first != second
    usable_secret(row, first)


def test_a_key_that_is_none_beside_a_good_one() -> None:
    vector = next(v for v in vectors("sendgrid") if v.expect == "valid")
    verdict = inspector.verify(
        vector.body, vector.headers, {"bad": "x", "good": vector.secret}, scheme="sendgrid", now=vector.now
    )
    assert verdict.secret == "good"
    alone = inspector.verify(vector.body, vector.headers, "x", scheme="sendgrid", now=vector.now)
    assert (alone.status, alone.signature, alone.cause) == ("invalid", "not_checked", "secret_format")


class TestKeysThatEverybodyKnows:
    @pytest.mark.parametrize("name", ["standard-webhooks-v1a", "sendgrid", "plaid", "paypal", "aws-sns"])
    def test_sign_nothing_where_the_scheme_is_picked_by_the_header(self, name: str) -> None:
        """A receiver under ``auto`` must not take an HMAC whose key is a public key."""
        key = next(vector.secret for vector in vectors(name))
        digest = hmac.digest(key.encode(), b"{}", "sha256").hex()
        for header in ("X-Hub-Signature-256", "X-Blaxel-Signature"):
            verdict = inspector.verify(b"{}", {header: f"sha256={digest}"}, key)
            assert (verdict.status, verdict.cause) == ("invalid", "secret_public")
        with pytest.raises(InvalidInput, match="public key"):
            usable_secret(find_scheme("github"), key)
        usable_secret(find_scheme("auto"), key)

    def test_are_warned_of_where_their_form_tells_nothing(self) -> None:
        vector = next(v for v in vectors("discord") if v.expect == "valid")
        verdict = inspector.verify(vector.body, vector.headers, vector.secret, now=vector.now)
        assert verdict
        assert any("Name the scheme discord" in warning for warning in verdict.warnings)
        named = inspector.verify(vector.body, vector.headers, vector.secret, scheme="discord", now=vector.now)
        assert not any("Name the scheme" in warning for warning in named.warnings)


class TestWithoutTheExtra:
    @pytest.fixture(autouse=True)
    def uninstalled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for package in ("cryptography", "rfc8785"):
            monkeypatch.setitem(sys.modules, package, None)

    @pytest.mark.parametrize("name", [*ASYMMETRIC, "inngest"])
    def test_the_verdict_says_what_to_install_and_is_never_invalid(self, name: str) -> None:
        for vector in vectors(name):
            verdict = inspector.verify(
                vector.body, vector.headers, vector.secret, scheme=name, url=vector.url, now=vector.now
            )
            assert (verdict.status, verdict.signature) == ("unavailable", "not_checked")
            assert 'pip install "callback-inspector[signatures]"' in verdict.reason
            assert ("rfc8785" if name == "inngest" else "cryptography") in verdict.reason
            assert verdict.cause == "needs_extra"

    def test_the_time_is_judged_all_the_same(self) -> None:
        vector = next(v for v in vectors("fal") if v.expect == "valid")
        verdict = inspector.verify(
            vector.body, vector.headers, vector.secret, scheme="fal", now=vector.now + 400
        )
        assert (verdict.status, verdict.timestamp, verdict.age_seconds) == ("unavailable", "stale", 400)

    def test_without_a_secret_it_is_unconfigured(self) -> None:
        assert inspector.verify(b"{}", [], [], scheme="discord").status == "unconfigured"

    def test_secrets_are_registered_unseen_and_none_is_made(self) -> None:
        row = find_scheme("discord")
        usable_secret(row, "whatever it is")
        with pytest.raises(InvalidInput, match="empty"):
            usable_secret(row, " ")
        with pytest.raises(InvalidInput, match="signatures") as caught:
            generate_secret(row)
        assert [error.field for error in caught.value.errors] == ["scheme"]
        with pytest.raises(InvalidInput, match="signatures"):
            inspector.sign(b"{}", "key", scheme="discord")

    def test_the_working_is_shown_as_far_as_it_goes(self) -> None:
        vector = next(v for v in vectors("discord") if v.expect == "valid")
        headers = tuple((name.encode(), value.encode()) for name, value in vector.headers)
        shown = explain(
            Message(vector.body, headers),
            find_scheme("discord"),
            [Secret("prod", vector.secret)],
            now=vector.now,
        )
        assert shown.signed is None
        assert shown.verification.status == "unavailable"
        assert [name for name, _ in shown.headers] == ["X-Signature-Ed25519", "X-Signature-Timestamp"]


class TestWorking:
    def test_a_public_key_gives_nothing_to_compare_with(self) -> None:
        row = find_scheme("discord")
        headers = tuple((n.encode(), v.encode()) for n, v in signed(row, b"{}"))
        shown = explain(Message(b"{}", headers), row, [Secret("prod", secret_of(row))], now=NOW)
        assert shown.signed == f"{NOW}".encode() + b"{}"
        assert shown.expected[0].digest == ""
        assert "checks a signature" in str(shown.expected[0].trouble)
        assert shown.description == "Ed25519 of the timestamp, raw body, as hex"

    @pytest.mark.parametrize("name", ["gitlab", "telegram", "hubspot-v1", "hubspot-v2"])
    def test_no_secret_is_shown_where_it_is_what_is_sent_or_hashed(self, name: str) -> None:
        row = find_scheme(name)
        secret = secret_of(row)
        headers = tuple((n.encode(), v.encode()) for n, v in signed(row, b"{}"))
        shown = explain(Message(b"{}", headers, url=URL), row, [Secret("prod", secret)], now=NOW)
        assert shown.verification.status == "valid"
        assert all(secret not in each.digest for each in shown.expected)
        assert secret.encode() not in (shown.signed or b"")

    def test_paypals_id_and_sums_are_shown(self) -> None:
        row = find_scheme("paypal")
        body = body_of(row, b"{}")
        headers = tuple((n.encode(), v.encode()) for n, v in signed(row, body))
        shown = explain(Message(body, headers), row, [Secret("prod", secret_of(row))], now=NOW)
        webhook_id = secret_of(row).partition("\n")[0]
        assert shown.signed is not None
        assert shown.signed.decode().split("|")[2:] == [webhook_id, "2745614147"]
        assert shown.verification
