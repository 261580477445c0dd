"""The secret to verify with: from a variable, a file or a prompt, never an argument."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from click.core import ParameterSource

from inspector.cli.configuration import Command, setting
from inspector.cli.options import read_line
from inspector.errors import InvalidInput
from inspector.models import Secret
from inspector.settings import Settings


def secret_options(command: Command) -> Command:
    """Add where the secret is found; the values are to be given to ``typed_secret``."""
    for option in (
        click.option("--ask", is_flag=True, help="Ask for the secret on the terminal."),
        click.option(
            "--secret-file",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="File with the secret; - is stdin.",
        ),
        setting(
            "--secret-env",
            metavar="NAME",
            default=Settings().secret_env,
            show_default=True,
            help="Variable that holds the secret.",
        ),
    ):
        command = option(command)
    return command


def typed_secret(variable: str, file: Path | None, *, ask: bool) -> Secret | None:
    """The secret that the options name, called after where it is from; None when they name none."""
    names_variable = click.get_current_context().get_parameter_source("secret_env") in (
        ParameterSource.COMMANDLINE,
        ParameterSource.ENVIRONMENT,
    )
    if sum((file is not None, ask, names_variable)) > 1:
        raise click.UsageError("--secret-env, --secret-file and --ask are three origins: give one.")
    if file is not None:
        return _secret(file.name if str(file) != "-" else "stdin", read_line(file, "--secret-file"))
    if ask:
        return asked_secret()
    if names_variable:
        return _secret(variable, os.environ.get(variable, ""), "--secret-env")
    return None


def usual_secret(variable: str) -> Secret:
    """The secret of the usual *variable* where it is set, else the one that a person types."""
    if os.environ.get(variable):
        return Secret(variable, os.environ[variable])
    if sys.stdin.isatty():
        return asked_secret()
    raise click.UsageError(
        f"No secret to check with: set {variable}, or name another variable or a file that holds it "
        "(--secret-env, --secret-file)."
    )


def asked_secret() -> Secret:
    """The secret that the person at the terminal types, unseen."""
    return Secret("typed", str(click.prompt("Secret", hide_input=True, err=True)))


def _secret(name: str, value: str, option: str = "--secret-file") -> Secret:
    if not value:
        raise InvalidInput.of(option, f"{name} holds no secret")
    return Secret(name, value)
