"""The recorded requests of every catalogued sender get the status that each must get."""

from __future__ import annotations

import pytest
from support.vectors import Vector, all_vectors, vectors

import inspector
from inspector.models import Verification
from inspector.signing import Scheme, find_scheme, scheme_names

VECTORS = all_vectors()
VALID = [vector for vector in VECTORS if vector.expect == "valid"]

SAME_MATHEMATICS = {
    "github-sha1": "github",  # the legacy form of the same sender
    "jira": "bitbucket",  # the same header and hash, and none of Jira's other headers in the vector
    "intercom": "github",
}
"""What ``auto`` calls senders whose request has nothing that tells them from another."""


def verdict_of(vector: Vector, scheme: str) -> Verification:
    return inspector.verify(
        vector.body,
        vector.headers,
        vector.secret,
        scheme=scheme,
        method=vector.method,
        url=vector.url,
        now=vector.now,
    )


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_status_and_cause(vector: Vector) -> None:
    verdict = verdict_of(vector, vector.scheme)
    # A handshake before there is a secret: unsigned, and nothing to check with.
    assert verdict.status == (vector.expect if vector.secret else "unconfigured"), verdict.reason
    assert verdict.scheme == vector.scheme
    if vector.why == "ok":
        assert verdict.cause == "ok"
    elif vector.why != "handshake":
        # What takes a search to prove, the engine leaves unknown.
        assert verdict.cause in (vector.why, "unknown", "secret_unusable")


def test_there_are_vectors_of_every_sender_that_is_not_unsure() -> None:
    named = {vector.scheme for vector in VECTORS}
    assert len(named) == 47
    assert named <= set(scheme_names())
    # The followers of Standard Webhooks have that row's syntax, and so its vectors.
    followers = {"resend", "openai", "gitlab-signing", "polar"}
    for name in set(scheme_names()) - named - followers - {"auto", "none", "hmac"}:
        assert "unsure" in find_scheme(name).sure, name


@pytest.mark.parametrize("vector", VALID, ids=str)
def test_auto_finds_the_sender_of_what_is_valid(vector: Vector) -> None:
    verdict = verdict_of(vector, "auto")
    if vector.name == "mixed-v1-and-v1a":
        assert (
            verdict.scheme == "standard-webhooks"
        )  # both forms are there; only the secret tells which is meant
        return
    assert verdict.status == "valid"
    assert verdict.scheme == SAME_MATHEMATICS.get(vector.scheme, vector.scheme)


@pytest.mark.parametrize("vector", [v for v in vectors("svix") if v.expect == "valid"], ids=str)
def test_the_two_spellings_of_standard_webhooks_stand_for_each_other(vector: Vector) -> None:
    other = [(name.replace("svix-", "webhook-"), value) for name, value in vector.headers]
    for scheme in ("svix", "standard-webhooks", "resend", "openai"):
        for headers in (vector.headers, other):
            assert inspector.verify(vector.body, headers, vector.secret, scheme=scheme, now=vector.now)


def test_a_row_can_be_given_instead_of_its_name() -> None:
    row = find_scheme("github")
    assert isinstance(row, Scheme)
    vector = next(v for v in vectors("github") if v.expect == "valid")
    assert inspector.verify(vector.body, vector.headers, vector.secret, scheme=row)
