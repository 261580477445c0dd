"""From errors to exit codes, in one place."""

from __future__ import annotations

from enum import IntEnum

from inspector import errors


class ExitCode(IntEnum):
    """What the command's exit code means to a script."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    TIMED_OUT = 4
    UNREACHABLE = 5
    INTERRUPTED = 130


_OF_ERRORS: tuple[tuple[type[errors.InspectorError], ExitCode], ...] = (
    (errors.NotFound, ExitCode.NOT_FOUND),
    (errors.Unreachable, ExitCode.UNREACHABLE),
    (errors.PortInUse, ExitCode.UNREACHABLE),
    (errors.DatabaseInUse, ExitCode.UNREACHABLE),
    (errors.StorageFailed, ExitCode.UNREACHABLE),
)


def exit_code(error: errors.InspectorError) -> ExitCode:
    """The exit code for *error*. What is not listed is something the user typed or named: usage."""
    if isinstance(error, errors.Refused):
        return ExitCode.UNREACHABLE if error.status >= 500 else ExitCode.USAGE
    return next((code for kind, code in _OF_ERRORS if isinstance(error, kind)), ExitCode.USAGE)
