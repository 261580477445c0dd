"""The README is the command line's documentation: no verb and no option is missing from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from inspector.cli.main import group

README = Path(__file__).parents[2] / "README.md"

HELP = {"--help", "-h"}


def verbs(command: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, inner in command.commands.items():
        if isinstance(inner, click.Group):
            yield from verbs(inner, (*path, name))
        else:
            yield " ".join((*path, name)), inner


def options(command: click.Command) -> set[str]:
    names = {
        name
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for name in (*parameter.opts, *parameter.secondary_opts)
    }
    return names - HELP


VERBS = dict(verbs(group))


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_with_every_option_stands_in_the_readme(verb: str) -> None:
    readme = README.read_text("utf-8")
    assert re.search(rf"(`|callback-inspector ){re.escape(verb)}(?![\w-])", readme)
    assert options(VERBS[verb]) <= set(re.findall(r"-{1,2}[a-z][a-z-]*", readme))


def test_every_verb_says_what_it_is_for() -> None:
    for verb, command in VERBS.items():
        assert command.help, verb
        assert all(parameter.help for parameter in command.params if isinstance(parameter, click.Option)), (
            verb
        )
