"""The recorded signatures in ``tests/data``: what senders really sign, and what their verifiers answered."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "data"


@dataclass(frozen=True)
class SdkVector:
    """One callback, and what Blaxel's two SDKs answered to it with their clocks at ``now``."""

    name: str
    secret: str
    body: bytes
    signature: str | None
    timestamp: str | None
    now: float
    max_age: float
    python: bool
    typescript: bool

    @property
    def headers(self) -> list[tuple[str, str]]:
        named = (("X-Blaxel-Signature", self.signature), ("X-Blaxel-Timestamp", self.timestamp))
        return [(name, value) for name, value in named if value is not None]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Vector:
    """One signed request, and the status and cause that it must get."""

    scheme: str
    name: str
    secret: str
    method: str
    url: str
    headers: list[tuple[str, str]]
    body: bytes
    now: float
    expect: str
    why: str
    other_secrets: dict[str, str]

    def __str__(self) -> str:
        return f"{self.scheme}-{self.name}"


def sdk_vectors() -> list[SdkVector]:
    """Every recorded answer of Blaxel's SDKs."""
    return [
        SdkVector(
            name=row["name"],
            secret=row["secret"],
            body=base64.b64decode(row["body_b64"]),
            signature=row["signature_header"],
            timestamp=row["timestamp_header"],
            now=row["now"],
            max_age=row["max_age"],
            python=row["python_result"],
            typescript=row["ts_result"],
        )
        for row in json.loads((DATA / "blaxel_sdk.json").read_bytes())
    ]


def vectors(*schemes: str) -> list[Vector]:
    """The signed requests of *schemes*."""
    return [vector for vector in all_vectors() if vector.scheme in schemes]


def all_vectors() -> list[Vector]:
    """The signed requests of every sender."""
    return [
        Vector(
            scheme=row["scheme"],
            name=row["name"],
            secret=row["secret"],
            method=row["method"],
            url=row["url"],
            headers=[(name, value) for name, value in row["headers"]],
            body=base64.b64decode(row["body_b64"]),
            now=row["now"],
            expect=row["expect"],
            why=row["why"],
            other_secrets=dict(row.get("other_secrets", ())),
        )
        for row in json.loads((DATA / "signatures.json").read_bytes())
    ]


def signature_cases() -> list[dict[str, Any]]:
    """Requests from the field whose verdict has gone wrong in some tool."""
    return [json.loads(line) for line in (DATA / "signature-cases.jsonl").read_text("utf-8").splitlines()]
