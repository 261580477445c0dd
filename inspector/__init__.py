"""Callback Inspector: receives signed callbacks on localhost, keeps them byte for byte, says why a
signature fails.

The public names are found when they are first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = ["__version__", "diagnose", "sign", "verify"]

if TYPE_CHECKING:
    from inspector.signing.python_api import sign, verify
    from inspector.signing.python_diagnose import diagnose


def __getattr__(name: str) -> object:
    if name in ("sign", "verify"):
        from inspector.signing import python_api

        return getattr(python_api, name)
    if name == "diagnose":
        from inspector.signing import python_diagnose

        return python_diagnose.diagnose
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
