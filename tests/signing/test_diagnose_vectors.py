"""Every recorded request whose failure has a provable cause: that cause is the first one found."""

from __future__ import annotations

import pytest
from support.vectors import Vector, all_vectors, vectors

import inspector
from inspector.signing import check, find_scheme
from inspector.signing.diagnosis import Diagnosis

ALL = [vector for vector in all_vectors() if vector.expect != "valid" and vector.why != "handshake"]


def diagnosis_of(vector: Vector) -> Diagnosis:
    return inspector.diagnose(
        vector.body,
        vector.headers,
        vector.secret,
        scheme=vector.scheme,
        method=vector.method,
        url=vector.url,
        now=vector.now,
        other_secrets=vector.other_secrets,
    )


@pytest.mark.parametrize("vector", ALL, ids=str)
def test_the_cause_is_the_first_one_found(vector: Vector) -> None:
    diagnosis = diagnosis_of(vector)
    assert diagnosis.cause == vector.why, diagnosis.causes
    first = diagnosis.causes[0]
    assert first.sentence.endswith(".")
    assert first.fix.endswith(".")
    if vector.why == "unknown":
        assert diagnosis.facts
        assert not first.matched
        assert not any(each.matched for each in diagnosis.tried)
    if diagnosis.match is not None:
        match = diagnosis.match
        verdict = check(match.message, match.scheme, [match.secret], now=vector.now)
        assert verdict.signature == "match"


def test_there_are_vectors_with_and_without_a_cause() -> None:
    causes = [vector.why for vector in ALL]
    assert len(causes) > 130
    assert causes.count("unknown") >= 40


@pytest.mark.parametrize("vector", [v for v in all_vectors() if v.expect == "valid"], ids=str)
def test_what_is_valid_has_no_cause(vector: Vector) -> None:
    diagnosis = diagnosis_of(vector)
    assert diagnosis.verification, diagnosis.verification.reason
    assert (diagnosis.cause, diagnosis.causes, diagnosis.tried) == ("ok", (), ())


def test_a_diagnosis_is_deterministic() -> None:
    for vector in ALL[::7]:
        one, other = diagnosis_of(vector), diagnosis_of(vector)
        assert (one.causes, one.tried, one.facts) == (other.causes, other.tried, other.facts)


def test_the_row_need_not_be_named() -> None:
    """Under ``auto`` the sender is found by its header, and the cause is the same."""
    for vector in vectors("blaxel", "stripe", "shopify"):
        if vector.why.startswith(("body_json", "body_newline", "secret_", "encoding_", "hash_")):
            diagnosis = inspector.diagnose(
                vector.body, vector.headers, vector.secret, url=vector.url, now=vector.now
            )
            assert diagnosis.cause == vector.why
            assert diagnosis.match is not None
            assert diagnosis.match.scheme.sender == find_scheme(vector.scheme).sender
