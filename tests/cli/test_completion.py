"""``completion``: scripts that shells take, and what they complete with them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import Command

COMMAND = Path(sys.executable).with_name("callback-inspector")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(command: Command, shell: str) -> None:
    result = command.run("completion", shell)
    assert (result.code, result.stderr) == (0, "")
    assert "_CALLBACK_INSPECTOR_COMPLETE" in result.stdout
    assert f"{shell}_complete" in result.stdout


def test_another_shell_is_refused(command: Command) -> None:
    result = command.run("completion", "csh")
    assert (result.code, result.stdout) == (2, "")
    assert "'fish'" in result.stderr


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["de"], "delete"),
        (["endpoints", "cr"], "create"),
        (["send", "--tam"], "--tamper"),
        (["send", "--tamper", "upper"], "upper-hex"),
        (["completion", "z"], "zsh"),
    ],
)
def test_bash_completes_with_it(command: Command, typed: list[str], offered: str) -> None:
    script = command.folder / "completion.sh"
    script.write_text(command.run("completion", "bash").stdout)
    words = " ".join([COMMAND.name, *typed])
    asked = (
        f"source {script}; COMP_WORDS=({words}); COMP_CWORD={len(typed)};"
        f' _callback_inspector_completion {COMMAND}; echo "${{COMPREPLY[@]}}"'
    )
    path = f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.run(
        ["bash", "--norc", "-c", asked],
        env={**command.environment, "PATH": path},
        cwd=command.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (process.stdout.split(), process.stderr) == ([offered], "")
