"""Schemes by name, as users write them into endpoints, options and calls: the catalogue's and their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from inspector.errors import FieldError, InvalidInput
from inspector.models import NOTHING
from inspector.signing.catalog import AUTO, HMAC, NONE, SENDERS
from inspector.signing.own_scheme import hmac_scheme
from inspector.signing.scheme import Scheme, Sureness

_BY_NAME = {row.name: row for row in (AUTO, *SENDERS, HMAC, NONE)}

_OWN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_NO_OWN: Mapping[str, Mapping[str, object]] = MappingProxyType({})


class Schemes:
    """The schemes that a server, or a command, knows.

    *own* are a user's by name, each a table of the options of ``hmac``, all text. ``auto`` finds them too, by
    a signature header that no known sender's is. Raises ``InvalidInput`` on ``schemes.NAME`` or
    ``schemes.NAME.KEY``.
    """

    def __init__(self, own: Mapping[str, Mapping[str, object]] = _NO_OWN) -> None:
        self.own = {name: _own_row(name, table) for name, table in own.items()}
        self._rows = {**_BY_NAME, **self.own}
        if self.own:
            self._rows[AUTO.name] = replace(AUTO, among=tuple(self.own.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that ``find`` knows, ``auto`` first."""
        return tuple(self._rows)

    def find(self, name: str, options: Mapping[str, object] = NOTHING) -> Scheme:
        """The row called *name*, with *options* where it takes some (``hmac`` does).

        Raises ``InvalidInput`` on the field ``scheme``, ``scheme_options`` or ``scheme_options.KEY``.
        """
        row = self._rows.get(name)
        if row is None:
            known = ", ".join(self._rows)
            raise InvalidInput.of("scheme", f"There is no scheme of this name; there are {known}.")
        if row is HMAC:
            return hmac_scheme(options) if options else HMAC
        if options:
            raise InvalidInput.of("scheme_options", f"The scheme {name} takes no options; only hmac does.")
        return row


CATALOGUE = Schemes()
"""The schemes that there are without any of a user's own."""


def scheme_names() -> tuple[str, ...]:
    """Every name that ``find_scheme`` knows, ``auto`` first."""
    return CATALOGUE.names


def find_scheme(name: str, options: Mapping[str, object] = NOTHING) -> Scheme:
    """The catalogue's row called *name*, as ``Schemes.find`` gives it."""
    return CATALOGUE.find(name, options)


def _own_row(name: str, table: Mapping[str, object]) -> Scheme:
    """The row of a user's own scheme."""
    where = f"schemes.{name}"
    if not _OWN_NAME.fullmatch(name):
        raise InvalidInput.of(where, "The name must be of lower-case letters, digits, dots and dashes.")
    if name in _BY_NAME:
        raise InvalidInput.of(where, f"There is a scheme {name} already: give yours another name.")
    if not table.get("header"):
        raise InvalidInput.of(f"{where}.header", "Name the header that holds the signature.")
    try:
        row = hmac_scheme(table)
    except InvalidInput as problem:
        raise InvalidInput(
            *(
                FieldError(error.field.replace("scheme_options", where, 1), error.message)
                for error in problem.errors
            )
        ) from None
    return replace(row, name=name, sender=name, sure=Sureness.OWN)
