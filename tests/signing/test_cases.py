"""Requests from the field whose verdict went wrong in some tool: each gets the verdict that it should."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from support.vectors import signature_cases

import inspector
from inspector.models import Verification

DESIGNED = {
    # The field's answer is coarser or other than ours: a blank where none belongs cannot be read.
    "sig-space-after-prefix": {"signature": "malformed"},
}


def verdict_of(case: dict[str, Any]) -> Verification:
    setup, request = case["setup"]["endpoint"], case["request"]
    public_url = setup.get("public_url", "http://localhost:2255")
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request["headers"]]
    return inspector.verify(
        base64.b64decode(request.get("body_b64") or ""),
        headers,
        setup.get("secrets", []),
        scheme=setup.get("scheme", "auto"),
        method=request["method"],
        url=public_url,
        now=(case.get("clock") or {}).get("now", 0),
    )


def overall(verdict: Verification) -> str:
    """The field's coarser words: everything that is checked and not valid is invalid."""
    return "invalid" if verdict.status in ("expired", "malformed") else str(verdict.status)


def allows(expected: str | list[str], found: str) -> bool:
    return found in ([expected] if isinstance(expected, str) else expected)


@pytest.mark.parametrize("case", signature_cases(), ids=lambda case: str(case["id"]))
def test_verdict(case: dict[str, Any]) -> None:
    wanted = {**case["verification"], **DESIGNED.get(case["id"], {})}
    verdict = verdict_of(case)
    assert allows(wanted["overall"], overall(verdict)), verdict.reason
    assert allows(wanted["signature"], verdict.signature), verdict.reason
    assert allows(wanted["timestamp"], verdict.timestamp)
    assert verdict.scheme == wanted.get("scheme", "blaxel")
    text = " ".join((verdict.reason, *verdict.warnings)).lower()
    if wanted.get("warning_required"):
        assert verdict.warnings or not verdict
    if "hint_any" in wanted:
        assert any(hint.lower() in text for hint in wanted["hint_any"]), text
    if "matched_secret_index" in wanted:
        assert verdict.secret == f"key-{wanted['matched_secret_index'] + 1}"
    for name, field in (("sdk_python", "python"), ("sdk_ts", "typescript")):
        if name in wanted:
            assert getattr(verdict.sdk, field) is wanted[name]


def test_unconfigured_names_the_header() -> None:
    case = next(case for case in signature_cases() if case["id"] == "blaxel-no-secret")
    assert "X-Blaxel-Signature" in verdict_of(case).reason
