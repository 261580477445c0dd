"""The mistakes that senders and gateways make, made with every row that can sign: each is named first."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
from dataclasses import replace
from urllib.parse import quote_plus

import pytest

import inspector
from inspector.models import HeaderPairs, Message, Secret
from inspector.signing import Schemes, find_scheme, generate_secret, scheme_names, sign_message
from inspector.signing.diagnose import diagnose
from inspector.signing.scheme import Algorithm, Encoding, Part, Scheme, SecretForm

NOW = 1_700_000_000
URL = "https://hooks.example.com/in/here?x=1"
VALUE = {
    "type": "a.b",
    "url": "https://x.example/y?a=1&b=2",
    "name": "Zoë <b>",
    "list": [1, {"z": 1, "b": None}],
    "webhookTimestamp": NOW * 1000,
}


def written(
    indent: int | None = None, *, compact: bool = False, keys: bool = False, escaped: bool = False
) -> bytes:
    separators = (",", ":") if compact else None
    text = json.dumps(VALUE, indent=indent, separators=separators, sort_keys=keys, ensure_ascii=escaped)
    return text.encode()


COMPACT = written(compact=True)
BODIES = {
    "body_json_compact": (COMPACT, written()),
    "body_json_spaced": (written(), COMPACT),
    "body_json_indent2": (written(2), COMPACT),
    "body_json_indent4": (written(4), COMPACT),
    "body_json_sorted_compact": (written(compact=True, keys=True), COMPACT),
    "body_json_compact_ascii": (written(compact=True, escaped=True), COMPACT),
    "body_json_slash_escaped": (COMPACT.replace(b"/", rb"\/"), COMPACT),
    "body_newline_added": (COMPACT, COMPACT + b"\n"),
    "body_newline_removed_crlf": (COMPACT + b"\r\n", COMPACT),
    "body_lf_to_crlf": (written(2).replace(b"\n", b"\r\n"), written(2)),
    "body_bom": (COMPACT, b"\xef\xbb\xbf" + COMPACT),
    "body_charset": (COMPACT, COMPACT.decode().encode("latin-1")),
    "body_base64": (COMPACT, base64.b64encode(COMPACT)),
    "body_whitespace_trimmed": (COMPACT, b" " + COMPACT + b" \n"),
    "body_json_double_encoded": (COMPACT, json.dumps(COMPACT.decode()).encode()),
    "body_form_encoded": (COMPACT, b"payload=" + quote_plus(COMPACT).encode()),
    "body_compressed": (COMPACT, gzip.compress(COMPACT)),
}
"""What was signed, and what came, by the cause that it is."""

SLIPS = {
    "secret_whitespace": "{}\n",
    "secret_quotes": '"{}"',
    "secret_env_line": "WEBHOOK_SECRET={}",
}
"""How a secret is registered, by the cause that it is."""


def signing_rows() -> list[Scheme]:
    rows = (find_scheme(name) for name in scheme_names())
    return [row for row in rows if row.signature.header.own and row.algorithm is not Algorithm.EQUALITY]


def signed(row: Scheme, body: bytes, secret: str, url: str = URL) -> HeaderPairs:
    pairs = sign_message(Message(body, (), "POST", url), row, secret, timestamp=NOW)
    return tuple((name.encode(), value.encode()) for name, value in pairs)


def cause(row: Scheme, body: bytes, headers: HeaderPairs, secret: str, url: str = URL) -> str:
    return diagnose(Message(body, headers, "POST", url), row, [Secret("main", secret)], now=NOW).cause


@pytest.mark.parametrize("code", BODIES)
def test_bodies(code: str) -> None:
    sent, came = BODIES[code]
    for row in signing_rows():
        if row.code == "twilio" or Part.CANONICAL_BODY in row.content:
            continue  # a form, and JSON that may be written anew
        secret = generate_secret(row)
        assert cause(row, came, signed(row, sent, secret), secret) == code, row.name


@pytest.mark.parametrize("code", SLIPS)
def test_secrets(code: str) -> None:
    for row in signing_rows():
        if not row.algorithm.asymmetric:
            body = b"A=1" if row.code == "twilio" else COMPACT
            secret = generate_secret(row)
            assert cause(row, body, signed(row, body, secret), SLIPS[code].format(secret)) == code, row.name


def test_forms_of_the_key() -> None:
    key = bytes(range(65, 97))
    text = base64.b64encode(key).decode()
    for row in signing_rows():
        if row.secret_form is not SecretForm.TEXT or row.code:
            continue
        for form, secret, code in (
            (SecretForm.HEX, key.hex(), "secret_hex_decoded"),
            (SecretForm.BASE64, text, "secret_base64_decode"),
            (SecretForm.WHSEC, f"whsec_{text}", "secret_base64_decode"),
        ):
            headers = signed(replace(row, secret_form=form), COMPACT, secret)
            assert cause(row, COMPACT, headers, secret) == code, row.name


def test_digests() -> None:
    for row in signing_rows():
        if row.algorithm is not Algorithm.HMAC or row.code:
            continue
        secret = generate_secret(row)
        other = Encoding.BASE64 if row.signature.encoding is Encoding.HEX else Encoding.HEX
        spelled = replace(row, signature=replace(row.signature, encoding=other))
        assert cause(row, COMPACT, signed(spelled, COMPACT, secret), secret) == f"encoding_{other}", row.name
        for name in {"sha1", "sha256", "sha512"} - {row.hash}:
            headers = signed(replace(row, hash=name), COMPACT, secret)
            assert cause(row, COMPACT, headers, secret) == f"hash_{name}", row.name


@pytest.mark.parametrize(
    ("code", "seen", "headers"),
    [
        ("url_scheme", "http://hooks.example.com/in/here?x=1", {}),
        ("url_trailing_slash", "https://hooks.example.com/in/here/?x=1", {}),
        ("url_host", "https://www.hooks.example.com/in/here?x=1", {}),
        (
            "url_proxy",
            "http://localhost:2255/in/here?x=1",
            {b"Forwarded": b"proto=https;host=hooks.example.com"},
        ),
        (
            "url_proxy",
            "http://localhost:2255/in/here?x=1",
            {b"X-Forwarded-Proto": b"https", b"X-Forwarded-Host": b"hooks.example.com"},
        ),
    ],
)
def test_urls(code: str, seen: str, headers: dict[bytes, bytes]) -> None:
    rows = [row for row in signing_rows() if row.covers(Part.URL)]
    assert len(rows) >= 5
    for row in rows:
        secret, form = generate_secret(row), row.code == "twilio"
        body = b"A=1&B=2" if form else COMPACT
        extra = {**headers, b"Content-Type": b"application/x-www-form-urlencoded"} if form else headers
        pairs = (*signed(row, body, secret), *extra.items())
        assert cause(row, body, pairs, secret, seen) == code, row.name


class TestSignaturesInTheBody:
    KEY = "ab" * 32

    def adyen(self, key: bytes, *, hash_name: str = "sha256", in_hex: bool = False) -> bytes:
        digest = hmac.digest(key, b"1::shop:r:5:EUR:AUTHORISATION:true", hash_name)
        item = {
            "pspReference": "1",
            "merchantAccountCode": "shop",
            "merchantReference": "r",
            "amount": {"value": 5, "currency": "EUR"},
            "eventCode": "AUTHORISATION",
            "success": "true",
            "additionalData": {
                "hmacSignature": digest.hex() if in_hex else base64.b64encode(digest).decode()
            },
        }
        return json.dumps({"notificationItems": [{"NotificationRequestItem": item}]}).encode()

    def mailgun(self, hash_name: str = "sha256", *, in_base64: bool = False) -> bytes:
        digest = hmac.digest(self.KEY.encode(), b"%dtoken" % NOW, hash_name)
        signature = base64.b64encode(digest).decode() if in_base64 else digest.hex()
        return json.dumps(
            {"signature": {"timestamp": f"{NOW}", "token": "token", "signature": signature}}
        ).encode()

    @pytest.mark.parametrize("scheme", ["adyen", "auto"])
    def test_adyen(self, scheme: str) -> None:
        key = bytes.fromhex(self.KEY)
        for code, body, secret in (
            ("secret_whitespace", self.adyen(key), f"{self.KEY} "),
            ("secret_quotes", self.adyen(key), f"'{self.KEY}'"),
            ("secret_used_as_text", self.adyen(self.KEY.encode()), self.KEY),
            ("secret_format", self.adyen(key), "no hex"),
            ("encoding_hex", self.adyen(key, in_hex=True), self.KEY),
            ("hash_sha1", self.adyen(key, hash_name="sha1"), self.KEY),
        ):
            assert inspector.diagnose(body, {}, secret, scheme=scheme, now=NOW).cause == code

    @pytest.mark.parametrize("scheme", ["mailgun", "auto"])
    def test_mailgun(self, scheme: str) -> None:
        for code, body, secret, now in (
            ("secret_env_line", self.mailgun(), f"KEY={self.KEY}", NOW),
            ("encoding_base64", self.mailgun(in_base64=True), self.KEY, NOW),
            ("hash_sha1", self.mailgun("sha1"), self.KEY, NOW),
            ("timestamp_old", self.mailgun(), self.KEY, NOW + 901),
        ):
            assert inspector.diagnose(body, {}, secret, scheme=scheme, now=now).cause == code


class TestOtherSchemes:
    def test_with_the_same_header_in_another_form(self) -> None:
        """What cannot be read as one sender's may be another's, whole and right."""
        headers = list(signed(find_scheme("bitbucket"), COMPACT, SECRET_OF_ALL))
        for own in ("github", "github-sha1"):
            diagnosis = inspector.diagnose(COMPACT, headers, SECRET_OF_ALL, scheme=own, now=NOW)
            assert diagnosis.verification.status == "malformed"
            assert diagnosis.cause == "other_scheme:bitbucket"
            assert diagnosis.causes[0].matched

    def test_of_the_user_s_own(self) -> None:
        own = Schemes({"ours": {"header": "X-Ours", "prefix": "v9="}, "theirs": {"header": "X-Theirs"}}).own
        headers = signed(own["theirs"], COMPACT, SECRET_OF_ALL)
        for row in (find_scheme("blaxel"), own["ours"]):
            message = Message(COMPACT, headers, "POST", URL)
            found = diagnose(
                message, row, [Secret("main", SECRET_OF_ALL)], own_schemes=tuple(own.values()), now=NOW
            )
            assert found.cause in ("other_scheme:theirs", "no_signature_header")
            assert [each.code for each in found.causes if each.matched] == ["other_scheme:theirs"]


SECRET_OF_ALL = hashlib.sha256(b"").hexdigest()
