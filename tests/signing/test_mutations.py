"""Sixteen thousand spoiled requests and keys: nothing raises, and nothing becomes valid."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from cryptography import x509
from support.signed import secret_of
from support.vectors import Vector, all_vectors

from inspector.errors import InvalidInput
from inspector.models import Message, Secret, Verification
from inspector.signing import check, explain, find_scheme, usable_secret

VECTORS = [vector for vector in all_vectors() if vector.secret]
VALID = [vector for vector in VECTORS if vector.expect == "valid"]
ROUNDS = 4000

Mutation = Callable[[random.Random, bytes], bytes]

PIECES = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b",",
    b"=",
    b".",
    b"{}",
    b"[[[[[[",
    b'"\\ud800"',
    b"v1=",
    b"null",
    b"-1",
    b"1e999",
    b"9" * 400,
    b"\r\n",
    b"-----BEGIN CERTIFICATE-----\n",
    "\u2028é".encode(),
)


def flip(dice: random.Random, data: bytes) -> bytes:
    if not data:
        return b"\x01"
    place = dice.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << dice.randrange(8)]) + data[place + 1 :]


def cut(dice: random.Random, data: bytes) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def insert(dice: random.Random, data: bytes) -> bytes:
    place = dice.randrange(len(data) + 1)
    return data[:place] + dice.choice(PIECES) + data[place:]


def repeat(dice: random.Random, data: bytes) -> bytes:
    return data + data[dice.randrange(len(data) + 1) :]


def overwrite(dice: random.Random, data: bytes) -> bytes:
    return dice.choice([dice.randbytes(dice.randrange(80)), dice.choice(PIECES) * 3])


MUTATIONS: tuple[Mutation, ...] = (flip, flip, cut, insert, repeat, overwrite)


def mutated(dice: random.Random, data: bytes) -> bytes:
    for _ in range(dice.choice((1, 1, 2, 3))):
        data = dice.choice(MUTATIONS)(dice, data)
    return data


def message_of(vector: Vector) -> Message:
    headers = tuple((name.encode(), value.encode("latin-1")) for name, value in vector.headers)
    return Message(vector.body, headers, vector.method, vector.url)


def spoiled(dice: random.Random, message: Message) -> Message:
    """*message* with its body, a header, some headers or its URL spoiled."""
    kind = dice.randrange(5)
    headers = list(message.headers)
    if kind == 0 or not headers:
        return replace(message, body=mutated(dice, message.body))
    if kind == 1:
        return replace(message, url=mutated(dice, (message.url or "").encode()).decode("latin-1"))
    place = dice.randrange(len(headers))
    name, value = headers[place]
    if kind == 2:
        headers[place] = (name, mutated(dice, value))
    elif kind == 3:
        headers.insert(place, (name, mutated(dice, value)))
    else:
        headers[place] = (mutated(dice, name), value)
    return replace(message, headers=tuple(headers))


def judged(message: Message, scheme: str, secret: str, now: float) -> Verification:
    row, secrets = find_scheme(scheme), [Secret("key-1", secret)]
    verdict = check(message, row, secrets, now=now)
    assert verdict.reason.endswith(".")
    assert verdict.reason.isprintable()
    return verdict


@pytest.mark.parametrize("seed", range(2))
def test_spoiled_requests_without_the_secret_are_never_valid(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(ROUNDS):
        vector = dice.choice(VECTORS)
        message = spoiled(dice, message_of(vector))
        unknown = secret_of(find_scheme(vector.scheme))
        for scheme in (vector.scheme, "auto"):
            assert not judged(message, scheme, unknown, vector.now), (vector, message)


def test_spoiled_requests_are_told_and_explained() -> None:
    """With the right secret, too: what is not covered may change, and nothing may raise."""
    dice = random.Random(2)
    for _ in range(ROUNDS):
        vector = dice.choice(VECTORS)
        message = spoiled(dice, message_of(vector))
        secrets = [Secret("key-1", vector.secret)]
        explain(message, find_scheme(vector.scheme), secrets, now=vector.now)
        judged(message, dice.choice(VECTORS).scheme, vector.secret, vector.now)


def test_spoiled_secrets_and_keys_verify_nothing_unless_they_mean_the_same() -> None:
    dice = random.Random(3)
    for _ in range(ROUNDS):
        vector = dice.choice(VALID)
        secret = mutated(dice, vector.secret.encode()).decode("utf-8", "surrogateescape")
        row = find_scheme(vector.scheme)
        if judged(message_of(vector), vector.scheme, secret, vector.now):
            assert meaning(secret) == meaning(vector.secret), (vector, secret)
            usable_secret(row, secret)
        else:
            with suppress(InvalidInput):
                usable_secret(row, secret)


def meaning(secret: str) -> object:
    """What is left of a secret when all is taken away that may change: the key of a certificate, mostly."""
    begin = secret.find("-----BEGIN CERTIFICATE-----")
    if begin >= 0:
        key = x509.load_pem_x509_certificate(secret[begin:].encode()).public_key()
        return secret[:begin].strip(), key.public_numbers()  # type: ignore[union-attr]  # both are RSA keys
    if secret.startswith("{"):
        jwk = json.loads(secret)
        return [jwk.get(name) for name in ("kty", "crv", "x", "y")]
    bare = re.sub(r"^signkey-\w+-", "", secret.strip())
    return bare.removeprefix("whsec_").removeprefix("whpk_").rstrip("=").lower()
