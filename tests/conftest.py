"""Fixtures of more than one room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings

if TYPE_CHECKING:
    from support.servers import RunningServer

pytest_plugins = ["pytester"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A real server of this test's own, in a thread, with an empty database."""
    from support.servers import (
        running_server,
    )  # here, so that tests of the pure rooms do not load the web stack

    with running_server(tmp_path) as running:
        yield running


# How long an example takes says more of the machine than of the code.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")
