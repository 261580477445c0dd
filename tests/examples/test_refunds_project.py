"""A project that tests an agent's callbacks: its tests pass, those that should fail say why, word for word.

The README shows its listings.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROJECT = HERE / "refunds"
README = (HERE.parents[1] / "README.md").read_text("utf-8")

SETTINGS = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"

REPORTS = (HERE / "reports.txt").read_text("utf-8")
FAILURES = dict(re.findall(r"^== (\w+)\n(.*?)\n(?=\n==|\Z)", REPORTS, re.MULTILINE | re.DOTALL))
"""What each failing test says, by its name; N, T stand for numbers and tokens that differ each time."""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """The project in a folder of its own."""
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "CALLBACK_INSPECTOR_URL"):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(PROJECT, pytester.path, dirs_exist_ok=True)
    pytester.makeini(SETTINGS)
    return pytester


def test_its_tests_pass_synchronous_and_asynchronous(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("-W", "error::inspector.testing.CallbackWarning")
    result.assert_outcomes(passed=9)


def test_its_tests_pass_on_two_workers(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # each worker would load all that is installed
    plugins = ("-p", "inspector.pytest_plugin", "-p", "pytest_asyncio.plugin", "-p", "xdist")
    project.runpytest_subprocess(*plugins, "-n", "2").assert_outcomes(passed=9)


def test_its_failures_say_what_is_wrong(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = ("-p", "inspector.pytest_plugin", "-p", "pytest_asyncio.plugin")
    result = project.runpytest_subprocess(*plugins, "failing_refunds.py")
    result.assert_outcomes(failed=len(FAILURES))
    assert reports(result.stdout.str()) == FAILURES


def test_the_readme_shows_what_is_run_here() -> None:
    files = [path.read_text("utf-8") for path in sorted(PROJECT.glob("*.py"))]
    listings = [listing for listing in blocks("python") if "(callbacks)" in listing]
    assert listings
    for listing in listings:
        assert any(listing.strip() in text for text in files), listing
    [shown] = [block for block in blocks("text") if "CallbackTimeout" in block]
    assert normal(shown).strip() == FAILURES["test_failed"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def reports(output: str) -> dict[str, str]:
    """What each failed test's assertion said, without what differs each time."""
    found = {}
    for name, section in re.findall(
        r"^_+ (test_\w+) _+$(.*?)(?=^_{5,}|\Z)", output, re.MULTILINE | re.DOTALL
    ):
        lines = re.findall(
            r"^E {3,}(.*)$", section[section.index("E       inspector.testing") :], re.MULTILINE
        )
        indented = re.findall(r"^E {7}(.*)$", section, re.MULTILINE)
        assert len(lines) == len(indented)
        found[name] = normal("\n".join(indented))
    return found


def normal(text: str) -> str:
    text = re.sub(r"localhost:\d+", "localhost:N", text)
    text = re.sub(r"-[0-9a-f]{16}\b", "-T", text)
    text = re.sub(r"endpoint=[0-9a-f]+", "endpoint=T", text)
    text = re.sub(r"#\d+", "#N", text)
    text = re.sub(r"deliveries/\d+", "deliveries/N", text)
    return re.sub(r"at [+-]\d+\.\d\d s", "at +N s", text)
