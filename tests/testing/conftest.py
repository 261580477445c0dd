"""Fixtures of the tests of ``inspector.testing``: one server for all, an endpoint for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inspector.testing import Endpoint, Inspector, start


@pytest.fixture(scope="session")
def inspector() -> Iterator[Inspector]:
    """A server of this session's own."""
    with start() as started:
        yield started


@pytest.fixture
def endpoint(inspector: Inspector, request: pytest.FixtureRequest) -> Endpoint:
    """An endpoint of this test's own."""
    return inspector.endpoint(request.node.name)
