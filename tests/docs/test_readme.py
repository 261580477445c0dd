"""The README's commands do what it says: each is run as it stands, by a newcomer with an empty home."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.ports import free_port

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")

ELSEWHERE = {
    "make test": "this is it",
    "pip install callback-inspector": "tests/packaging installs the wheel into a clean environment",
}
"""Commands that cannot be run from inside a test, and what proves them instead."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


class Newcomer:
    """Somebody who types the README's commands into one terminal after the other."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.inspector_port = free_port()
        self.server: subprocess.Popen[str] | None = None
        self.environment = {
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "CALLBACK_INSPECTOR_PORT": str(self.port),
            "CALLBACK_INSPECTOR_INSPECTOR_PORT": str(self.inspector_port),
        }

    def type(self, commands: str) -> str:
        """Run *commands* in a shell and return what they print; a server among them keeps running."""
        commands = commands.replace(":2255", f":{self.port}").replace(":2256", f":{self.inspector_port}")
        lines = commands.splitlines(keepends=True)
        serving = [line for line in lines if re.search(r"(\bcallback-inspector|make) serve\b", line)]
        for line in serving:
            self.serve(line)
        script = "".join(line for line in lines if line not in serving and bare(line) not in ELSEWHERE)
        run = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.home,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert run.returncode == 0, f"{script}\n{run.stderr}"
        return run.stdout

    def serve(self, line: str) -> None:
        """Start the server as *line* does, in place of the one before, and wait for its URLs."""
        self.stop()
        folder = ROOT if line.startswith("make") else self.home
        self.server = subprocess.Popen(
            ["bash", "-c", f"exec env {bare(line).removesuffix('&')}"],
            cwd=folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.server.stdout is not None
        told = []
        for said in self.server.stdout:
            told.append(said)
            if "Ctrl-C" in said:
                break
        text = "".join(told)
        assert re.search(r"Callback URL +http://localhost:\d+/", text), text
        assert re.search(r"Inspector +http://localhost:\d+/", text), text

    def stop(self) -> None:
        if self.server is not None:
            os.killpg(self.server.pid, signal.SIGTERM)
            self.server.communicate(timeout=20)
            self.server = None


def bare(line: str) -> str:
    """A command without its comment and line end."""
    return line.split(" #")[0].strip()


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    (tmp_path / "callback-secret.txt").write_text("q7x2m9k4v1b8n3c6z0l5j2h7g4f1d8s3")
    visitor = Newcomer(tmp_path)
    yield visitor
    visitor.stop()


def test_every_command_works_as_it_stands(newcomer: Newcomer) -> None:
    printed = [newcomer.type(block) for block in blocks("sh")]
    assert any("200 OK" in text for text in printed)
    assert any("X-Callback-Delivery" in text for text in printed)
    assert json.loads((newcomer.home / "ready.json").read_text())["callback_url"]


def test_the_sixty_second_callback_is_valid_and_a_changed_byte_is_not(newcomer: Newcomer) -> None:
    [serve] = [block for block in blocks("sh") if block.startswith("CALLBACK_SECRET=")]
    [send] = [block for block in blocks("sh") if "openssl dgst" in block]
    newcomer.type(serve)
    newcomer.type(send)
    newcomer.type(send.replace('--data-raw "$body"', '--data-raw "$body "'))
    listed = json.loads(newcomer.type("callback-inspector list --json"))["deliveries"]
    assert [delivery["verification"]["status"] for delivery in listed] == ["invalid", "valid"]


def test_python_listings_run() -> None:
    listings = blocks("python")
    assert listings
    for listing in listings:
        subprocess.run([sys.executable, "-W", "error", "-c", listing], check=True)


def test_toml_listings_parse() -> None:
    for listing in blocks("toml"):
        assert tomllib.loads(listing)


def test_commands_proven_elsewhere_are_still_in_the_readme() -> None:
    typed = {bare(line) for block in blocks("sh") for line in block.splitlines()}
    assert ELSEWHERE.keys() <= typed
    name = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["name"]
    assert shlex.split("pip install callback-inspector")[-1] == name
    assert "pytest" in subprocess.check_output(["make", "--dry-run", "test"], cwd=ROOT, text=True)


def test_links_to_files_lead_somewhere() -> None:
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for document in documents:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
