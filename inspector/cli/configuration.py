"""Where the value of an option comes from when it is not typed.

In this order: the option, the environment variable ``CALLBACK_INSPECTOR_<OPTION>``, the configuration file,
the default. The file is ``--config FILE``, else ``callback-inspector.toml`` in the working directory, else
the table ``[tool.callback-inspector]`` of ``pyproject.toml`` there. Its keys are the options' names without
the dashes in front, its values are read as if they had been typed. Beside them stand the tables
``[schemes.NAME]``, which ``own_schemes`` reads.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from inspector.errors import InvalidInput, NotFound

PREFIX = "CALLBACK_INSPECTOR_"
OWN_FILE = Path("callback-inspector.toml")
PROJECT_FILE = Path("pyproject.toml")
PROJECT_TABLE = "callback-inspector"
SCHEMES_TABLE = "schemes"

_SCHEMES = f"{__name__}.schemes"

Command = TypeVar("Command", bound=Callable[..., Any])

_settable: dict[str, bool] = {}
"""What environment and file may set, as the commands declare it: option, and whether it takes many values."""


def setting(flag: str, *arguments: str, **attributes: Any) -> Callable[[Command], Command]:
    """The click option *flag* that environment and configuration file can set too."""
    name = flag.removeprefix("--")
    _settable[name] = bool(attributes.get("multiple"))
    return click.option(flag, *arguments, envvar=PREFIX + name.replace("-", "_").upper(), **attributes)


def configuration_option(command: Command) -> Command:
    """Add ``--config``, which is read before every other option of *command*."""
    return click.option(
        "--config",
        metavar="FILE",
        envvar=f"{PREFIX}CONFIG",
        type=click.Path(path_type=Path),
        is_eager=True,
        expose_value=False,
        callback=_apply,
        help="Configuration file. [default: ./callback-inspector.toml, else a table of ./pyproject.toml]",
    )(command)


def _apply(context: click.Context, _parameter: click.Parameter, path: Path | None) -> None:
    parameters = {flag: parameter.name for parameter in context.command.params for flag in parameter.opts}
    file, table = _configured(path)
    context.meta[_SCHEMES] = (file, table.pop(SCHEMES_TABLE, {}))
    context.default_map = {
        parameters[f"--{key}"]: value
        for key, value in _checked(file, table).items()
        if f"--{key}" in parameters
    }


def configured_schemes() -> tuple[Path, object]:
    """The file that counts, and what stands there under ``schemes``; valid once ``--config`` was read."""
    found: tuple[Path, object] = click.get_current_context().meta[_SCHEMES]
    return found


def _configured(path: Path | None) -> tuple[Path, dict[str, Any]]:
    """The configuration file that counts, and its settings by option name; none without one."""
    if path is not None:
        return path, document(path, "--config")
    if OWN_FILE.is_file():
        return OWN_FILE, document(OWN_FILE, "--config")
    if PROJECT_FILE.is_file():
        table = document(PROJECT_FILE, "--config").get("tool", {}).get(PROJECT_TABLE, {})
        if not isinstance(table, dict):
            raise InvalidInput.of(str(PROJECT_FILE), f"tool.{PROJECT_TABLE} must be a table")
        return PROJECT_FILE, table
    return OWN_FILE, {}


def document(path: Path, option: str) -> dict[str, Any]:
    """The TOML file *path*, which *option* names. Raises NotFound, InvalidInput."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound(f"{option}: there is no file {path}.") from None
    except OSError as error:
        raise InvalidInput.of(option, f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise InvalidInput.of(option, f"{path} is not TOML: {error}") from None


def _checked(path: Path, table: dict[str, Any]) -> dict[str, Any]:
    """The values of *table* as the texts they would be when typed, so that one parser judges both."""
    typed: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _settable:
            raise InvalidInput.of(str(path), f"there is no option {key!r}")
        values = value if _settable[key] and isinstance(value, list) else [value]
        if not all(isinstance(each, str | int | float) for each in values):
            wanted = "a list of texts" if _settable[key] else "a text, a number, true or false"
            raise InvalidInput.of(str(path), f"{key} wants {wanted}")
        typed[key] = [str(each) for each in values] if _settable[key] else str(value)
    return typed
