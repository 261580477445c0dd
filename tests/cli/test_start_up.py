"""What a verb costs before it does anything, and how the command behaves as a program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.command import Command

import inspector

HEAVY = ("starlette", "uvicorn", "sqlite_utils", "jinja2", "sse_starlette", "rich")


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--help"],
        ["--version"],
        ["endpoints", "create", "--help"],
        ["send", "--help"],
        ["wait", "--help"],
        ["run", "--help"],
        ["status", "--help"],
        ["export", "--help"],
        ["verify", "--help"],
        ["schemes", "list", "--help"],
        ["completion", "zsh"],
    ],
)
def test_a_light_verb_loads_nothing_heavy(command: Command, arguments: list[str]) -> None:
    script = (
        "import sys; from inspector.cli.main import run; code = run(sys.argv[1:]);"
        f" print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    process = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=command.environment,
        cwd=command.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stderr) == (0, "[]\n")


def test_version(command: Command) -> None:
    result = command.run("--version")
    assert (result.code, result.stdout) == (0, f"callback-inspector {inspector.__version__}\n")


def test_the_installed_command_is_the_module(command: Command) -> None:
    script = Path(sys.executable).with_name("callback-inspector")
    process = subprocess.run([script, "--help"], env=command.environment, capture_output=True, check=False)
    assert process.stdout == command.run("--help").output
    assert process.stdout.startswith(b"Usage: callback-inspector ")


def test_no_verb_or_a_wrong_one_is_a_usage_error(command: Command) -> None:
    nothing, wrong = command.run(), command.run("lost")
    assert (nothing.code, wrong.code) == (2, 2)
    assert "Usage: callback-inspector" in nothing.stderr
    assert "lost" in wrong.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("show", "latest"),
        ("tail",),
        ("listen",),
        ("wait",),
        ("status",),
        ("open",),
        ("diff", "1", "2"),
        ("delete", "1", "--yes"),
        ("export",),
        ("verify", "1"),
        ("import", "-"),
        ("endpoints", "list"),
        ("endpoints", "create", "/x"),
        ("endpoints", "set", "/", "--name", "x"),
        ("endpoints", "delete", "/x"),
        ("secrets", "list"),
        ("secrets", "add", "/", "--generate"),
        ("secrets", "remove", "/", "key-1"),
    ],
)
def test_without_a_server_every_verb_says_so(command: Command, arguments: tuple[str, ...]) -> None:
    result = command.run(*arguments)
    assert (result.code, result.stdout) == (5, "")
    assert result.stderr.count("\n") == 1
    assert "callback-inspector serve" in result.stderr
