"""A user's own schemes: the tables ``[schemes.NAME]`` of the configuration file and of ``--scheme-file``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from inspector.cli.configuration import SCHEMES_TABLE, Command, configured_schemes, document, setting
from inspector.errors import FieldError, InvalidInput

OPTION = "--scheme-file"

Tables = Mapping[str, Mapping[str, str]]
"""Schemes by name, each with its options."""


def scheme_file_option(command: Command) -> Command:
    """Add ``--scheme-file``; its values are to be given to ``own_schemes``."""
    return setting(
        OPTION,
        metavar="FILE",
        type=click.Path(path_type=Path),
        multiple=True,
        help="File with schemes of your own, [schemes.NAME]; repeat it for more.",
    )(command)


def own_schemes(files: Sequence[Path]) -> Tables:
    """The schemes of the configuration file and of *files*.

    Raises NotFound for a missing file, InvalidInput that names file and key for what cannot be used.
    """
    found: dict[str, Mapping[str, str]] = {}
    origins: dict[str, Path] = {}
    given = [configured_schemes(), *((path, _schemes_of(path)) for path in files)]
    for path, tables in given:
        if not isinstance(tables, dict):
            raise InvalidInput.of(str(path), f"{SCHEMES_TABLE} must hold a table for each scheme")
        for name, table in tables.items():
            if name in found:
                raise InvalidInput.of(
                    str(path), f"[{SCHEMES_TABLE}.{name}] stands in {origins[name]} too: rename one of them"
                )
            found[name] = _checked(path, name, table)
            origins[name] = path
    return found


def _schemes_of(path: Path) -> object:
    content = document(path, OPTION)
    if SCHEMES_TABLE not in content:
        raise InvalidInput.of(str(path), f"there is no [{SCHEMES_TABLE}.NAME] in it")
    return content[SCHEMES_TABLE]


def _checked(path: Path, name: str, table: object) -> Mapping[str, str]:
    """The options of one scheme, when they make one."""
    # Imported here: with a scheme of one's own there is signing to do, else the verb may do without.
    from inspector.signing import Schemes

    if not isinstance(table, dict):
        raise InvalidInput.of(str(path), f"{SCHEMES_TABLE}.{name} must be a table")
    try:
        Schemes({name: table})
    except InvalidInput as problem:
        raise InvalidInput(
            *(FieldError(str(path), f"{error.field}: {error.message}") for error in problem.errors)
        ) from None
    return table
