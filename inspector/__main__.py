"""The command ``callback-inspector``, also as ``python -m inspector``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from inspector.cli.main import run

    sys.exit(run())


if __name__ == "__main__":
    main()
