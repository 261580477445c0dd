"""Each error has one exit code."""

from __future__ import annotations

import pytest

from inspector import errors
from inspector.cli.exits import exit_code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidInput.of("scheme", "is unknown"), 2),
        (errors.UnusableDatabase("not a database"), 2),
        (errors.Conflict("taken"), 2),
        (errors.TargetRefused("never"), 2),
        (errors.NotFound("gone"), 3),
        (errors.Unreachable("nobody"), 5),
        (errors.PortInUse("busy"), 5),
        (errors.DatabaseInUse("busy"), 5),
        (errors.StorageFailed("full"), 5),
        (errors.Refused("no token", status=401), 2),
        (errors.Refused("full", status=503), 5),
    ],
)
def test_exit_codes(error: errors.InspectorError, code: int) -> None:
    assert exit_code(error) == code
