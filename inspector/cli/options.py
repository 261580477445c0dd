"""Options that several verbs share, and how their values are read."""

from __future__ import annotations

import math
import os
import re
import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from inspector.cli.configuration import PREFIX, Command, configuration_option, setting
from inspector.errors import InvalidInput, NotFound

TOKEN_VARIABLE = f"{PREFIX}TOKEN"
TEMPORARY = ":memory:"
STANDARD_STREAM = Path("-")
"""What stands for stdin, or stdout, where a file could."""

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]*)")
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


class Amount(click.FloatRange):
    """A number within bounds; what is not a number at all (``nan``) is in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


class Size(click.ParamType[int]):
    """A number of bytes between *least* and *most*: ``26214400`` or ``25MiB``."""

    name = "size"

    def __init__(self, *, least: int = 0, most: int | None = None) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = _SIZE.fullmatch(value.strip())
        factor = _UNITS.get(found[2].lower()) if found else None
        if found is None or factor is None:
            self.fail(f"{value!r} is not a size like 26214400, 25MiB or 1.5GB.", param, ctx)
        size_bytes = int(float(found[1]) * factor) if "." in found[1] else int(found[1]) * factor
        if size_bytes < self.least or (self.most is not None and size_bytes > self.most):
            bounds = (
                f"at least {self.least}" if self.most is None else f"between {self.least} and {self.most}"
            )
            self.fail(f"{value!r} is not {bounds} bytes.", param, ctx)
        return size_bytes


def json_option(command: Command) -> Command:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def token_option(command: Command) -> Command:
    """Add ``--token-file``; its value is to be given to ``token``."""
    return setting(
        "--token-file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help=f"File with the token that page and API demand; {TOKEN_VARIABLE} holds it as well.",
    )(command)


def server_options(command: Command) -> Command:
    """Add what every verb takes that talks to a running server."""
    for option in (
        configuration_option,
        token_option,
        setting("--db", metavar="FILE", help="The server that runs on this database file."),
        setting(
            "--url", metavar="URL", help="Base URL of the inspector. [default: the server that is running]"
        ),
    ):
        command = option(command)
    return command


def source_options(command: Command) -> Command:
    """Add where a verb that only reads finds what it reads: a server, or a database file without one."""
    for option in (
        configuration_option,
        token_option,
        setting(
            "--db", metavar="FILE", help="Read this database file, through its server when one runs on it."
        ),
        setting(
            "--url", metavar="URL", help="Base URL of the inspector. [default: the server that is running]"
        ),
    ):
        command = option(command)
    return command


def reading_options(command: Command) -> Command:
    """Add what every verb takes that shows something: its source, and ``--json``."""
    return json_option(source_options(command))


def token(file: Path | None) -> str | None:
    """The token to demand or to send: of a typed ``--token-file``, else the variable, else of a set file."""
    variable = os.environ.get(TOKEN_VARIABLE)
    if variable and not _typed("token_file"):
        return _usable_token(variable, TOKEN_VARIABLE)
    return None if file is None else _usable_token(read_line(file, "--token-file"), "--token-file")


def _usable_token(value: str, origin: str) -> str:
    """*value* without white space around it. InvalidInput when no Authorization header can carry it."""
    value = value.strip()
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise InvalidInput.of(origin, "a token is printable ASCII without spaces, and not empty")
    return value


def named_source(url: str | None, db: str | None) -> tuple[str | None, Path | None]:
    """The URL or the database file that the user names, at most one: typed counts before set."""
    if url and db and _typed("url") and _typed("db"):
        raise click.UsageError("--url and --db name two sources: give one of them.")
    if url and not _typed("db"):
        return url, None
    if db == TEMPORARY:
        if _typed("db"):
            raise click.BadParameter("temporary data is read through its server: --url.", param_hint="--db")
        return None, None
    return None, Path(db).expanduser() if db else None


def read_file(path: Path, option: str) -> bytes:
    """The bytes of the file that *option* names (``-`` is stdin). NotFound when there is none."""
    try:
        return sys.stdin.buffer.read() if path == STANDARD_STREAM else path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{option}: there is no file {path}.") from None
    except OSError as error:
        raise InvalidInput.of(option, f"{path} cannot be read: {error.strerror}") from None


def read_line(path: Path, option: str) -> str:
    """The text of the file that *option* names (``-`` is stdin), without the line end that editors add."""
    try:
        text = read_file(path, option).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInput.of(option, f"{path} is not UTF-8 text") from None
    return text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text


def _typed(parameter: str) -> bool:
    return click.get_current_context().get_parameter_source(parameter) is ParameterSource.COMMANDLINE
