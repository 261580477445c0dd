"""The listings of the page on testing do what they say, each run as it stands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import Command

from inspector.testing import Endpoint, Inspector, Match
from inspector.testing.keywords import KEYWORDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text("utf-8")
PROJECT = ROOT / "tests" / "examples" / "refunds"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_listings_with_fixtures_are_those_of_the_sample_project() -> None:
    files = [path.read_text("utf-8") for path in sorted(PROJECT.glob("*.py"))]
    listings = [listing for listing in blocks("python") if "(callbacks)" in listing]
    assert len(listings) == 4
    for listing in listings:
        assert any(listing.strip() in text for text in files), listing


def test_listings_without_pytest_run(tmp_path: Path) -> None:
    listings = [listing for listing in blocks("python") if "(callbacks)" not in listing]
    [cases] = [listing for listing in listings if "unittest" in listing]
    shutil.copy(PROJECT / "agent.py", tmp_path)
    (tmp_path / "test_it.py").write_text(f"from agent import refund\n{cases}")
    command = [sys.executable, "-W", "error", "-m", "unittest", "test_it"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "Ran 1 test" in run.stderr
    for listing in listings:
        if listing is not cases:
            subprocess.run([sys.executable, "-W", "error", "-c", listing], check=True)


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_the_recipe_for_curl_and_jq(tmp_path: Path) -> None:
    [recipe], command = blocks("sh"), Command(tmp_path)
    (command.folder / "jobs.sh").write_text(f"set -euo pipefail\n{recipe}")
    result = command.run("run", "--", "bash", "jobs.sh")
    assert (result.code, result.stdout.splitlines()[-1]) == (0, "true"), result


@pytest.mark.skipif(shutil.which("node") is None and not os.environ.get("CI"), reason="needs Node")
def test_the_recipe_for_node(tmp_path: Path) -> None:
    [recipe], command = blocks("js"), Command(tmp_path)
    (command.folder / "jobs.test.mjs").write_text(recipe)
    result = command.run("run", "--", "node", "--test", "jobs.test.mjs")
    assert result.code == 0, result
    assert re.search(r"pass 1$", result.stdout, re.MULTILINE), result


def test_a_test_run_inside_run_uses_its_server(tmp_path: Path) -> None:
    command = Command(tmp_path)
    for name in ("agent.py", "test_refunds.py"):
        shutil.copy(PROJECT / name, command.folder)
    command.environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    pytest_run = (sys.executable, "-m", "pytest", "-p", "inspector.pytest_plugin", "test_refunds.py")
    result = command.run(
        "run", "--expect", "verified:yes path:/test_the_refund_is_reported-*", "--", *pytest_run
    )
    assert result.code == 0, result


def test_the_page_names_every_keyword_call_and_option() -> None:
    for name in KEYWORDS:
        assert f"`{name}=" in PAGE, name
    for name in dir(Endpoint):
        if not name.startswith("_") and name not in {
            "claimed",
            "judged",
            "id",
            "name",
            "strict",
            "close",
            "scheme",
        }:
            assert re.search(rf"\b{name}\b", PAGE), name
    plugin = (ROOT / "inspector" / "pytest_plugin.py").read_text("utf-8")
    for option in re.findall(r'"(--callbacks-[a-z-]+)"', plugin):
        assert f"`{option}" in PAGE, option
    assert Match.__name__ in PAGE
    assert Inspector.__name__ in PAGE
