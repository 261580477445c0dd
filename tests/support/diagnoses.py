"""Callbacks signed wrongly in one way or other, and what a diagnosis says of them."""

from __future__ import annotations

import hmac
import json
from typing import Any

import inspector
from inspector.models import Message
from inspector.signing import check
from inspector.signing.diagnosis import Diagnosis

NOW = 1_735_891_200
SECRET = "q7x2m9k4v1b8n3c6z0l5j2h7g4f1d8s3"
VALUE = {
    "status": 200,
    "name": 'Plaça "Pau" Vila ❤ 😀',
    "html": "<b>a & b's</b>",
    "path": "a/b=1+1",
    "empty": [{}, []],
    "mail": "a@b.c 50%",
    "alpha": {"z": 1, "a": [1, 2.5, True, None]},
}
BODY = json.dumps(VALUE, separators=(",", ":"), ensure_ascii=False).encode()

Headers = list[tuple[str, str]]


def signed(body: bytes, secret: str = SECRET, **options: Any) -> Headers:
    return inspector.sign(body, secret, timestamp=NOW, **options)


def diagnosed(body: bytes, headers: Headers, secret: str = SECRET, **options: Any) -> Diagnosis:
    return inspector.diagnose(body, headers, secret, now=NOW, **{"scheme": "blaxel", **options})


def proven(diagnosis: Diagnosis) -> list[str]:
    """The codes of the causes, after a look at whether each claim of a match is true."""
    assert diagnosis.match is not None, diagnosis
    assert all(cause.matched for cause in diagnosis.causes)
    match = diagnosis.match
    assert check(match.message, match.scheme, [match.secret], now=NOW).signature == "match"
    return [cause.code for cause in diagnosis.causes]


def digest(content: bytes, key: bytes = SECRET.encode(), hash_name: str = "sha256") -> bytes:
    return hmac.digest(key, content, hash_name)


def blaxel(text: str) -> Headers:
    return [("X-Blaxel-Signature", text), ("X-Blaxel-Timestamp", str(NOW))]


def facts(diagnosis: Diagnosis) -> dict[str, str]:
    return {fact.code: fact.sentence for fact in diagnosis.facts}


def message(body: bytes, headers: Headers) -> Message:
    return Message(body, tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers))
