"""Schemes by name, as users write them into endpoints, options and calls."""

from __future__ import annotations

from collections.abc import Mapping

from inspector.errors import InvalidInput
from inspector.models import NOTHING
from inspector.signing.catalog import AUTO, HMAC, NONE, SENDERS
from inspector.signing.own_scheme import hmac_scheme
from inspector.signing.scheme import Scheme

_BY_NAME = {row.name: row for row in (AUTO, *SENDERS, HMAC, NONE)}


def scheme_names() -> tuple[str, ...]:
    """Every name that ``find_scheme`` knows, ``auto`` first."""
    return tuple(_BY_NAME)


def find_scheme(name: str, options: Mapping[str, object] = NOTHING) -> Scheme:
    """The row called *name*, with *options* where it takes some (``hmac`` does).

    Raises ``InvalidInput`` on the field ``scheme``, ``scheme_options`` or ``scheme_options.KEY``.
    """
    row = _BY_NAME.get(name)
    if row is None:
        raise InvalidInput.of("scheme", f"There is no scheme of this name; there are {', '.join(_BY_NAME)}.")
    if row is HMAC:
        return hmac_scheme(options) if options else HMAC
    if options:
        raise InvalidInput.of("scheme_options", f"The scheme {name} takes no options; only hmac does.")
    return row
