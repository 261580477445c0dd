"""A good verdict cannot be had without the bytes, the key and the time that it stands for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import inspector
import inspector.signing
from inspector.models import Verification

NOW = 1_700_000_000
BODY = b'{"a":1}'
SECRET = "k" * 32


def mac(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, "sha256")


def token(claims: Mapping[str, object], key: bytes = SECRET.encode(), algorithm: str = "HS256") -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": algorithm, "typ": "JWT"}, claims)
    ]
    signature = base64.urlsafe_b64encode(mac(key, b".".join(parts))).rstrip(b"=")
    return b".".join([*parts, signature]).decode()


CLAIMS = {
    "iss": "Upstash",
    "sub": "https://a.example/b",
    "nbf": NOW - 60,
    "exp": NOW + 240,
    "body": base64.urlsafe_b64encode(hashlib.sha256(BODY).digest()).decode(),
}


def qstash(claims: Mapping[str, object], algorithm: str = "HS256") -> Verification:
    headers = {"Upstash-Signature": token(claims, algorithm=algorithm)}
    return inspector.verify(BODY, headers, SECRET, url="https://a.example/b", now=NOW)


PUBLIC: dict[str, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey] = {
    "rsa": rsa.generate_private_key(65537, 2048).public_key(),
    "short-rsa": rsa.generate_private_key(65537, 1024).public_key(),
    "p-256": ec.generate_private_key(ec.SECP256R1()).public_key(),
    "ed25519": ed25519.Ed25519PrivateKey.generate().public_key(),
}


class TestAPublicKeyIsNoSharedSecret:
    """Under ``auto`` the sender of a forged message chooses the scheme: a key that all know must not do."""

    @pytest.mark.parametrize("kind", PUBLIC)
    def test_in_whatever_form_it_is_pasted(self, kind: str) -> None:
        public = PUBLIC[kind]
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        forms = [pem, pem.replace("\n", "\r\n"), base64.b64encode(der).decode()]
        if isinstance(public, rsa.RSAPublicKey):
            forms.append(public.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode())
        for form in forms:
            for key in (form.encode(), form.strip().encode(), der):
                standard = base64.b64encode(mac(key, b"a.%d.%s" % (NOW, BODY))).decode()
                for headers in (
                    {"X-Blaxel-Signature": f"sha256={mac(key, BODY).hex()}"},
                    {
                        "webhook-id": "a",
                        "webhook-timestamp": str(NOW),
                        "webhook-signature": f"v1,{standard}",
                    },
                    {"Upstash-Signature": token(CLAIMS, key)},
                ):
                    verdict = inspector.verify(BODY, headers, form, url="https://a.example/b", now=NOW)
                    assert verdict.cause == "secret_public", (headers, verdict.reason)


class TestTokens:
    def test_the_right_one(self) -> None:
        assert qstash(CLAIMS)

    @pytest.mark.parametrize("algorithm", ["none", "None", "HS512", "hs256", "RS256"])
    def test_algorithms_that_the_token_names_itself(self, algorithm: str) -> None:
        assert qstash(CLAIMS, algorithm).status == "malformed"

    @pytest.mark.parametrize("name", CLAIMS)
    def test_no_claim_can_be_left_out(self, name: str) -> None:
        assert not qstash({key: value for key, value in CLAIMS.items() if key != name})

    @pytest.mark.parametrize("seconds", [1, 100, 239])
    def test_it_does_not_hold_before_its_time(self, seconds: int) -> None:
        verdict = qstash({**CLAIMS, "nbf": NOW + seconds})
        assert (verdict.status, verdict.cause) == ("expired", "timestamp_future")
        assert "limit is 0 s" in verdict.reason

    def test_nor_after_it(self) -> None:
        assert qstash({**CLAIMS, "exp": NOW}).status == "valid"
        assert qstash({**CLAIMS, "exp": NOW - 1}).status == "expired"


def adyen_body(**changes: object) -> bytes:
    item: dict[str, object] = {
        "pspReference": "1",
        "merchantAccountCode": "shop",
        "merchantReference": "r",
        "amount": {"value": 5, "currency": "EUR"},
        "eventCode": "AUTHORISATION",
        "success": "true",
    }
    digest = mac(bytes.fromhex("ab" * 32), b"1::shop:r:5:EUR:AUTHORISATION:true")
    item["additionalData"] = {"hmacSignature": base64.b64encode(digest).decode()}
    item.update(changes)
    return json.dumps({"notificationItems": [{"NotificationRequestItem": item}]}).encode()


def mailgun_body(name: str = "signature") -> bytes:
    signature = mac(SECRET.encode(), b"%dtoken" % NOW).hex()
    return json.dumps({name: {"timestamp": str(NOW), "token": "token", "signature": signature}}).encode()


class TestAFieldThatStandsTwice:
    """Parsers disagree on which of the two counts: what is signed need not be what is read."""

    adyen = partial(inspector.verify, headers={}, secret="ab" * 32, scheme="adyen", now=NOW)
    mailgun = partial(inspector.verify, headers={}, secret=SECRET, scheme="mailgun", now=NOW)

    def test_in_an_adyen_notification(self) -> None:
        body = adyen_body()
        assert self.adyen(body)
        for first in (b'"success": "false", ', b'"amount": {"value": 9, "currency": "EUR"}, '):
            verdict = self.adyen(body.replace(b'"pspReference"', first + b'"pspReference"'))
            assert (verdict.status, verdict.cause) == ("invalid", "could_not_check")
            assert "twice" in verdict.reason

    def test_in_mailgun_s_json_and_form(self) -> None:
        assert self.mailgun(mailgun_body())
        doubled = b'{"signature": {}, ' + mailgun_body()[1:]
        assert "twice" in self.mailgun(doubled).reason
        signature = mac(SECRET.encode(), b"%dtoken" % NOW).hex()
        form = f"timestamp={NOW}&token=token&signature={signature}".encode()
        assert self.mailgun(form)
        assert "twice" in self.mailgun(b"token=other&" + form).reason

    def test_in_json_that_is_signed_in_canonical_form(self) -> None:
        pytest.importorskip("rfc8785")
        headers = inspector.sign(b'{"pay":1}', SECRET, scheme="inngest", timestamp=NOW)
        verify = partial(inspector.verify, headers=headers, secret=SECRET, scheme="inngest", now=NOW)
        assert verify(b'{ "pay": 1 }')
        verdict = verify(b'{"pay":1000,"pay":1}')
        assert (verdict.status, verdict.cause) == ("invalid", "could_not_check")


@pytest.mark.parametrize("options", [{}, {"header": "X-Sig"}, {"content": "{id}.{body}"}])
def test_a_scheme_without_a_time_says_so(options: dict[str, object]) -> None:
    row = inspector.signing.find_scheme("hmac", options)
    headers = inspector.sign(BODY, SECRET, scheme=row, message_id="m")
    verdict = inspector.verify(BODY, headers, SECRET, scheme=row)
    assert verdict
    assert any("No time is signed" in warning for warning in verdict.warnings)


@pytest.mark.parametrize("now", [0, 1, 86_400])
def test_beside_the_epoch_no_unit_is_taken_for_another(now: int) -> None:
    headers = inspector.sign(BODY, SECRET, timestamp=NOW)
    assert inspector.verify(BODY, headers, SECRET, now=now).cause == "timestamp_future"
