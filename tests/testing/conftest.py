"""Fixtures of the tests of ``inspector.testing``: a server for each module, an endpoint for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inspector.testing import Endpoint, Inspector, start


# Not for the session: other tests of the process count its threads.
@pytest.fixture(scope="module")
def inspector() -> Iterator[Inspector]:
    """A server of the module's own."""
    with start() as started:
        yield started


@pytest.fixture
def endpoint(inspector: Inspector, request: pytest.FixtureRequest) -> Endpoint:
    """An endpoint of this test's own."""
    return inspector.endpoint(request.node.name)
