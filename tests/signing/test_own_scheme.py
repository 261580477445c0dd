"""The generic ``hmac`` scheme: each option does what it says, and a bad one is named."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest

import inspector
from inspector.errors import InvalidInput
from inspector.signing import describe, find_scheme

NOW = 1_735_891_210
BODY = b'{"a":1}'


def verify(options: dict[str, Any], headers: dict[str, str], secret: str, **given: Any) -> bool:
    verdict = inspector.verify(BODY, headers, secret, scheme=find_scheme("hmac", options), now=NOW, **given)
    return bool(verdict)


def test_without_options_it_is_sha256_of_the_body_in_hex() -> None:
    digest = hmac.digest(b"secret", BODY, "sha256").hex()
    assert verify({}, {"X-Signature": digest}, "secret")
    assert describe(find_scheme("hmac")) == "HMAC-SHA256 of the raw body, as hex"


@pytest.mark.parametrize("name", ["sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_header_prefix_hash_and_encoding(name: str, encoding: str) -> None:
    digest = hmac.new(b"secret", BODY, getattr(hashlib, name)).digest()
    text = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
    options = {"header": "X-Acme-Sign", "prefix": "sig=", "hash": name, "encoding": encoding}
    assert verify(options, {"x-acme-sign": f"sig={text}"}, "secret")
    assert not verify(options, {"x-acme-sign": text}, "secret")


@pytest.mark.parametrize(("key", "secret"), [("text", "6b6579"), ("hex", "6b6579"), ("base64", "a2V5")])
def test_key(key: str, secret: str) -> None:
    raw = secret.encode() if key == "text" else b"key"
    assert verify({"key": key}, {"X-Signature": hmac.digest(raw, BODY, "sha256").hex()}, secret)


@pytest.mark.parametrize(
    ("content", "signed"),
    [
        ("{timestamp}.{body}", b'1735891210.{"a":1}'),
        ("v0:{timestamp}:{body}", b'v0:1735891210:{"a":1}'),
        ("{id}{timestamp}{body}", b'msg_11735891210{"a":1}'),
        ("{method}{url}{body}", b'PUThttps://example.com/x?y=z{"a":1}'),
        ("{{{body}}}", b'{{"a":1}}'),
        ("é{body}", "é".encode() + BODY),
    ],
)
def test_content(content: str, signed: bytes) -> None:
    options = {"content": content, "timestamp_header": "X-Time", "id_header": "X-Id"}
    headers = {
        "X-Signature": hmac.digest(b"secret", signed, "sha256").hex(),
        "X-Time": str(NOW),
        "X-Id": "msg_1",
    }
    assert verify(options, headers, "secret", method="PUT", url="https://example.com/x?y=z")


def test_milliseconds() -> None:
    options = {"content": "{timestamp}{body}", "timestamp_header": "X-Time", "timestamp_unit": "ms"}
    signed = f"{NOW}999".encode() + BODY
    headers = {"X-Signature": hmac.digest(b"secret", signed, "sha256").hex(), "X-Time": f"{NOW}999"}
    assert verify(options, headers, "secret")


def test_the_id_is_the_senders_own_by_any_known_header_unless_one_is_named() -> None:
    digest = hmac.digest(b"secret", b"d-1" + BODY, "sha256").hex()
    assert verify({"content": "{id}{body}"}, {"X-Signature": digest, "X-GitHub-Delivery": "d-1"}, "secret")


def test_a_url_that_is_not_known_is_not_held_against_the_sender() -> None:
    scheme = find_scheme("hmac", {"content": "{url}{body}"})
    verdict = inspector.verify(BODY, {"X-Signature": "0" * 64}, "secret", scheme=scheme, now=NOW)
    assert (verdict.status, verdict.signature, verdict.cause) == ("unconfigured", "not_checked", "no_url")


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        ({"content": "{timestamp}", "timestamp_header": "X-Time"}, "body is not covered"),
        ({"timestamp_header": "X-Time"}, "X-Time header is not covered"),
        ({"hash": "sha1"}, "SHA-1"),
    ],
)
def test_what_is_left_uncovered_is_warned_of(options: dict[str, Any], warning: str) -> None:
    scheme = find_scheme("hmac", options)
    headers = inspector.sign(BODY, "secret", scheme=scheme, timestamp=NOW)
    verdict = inspector.verify(BODY, headers, "secret", scheme=scheme, now=NOW)
    assert verdict
    assert any(warning in text for text in verdict.warnings)
    assert not verdict.warned


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"header": "X Signature"}, ["header"]),
        ({"header": ""}, ["header"]),
        ({"header": 7}, ["header"]),
        ({"prefix": "a\nb"}, ["prefix"]),
        ({"hash": "md5"}, ["hash"]),
        ({"encoding": "HEX"}, ["encoding"]),
        ({"key": "whsec"}, ["key"]),
        ({"content": "{body"}, ["content"]),
        ({"content": "{bodi}"}, ["content"]),
        ({"content": "{body!r}"}, ["content"]),
        ({"content": "{body:>9}"}, ["content"]),
        ({"content": "{}"}, ["content"]),
        ({"content": "nothing of the message"}, ["content"]),
        ({"content": ""}, ["content"]),
        ({"content": "{body}\ud800"}, ["content"]),
        ({"content": "{timestamp}.{body}"}, ["timestamp_header"]),
        ({"timestamp_header": "X:Time"}, ["timestamp_header"]),
        ({"timestamp_header": "X-Time", "timestamp_unit": "seconds"}, ["timestamp_unit"]),
        ({"colour": "blue"}, ["colour"]),
        ({"hash": "md5", "encoding": "hexx"}, ["encoding", "hash"]),
    ],
    ids=repr,
)
def test_what_cannot_be_used_is_named(options: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        find_scheme("hmac", options)
    assert [error.field for error in caught.value.errors] == [f"scheme_options.{field}" for field in fields]


def test_only_hmac_takes_options() -> None:
    with pytest.raises(InvalidInput) as caught:
        find_scheme("blaxel", {"hash": "sha1"})
    assert [error.field for error in caught.value.errors] == ["scheme_options"]


def test_an_unknown_scheme_is_told_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="standard-webhooks") as caught:
        find_scheme("standard")
    assert [error.field for error in caught.value.errors] == ["scheme"]
