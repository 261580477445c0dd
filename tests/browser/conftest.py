"""Fixtures of the browser tests: the system's Chromium, watched pages, a server with a known secret."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from support.browser import SECRET, Watch
from support.servers import RunningServer, running_server

HERE = Path(__file__).parent

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.hookimpl(trylast=True)  # pytest itself puts tests together that share a parameter
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests last.

    Playwright keeps an event loop running in the main thread from its first use on, where ``asyncio.run`` of
    other tests could not start one.
    """
    items.sort(key=lambda item: HERE in item.path.parents)


def chromium() -> str | None:
    """The path of the system's Chromium: what the variable CHROMIUM names, else the first on PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = chromium()
    if path is None:
        reason = "no Chromium on PATH, and the variable CHROMIUM names none"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return {**browser_type_launch_args, "executable_path": path, "args": list(QUIET)}


@pytest.fixture
def watch(context: BrowserContext) -> Iterator[Watch]:
    """What the pages say; nothing, or the test fails."""
    watch = Watch(context)
    yield watch
    watch.assert_silent()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server whose ``/`` verifies with ``SECRET``."""
    with running_server(tmp_path, environ={"CALLBACK_SECRET": SECRET}) as running:
        yield running


@pytest.fixture
def url(server: RunningServer) -> str:
    """The address of the page, without the slash at its end."""
    return server.server.addresses.inspector_url.rstrip("/")


@pytest.fixture
def plain_page(browser: Browser, watch: Watch) -> Iterator[Page]:
    """A page whose browser runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()
