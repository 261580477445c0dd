"""Our rewriting of the SDKs' rules against what was recorded, and against the SDK that is installed."""

from __future__ import annotations

import hmac
from types import SimpleNamespace
from unittest import mock

import pytest
from blaxel.core.common import webhook
from hypothesis import given, settings
from hypothesis import strategies as st
from support.vectors import SdkVector, sdk_vectors

from inspector.signing.blaxel_sdks import opinion

NOW = 1735891210


@pytest.mark.parametrize("vector", sdk_vectors(), ids=str)
def test_recorded_answers(vector: SdkVector) -> None:
    verdicts = opinion(
        vector.body,
        vector.signature or "",
        vector.timestamp or "",
        [vector.secret],
        now=vector.now,
        max_age=vector.max_age,
    )
    assert (verdicts.python, verdicts.typescript) == (vector.python, vector.typescript)


def installed_sdk(
    body: bytes, signature: str, secret: str, timestamp: str | None, *, now: float, max_age: float
) -> bool:
    """The official package's answer, with its clock stopped."""
    with mock.patch.object(webhook, "time", SimpleNamespace(time=lambda: now)):
        return bool(webhook.verify_webhook_signature(body, signature, secret, timestamp, int(max_age)))


@pytest.mark.parametrize("vector", sdk_vectors(), ids=str)
def test_installed_sdk_still_answers_as_recorded(vector: SdkVector) -> None:
    answer = installed_sdk(
        vector.body,
        vector.signature or "",
        vector.secret,
        vector.timestamp,
        now=vector.now,
        max_age=vector.max_age,
    )
    assert answer is vector.python


ODD = st.sampled_from(["sha256=", *" \t\n\x1f\x85\xa0\ufeff+-_.,09Fé\uff11"])


@st.composite
def tampered(draw: st.DrawFn, text: str) -> str:
    """The *text* with up to three pieces put in, taken out, or changed in case."""
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        change = draw(st.sampled_from(["insert", "remove", "case"]))
        if change == "insert":
            text = text[:place] + draw(ODD) + text[place:]
        elif change == "remove":
            text = text[:place] + text[place + 1 :]
        else:
            text = text[:place] + text[place:].swapcase()
    return text


@settings(max_examples=400, deadline=None)
@given(
    data=st.data(),
    body=st.binary(max_size=40),
    secret=st.text(max_size=12),
    now=st.sampled_from([NOW, NOW + 0.5, NOW + 0.999]),
    max_age=st.sampled_from([300, 0, -1]),
)
def test_python_rules_are_those_of_the_installed_sdk(
    data: st.DataObject, body: bytes, secret: str, now: float, max_age: int
) -> None:
    digest = hmac.digest(secret.encode(), body, "sha256").hex()
    signature = data.draw(tampered(data.draw(st.sampled_from(["sha256=", ""])) + digest))
    timestamp = data.draw(st.none() | st.just("") | tampered(str(NOW - data.draw(st.integers(-302, 302)))))
    theirs = installed_sdk(body, signature, secret, timestamp, now=now, max_age=max_age)
    ours = opinion(body, signature, timestamp or "", [secret], now=now, max_age=max_age)
    assert ours.python is theirs


@settings(deadline=None)
@given(
    body=st.binary(max_size=40),
    signature=st.text(max_size=80),
    secret=st.text(st.characters(exclude_categories=[]), max_size=8),
    timestamp=st.text(st.characters(exclude_categories=[]), max_size=20),
)
def test_nothing_raises_and_nonsense_is_refused(
    body: bytes, signature: str, secret: str, timestamp: str
) -> None:
    verdicts = opinion(body, signature, timestamp, [secret], now=NOW, max_age=300)
    assert (verdicts.python, verdicts.typescript) == (False, False)


def test_one_secret_of_several_is_enough() -> None:
    body = b'{"status_code":200}'
    signature = "sha256=" + hmac.digest(b"new", body, "sha256").hex()
    verdicts = opinion(body, signature, "", ["old", "new"], now=NOW, max_age=300)
    assert (verdicts.python, verdicts.typescript) == (True, True)
    verdicts = opinion(body, signature, "", ["old", "older"], now=NOW, max_age=300)
    assert (verdicts.python, verdicts.typescript) == (False, False)
