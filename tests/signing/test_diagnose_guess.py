"""Which scheme one delivery and its secret fit: the sender's name, or options for an own scheme."""

from __future__ import annotations

import base64
import hmac
import random

import pytest
from support.vectors import Vector, all_vectors

from inspector.models import Message, Secret
from inspector.signing import check, find_scheme
from inspector.signing.guess import Guess, guess

NOW = 1_735_891_200
SECRET = "q7x2m9k4v1b8n3c6z0l5j2h7g4f1d8s3"
BODY = b'{"status":200,"text":"caf\xc3\xa9"}'
URL = "https://hooks.example.com/in?a=1"

Headers = list[tuple[str, str]]

HEX_DIGEST = hmac.digest(SECRET.encode(), BODY, "sha256").hex()


def message(headers: Headers, body: bytes = BODY, url: str | None = URL, method: str = "POST") -> Message:
    pairs = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers)
    return Message(body, pairs, method, url)


def assert_fits(guessed: Guess | None, captured: Message, secret: str) -> Guess:
    """The scheme is one that an endpoint can be given, and it verifies the delivery."""
    assert guessed is not None
    row = find_scheme(guessed.scheme, guessed.options)
    secrets = [Secret("key-1", secret.removeprefix(guessed.secret_prefix))]
    assert check(captured, row, secrets, now=NOW).signature == "match"
    return guessed


@pytest.mark.parametrize(
    "vector", [v for v in all_vectors() if v.expect == "valid" and v.scheme != "microsoft-graph"], ids=str
)
def test_catalogued_senders_are_named(vector: Vector) -> None:
    captured = message(vector.headers, vector.body, vector.url, vector.method)
    guessed = assert_fits(guess(captured, vector.secret, now=vector.now), captured, vector.secret)
    assert guessed.scheme != "hmac"
    assert guessed.scheme in guessed.sentence


def sign(content: bytes, key: bytes = SECRET.encode(), hash_name: str = "sha256") -> bytes:
    return hmac.digest(key, content, hash_name)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


TIMED = [("X-Acme-Timestamp", str(NOW))]
OWN: list[tuple[Headers, str, dict[str, str]]] = [
    ([("X-Signature", HEX_DIGEST)], SECRET, {"header": "X-Signature"}),
    ([("X-Acme-Signature", f"v1={HEX_DIGEST}")], SECRET, {"header": "X-Acme-Signature", "prefix": "v1="}),
    ([("X-Acme", f"sha256-{HEX_DIGEST}")], SECRET, {"header": "X-Acme", "prefix": "sha256-"}),
    (
        [("X-Acme", f"HMAC {b64(sign(BODY, hash_name='sha512'))}")],
        SECRET,
        {"header": "X-Acme", "prefix": "HMAC ", "hash": "sha512", "encoding": "base64"},
    ),
    (
        [*TIMED, ("X-Acme-Sig", sign(b"%d.%s" % (NOW, BODY)).hex())],
        SECRET,
        {"header": "X-Acme-Sig", "content": "{timestamp}.{body}", "timestamp_header": "X-Acme-Timestamp"},
    ),
    (
        [
            ("X-Acme-Date", f"{NOW}000"),
            ("X-Acme-Sig", sign(b"v0:%d000:%s" % (NOW, BODY), hash_name="sha1").hex()),
        ],
        SECRET,
        {
            "header": "X-Acme-Sig",
            "hash": "sha1",
            "content": "v0:{timestamp}:{body}",
            "timestamp_header": "X-Acme-Date",
            "timestamp_unit": "ms",
        },
    ),
    (
        [*TIMED, ("X-Acme-Event-Id", "e-1"), ("X-Acme-Sig", b64(sign(b"e-1.%d.%s" % (NOW, BODY))))],
        SECRET,
        {
            "header": "X-Acme-Sig",
            "encoding": "base64",
            "content": "{id}.{timestamp}.{body}",
            "timestamp_header": "X-Acme-Timestamp",
            "id_header": "X-Acme-Event-Id",
        },
    ),
    (
        [("X-Acme-Sig", sign(b"POST" + URL.encode() + BODY).hex())],
        SECRET,
        {"header": "X-Acme-Sig", "content": "{method}{url}{body}"},
    ),
    (
        [("X-Acme-Sig", sign(BODY, b"\x00\xff" * 16).hex())],
        "00ff" * 16,
        {"header": "X-Acme-Sig", "key": "hex"},
    ),
    (
        [("X-Acme-Sig", sign(BODY, b"0123456789abcdef").hex())],
        b64(b"0123456789abcdef"),
        {"header": "X-Acme-Sig", "key": "base64"},
    ),
]


@pytest.mark.parametrize(("headers", "secret", "options"), OWN, ids=lambda value: str(value)[:60])
def test_own_schemes_come_as_options(headers: Headers, secret: str, options: dict[str, str]) -> None:
    noise = [("Host", "127.0.0.1"), ("ETag", f'"{"0" * 40}"'), ("X-Trace", "f" * 64)]
    captured = message([*noise, *headers])
    guessed = assert_fits(guess(captured, secret, now=NOW), captured, secret)
    assert (guessed.scheme, guessed.options) == ("hmac", options)


def test_a_prefix_of_the_secret_that_has_to_go_is_named() -> None:
    key = b"0123456789abcdef"
    captured = message([("X-Acme-Sig", sign(BODY, key).hex())])
    secret = f"whsec_{b64(key)}"
    guessed = assert_fits(guess(captured, secret, now=NOW), captured, secret)
    assert guessed.secret_prefix == "whsec_"
    assert guessed.options["key"] == "base64"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("X-Acme-Sig", "0" * 64)],
        [("X-Acme-Sig", "")],
        [("X-Acme-Sig", f"{HEX_DIGEST}; more")],
        [("X-Blaxel-Signature", "sha256=" + "0" * 64)],
    ],
    ids=str,
)
def test_nothing_is_offered_that_does_not_fit(headers: Headers) -> None:
    assert guess(message(headers), SECRET, now=NOW) is None


def test_nothing_raises() -> None:
    chance = random.Random(7)
    letters = [chr(code) for code in range(256)]
    for _ in range(200):
        headers = [
            (
                "".join(chance.choices(letters, k=chance.randint(1, 9))),
                chance.choice(["x=", "", "\xff"]) + text,
            )
            for text in chance.choices([HEX_DIGEST, b64(bytes(32)), "a" * 300, "=" * 50], k=4)
        ]
        guess(
            message(headers, bytes(chance.choices(range(256), k=9))),
            chance.choice(["", "\ud800", SECRET]),
            now=NOW,
        )
