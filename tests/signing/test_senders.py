"""The senders that take code: what each signs, beyond what the recorded requests show."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from support.vectors import Vector, vectors

import inspector
from inspector.models import Verification
from inspector.signing import senders
from inspector.signing.reading import Reading

NOW = 1_735_891_210
URL = "https://receiver.example/hooks?a=b"
FORM = [("Content-Type", "application/x-www-form-urlencoded")]


def first_valid(scheme: str) -> Vector:
    return next(vector for vector in vectors(scheme) if vector.expect == "valid")


def facts(verdict: Verification) -> tuple[str, str, str]:
    return verdict.status, verdict.signature, verdict.cause


class TestTwilio:
    def sign(self, content: str, secret: str = "token") -> list[tuple[str, str]]:
        digest = hmac.digest(secret.encode(), content.encode(), "sha1")
        return [("X-Twilio-Signature", base64.b64encode(digest).decode())]

    def verify(self, body: bytes, headers: list[tuple[str, str]], url: str = URL) -> Verification:
        return inspector.verify(body, headers, "token", scheme="twilio", url=url, now=NOW)

    @pytest.mark.parametrize(
        ("body", "fields"),
        [
            (b"", ""),
            (b"b=2&a=1", "a1b2"),
            (b"a=2&a=1&a=2", "a1a2"),
            (b"a=&b", "ab"),
            (b"a=%C3%A9+%2B", "aé +"),
            (b"&&a=1", "a1"),
        ],
    )
    def test_form_fields_are_sorted_decoded_and_taken_once(self, body: bytes, fields: str) -> None:
        assert self.verify(body, [*FORM, *self.sign(URL + fields)])

    @pytest.mark.parametrize(
        ("signed", "seen"),
        [
            ("https://a.example/x", "https://a.example:443/x"),
            ("https://a.example:443/x", "https://a.example/x"),
            ("http://a.example:80/x", "http://a.example/x"),
            ("https://a.example", "https://a.example:8443"),
            ("https://[::1]/x?y", "https://[::1]:2255/x?y"),
            ("https://user:pass@a.example/x", "https://user:pass@a.example:1/x"),
        ],
    )
    def test_the_port_may_be_there_or_not(self, signed: str, seen: str) -> None:
        assert self.verify(b"", self.sign(signed), url=seen)

    def test_another_port_is_another_url(self) -> None:
        assert not self.verify(b"", self.sign("https://a.example:1/x"), url="https://a.example:2/x")

    def test_a_json_body_is_bound_by_its_hash_in_the_url(self) -> None:
        body = b'{"a":1}'
        url = f"{URL}&bodySHA256={hashlib.sha256(body).hexdigest()}"
        headers = [("Content-Type", "application/json"), *self.sign(url)]
        assert self.verify(body, headers, url=url)
        assert facts(self.verify(b'{"a":2}', headers, url=url)) == ("invalid", "mismatch", "unknown")

    def test_a_body_that_nothing_binds_is_not_valid(self) -> None:
        headers = [("Content-Type", "application/json"), *self.sign(URL)]
        verdict = self.verify(b'{"a":1}', headers)
        assert facts(verdict) == ("invalid", "mismatch", "body_unbound")
        assert "bodySHA256" in verdict.reason

    def test_a_form_is_no_url_alone_whatever_its_type_says(self) -> None:
        """Who has seen a signed GET cannot send a form with its signature."""
        for kind in ("application/x-www-form-urlencoded", "text/plain", "application/json", ""):
            assert not self.verify(b"a=1", [("Content-Type", kind), *self.sign(URL)])
        assert not self.verify(b"a=1", self.sign(URL))


class TestAdyen:
    KEY = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"

    def body(self, *signatures: str | None) -> bytes:
        items = []
        for signature in signatures:
            item: dict[str, Any] = {"pspReference": "1", "amount": {"value": 5, "currency": "EUR"}}
            if signature is not None:
                item["additionalData"] = {"hmacSignature": signature}
            items.append({"NotificationRequestItem": item})
        return json.dumps({"notificationItems": items}).encode()

    @property
    def right(self) -> str:
        digest = hmac.digest(bytes.fromhex(self.KEY), b"1::::5:EUR::", "sha256")
        return base64.b64encode(digest).decode()

    def verify(self, body: bytes) -> Verification:
        return inspector.verify(body, [], self.KEY, now=NOW)

    def test_every_item_is_checked(self) -> None:
        assert self.verify(self.body(self.right, self.right))
        for signatures in ((self.right, "A" * 43 + "="), ("A" * 43 + "=", self.right)):
            assert facts(self.verify(self.body(*signatures))) == ("invalid", "mismatch", "unknown")

    def test_one_without_a_signature_is_missing_it(self) -> None:
        verdict = self.verify(self.body(self.right, None))
        assert facts(verdict) == ("missing", "not_checked", "no_hmacSignature")
        assert "each of the notification items" in verdict.reason

    def test_none_is_no_signature_at_all(self) -> None:
        body = self.body(None)
        assert inspector.verify(body, [], self.KEY, scheme="adyen").reason.startswith(
            "There is no hmacSignature in the body"
        )


class TestMailgun:
    def test_form_fields(self) -> None:
        digest = hmac.digest(b"key", f"{NOW}tok".encode(), "sha256").hex()
        body = f"timestamp={NOW}&token=tok&signature={digest}&event=opened".encode()
        for scheme in ("mailgun", "auto"):
            verdict = inspector.verify(body, FORM, "key", scheme=scheme, now=NOW)
            assert verdict, verdict.reason
            assert any("event's data is not covered" in warning for warning in verdict.warnings)

    @pytest.mark.parametrize("absent", ["timestamp", "token"])
    def test_what_is_signed_has_to_be_there(self, absent: str) -> None:
        fields = {"timestamp": str(NOW), "token": "tok", "signature": "0" * 64}
        del fields[absent]
        body = json.dumps({"signature": fields}).encode()
        verdict = inspector.verify(body, [], "key", scheme="mailgun", now=NOW)
        assert facts(verdict) == ("missing", "not_checked", f"no_{absent}")


class TestMicrosoftGraph:
    def verify(self, *states: str) -> Verification:
        value = [{"subscriptionId": "1", "clientState": state} for state in states]
        return inspector.verify(json.dumps({"value": value}).encode(), [], "secretState", now=NOW)

    def test_every_notification_has_to_hold_the_secret(self) -> None:
        assert self.verify("secretState", "secretState").scheme == "microsoft-graph"
        assert self.verify("secretState")
        verdict = self.verify("secretState", "other")
        assert facts(verdict) == ("invalid", "mismatch", "unknown")
        assert verdict.reason == "What came is not that of key-1: the sender has another."


class TestTokens:
    def test_an_algorithm_other_than_the_senders_is_not_read(self) -> None:
        header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        for scheme, name in (("qstash", "Upstash-Signature"), ("plaid", "Plaid-Verification")):
            for value in (f"{header}.e30.", f"{header}.e30.AAAA", "a.b.c", "..", "no token", ""):
                verdict = inspector.verify(b"", [(name, value)], "{}", scheme=scheme, url=URL, now=NOW)
                assert facts(verdict) == ("malformed", "malformed", "signature_format"), value

    def test_qstash_holds_from_its_first_to_its_last_second(self) -> None:
        headers = inspector.sign(b"hi", "key", scheme="qstash", url=URL, timestamp=NOW)
        for now, status in ((NOW, "valid"), (NOW + 300, "valid"), (NOW + 301, "expired")):
            verdict = inspector.verify(b"hi", headers, "key", scheme="qstash", url=URL, now=now)
            assert verdict.status == status, verdict.reason

    def test_two_tokens_are_not_guessed_between(self) -> None:
        headers = inspector.sign(b"hi", "key", scheme="qstash", url=URL, timestamp=NOW)
        verdict = inspector.verify(b"hi", headers * 2, "key", scheme="qstash", url=URL, now=NOW)
        assert verdict.status == "malformed"


class TestSns:
    @pytest.mark.parametrize(
        "address",
        [
            "https://sns.us-east-1.amazonaws.com.evil.example/x.pem",
            "https://evil.example/sns.us-east-1.amazonaws.com/x.pem",
            "http://sns.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com/x.pem?y=.pem",
            "https://sns.us-east-1.amazonaws.com@evil.example/x.pem",
            "",
        ],
    )
    def test_a_certificate_of_anybody_else_is_refused(self, address: str) -> None:
        vector = first_valid("aws-sns")
        data = {**json.loads(vector.body), "SigningCertURL": address}
        verdict = inspector.verify(json.dumps(data).encode(), vector.headers, vector.secret, now=NOW)
        assert facts(verdict) == ("malformed", "malformed", "signature_format")
        assert "no address of SNS" in verdict.reason

    def test_raw_delivery_is_unsigned_and_still_known(self) -> None:
        verdict = inspector.verify(b"hello", [("x-amz-sns-message-type", "Notification")], "x", now=NOW)
        assert (verdict.status, verdict.scheme) == ("missing", "aws-sns")

    def test_what_is_signed_has_to_be_there(self) -> None:
        vector = first_valid("aws-sns")
        data = json.loads(vector.body)
        del data["TopicArn"]
        verdict = inspector.verify(json.dumps(data).encode(), vector.headers, vector.secret, now=NOW)
        assert facts(verdict) == ("missing", "not_checked", "no_TopicArn")


def test_code_that_fails_says_that_it_could_not_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> Reading:
        raise LookupError("no\nsuch thing")

    monkeypatch.setitem(senders.READERS, "twilio", failing)
    verdict = inspector.verify(b"", [("X-Twilio-Signature", "x")], "key", scheme="twilio", url=URL, now=NOW)
    assert facts(verdict) == ("invalid", "not_checked", "could_not_check")
    assert verdict.reason == r"Could not check: LookupError: no\nsuch thing."


def test_deep_nesting_and_odd_numbers_are_no_trouble() -> None:
    for scheme in ("mailgun", "adyen", "aws-sns", "microsoft-graph", "linear", "inngest"):
        for body in (
            b"[" * 100_000,
            b'{"a":' * 50_000,
            b"1e999",
            b'"\\ud800"',
            b"9" * 5000,
            b"\xff\xfe{\x00",
        ):
            headers = [("linear-signature", "0" * 64), ("X-Inngest-Signature", f"t={NOW}&s={'0' * 64}")]
            assert not inspector.verify(body, headers, "ab", scheme=scheme, now=NOW)
