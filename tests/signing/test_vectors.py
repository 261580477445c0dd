"""The recorded requests of every catalogued sender get the status that each must get."""

from __future__ import annotations

import pytest
from support.vectors import Vector, vectors

import inspector
from inspector.signing import Scheme, scheme_names

CATALOGUED = ("blaxel", "github", "github-sha1", "standard-webhooks", "svix")

PROVEN_BY_MORE_THAN_THE_ENGINE = ("other_secret:", "body_", "secret_", "content_body_only")
"""Causes that take a search; the engine says ``unknown`` of them, or proves a few that are cheap."""


@pytest.mark.parametrize("vector", vectors(*CATALOGUED), ids=str)
def test_status_and_cause(vector: Vector) -> None:
    verdict = inspector.verify(
        vector.body, vector.headers, vector.secret, scheme=vector.scheme, url=vector.url, now=vector.now
    )
    assert verdict.status == vector.expect, verdict.reason
    assert verdict.scheme == vector.scheme
    if vector.why.startswith(PROVEN_BY_MORE_THAN_THE_ENGINE):
        assert verdict.cause in (vector.why, "unknown")
    else:
        assert verdict.cause == vector.why


def test_there_are_vectors_of_every_catalogued_sender() -> None:
    assert {vector.scheme for vector in vectors(*CATALOGUED)} == set(CATALOGUED)
    assert set(scheme_names()) == {*CATALOGUED, "hmac", "auto", "none"}


@pytest.mark.parametrize("vector", [v for v in vectors(*CATALOGUED) if v.expect == "valid"], ids=str)
def test_auto_finds_the_sender_of_what_is_valid(vector: Vector) -> None:
    verdict = inspector.verify(vector.body, vector.headers, vector.secret, url=vector.url, now=vector.now)
    assert verdict.status == "valid"
    assert verdict.scheme == {"github-sha1": "github"}.get(vector.scheme, vector.scheme)


@pytest.mark.parametrize("vector", [v for v in vectors("svix") if v.expect == "valid"], ids=str)
def test_the_two_spellings_of_standard_webhooks_stand_for_each_other(vector: Vector) -> None:
    other = [(name.replace("svix-", "webhook-"), value) for name, value in vector.headers]
    for scheme in ("svix", "standard-webhooks"):
        for headers in (vector.headers, other):
            assert inspector.verify(vector.body, headers, vector.secret, scheme=scheme, now=vector.now)


def test_a_row_can_be_given_instead_of_its_name() -> None:
    from inspector.signing import find_scheme

    row = find_scheme("github")
    assert isinstance(row, Scheme)
    vector = next(v for v in vectors("github") if v.expect == "valid")
    assert inspector.verify(vector.body, vector.headers, vector.secret, scheme=row)
