"""Secrets: which are refused at registration, what shape new ones have, and what tells them apart."""

from __future__ import annotations

import base64
import re

import pytest

from inspector.errors import InvalidInput
from inspector.signing import find_scheme, fingerprint, generate_secret, scheme_names, usable_secret


@pytest.mark.parametrize("name", scheme_names())
def test_a_generated_secret_is_usable_and_new(name: str) -> None:
    scheme = find_scheme(name)
    made = {generate_secret(scheme) for _ in range(20)}
    assert len(made) == 20
    for secret in made:
        usable_secret(scheme, secret)


def test_shapes() -> None:
    assert re.fullmatch(r"[a-z0-9]{32}", generate_secret(find_scheme("blaxel")))
    assert re.fullmatch(r"[a-z0-9]{32}", generate_secret(find_scheme("auto")))
    text = generate_secret(find_scheme("standard-webhooks"))
    assert text.startswith("whsec_")
    assert len(base64.b64decode(text.removeprefix("whsec_"), validate=True)) == 32
    assert re.fullmatch(r"[0-9a-f]{64}", generate_secret(find_scheme("hmac", {"key": "hex"})))
    assert len(base64.b64decode(generate_secret(find_scheme("hmac", {"key": "base64"})), validate=True)) == 32


@pytest.mark.parametrize(
    ("name", "secret", "words"),
    [
        ("blaxel", "", "empty"),
        ("auto", "", "empty"),
        ("github", "\ud800", "half a character"),
        ("standard-webhooks", "whsec_", "empty"),
        ("standard-webhooks", "whsec_!!!!", "not base64"),
        ("standard-webhooks", "whsec_AAAA\n", "white space"),
        ("standard-webhooks", "not-base64", "not base64"),
        ("svix", "v1,whsec_AAAA", 'begins at "whsec_"'),
        ("svix", "whsec_A", "not base64"),
        ("svix", "whsec_é", "not base64"),
    ],
)
def test_unusable_ones_are_refused_with_the_reason(name: str, secret: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        usable_secret(find_scheme(name), secret)
    (error,) = caught.value.errors
    assert error.field == "secret"
    assert words in error.message


@pytest.mark.parametrize("secret", ["abc", "0", "xyz!", "0g"])
def test_hex_keys_must_be_hex(secret: str) -> None:
    with pytest.raises(InvalidInput, match="not hex"):
        usable_secret(find_scheme("hmac", {"key": "hex"}), secret)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("blaxel", " "),
        ("blaxel", "clé-密-🔑"),
        ("blaxel", "\udce9"),
        ("github", "It's a Secret to Everybody"),
        ("standard-webhooks", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr"),
    ],
)
def test_usable_ones_are_not(name: str, secret: str) -> None:
    usable_secret(find_scheme(name), secret)


def test_fingerprints_tell_secrets_apart_and_stay_the_same() -> None:
    secrets = [f"secret-{number}" for number in range(200)] + ["\ud800", ""]
    prints = [fingerprint(secret) for secret in secrets]
    assert len(set(prints)) == len(secrets)
    assert all(re.fullmatch(r"[0-9a-f]{8}", each) for each in prints)
    assert prints == [fingerprint(secret) for secret in secrets]
