"""Real Chromium on the real page: what tests watch and read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect
from support.servers import RunningServer

from inspector.signing import sign

SECRET = "bl-test-secret-0123456789abcdefgh"
"""The CALLBACK_SECRET of the servers that these tests start."""

SCREENSHOTS = Path(__file__).parent.parent / "screenshots"

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", ({violatedDirective, blockedURI}) =>
    console.error(`violates ${violatedDirective}: ${blockedURI}`));
"""


class Watch:
    """Everything that pages of a context say to the console, errors and policy violations included.

    ``expected`` are parts of messages that a test provokes: browsers report a navigation answered 400.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.said: list[str] = []
        self.expected: list[str] = []
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.said.append(f"error: {error.error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        self.said.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def assert_silent(self) -> None:
        heard = [line for line in self.said if not any(part in line for part in self.expected)]
        assert not heard, f"the console says {heard}"


def rows(page: Page) -> Locator:
    """The rows of the list, newest first."""
    return page.locator("#rows > .row")


def row_ids(page: Page) -> list[int]:
    """The ids of the listed deliveries, from the top."""
    return [
        int(text) for text in page.locator("#rows > .row").evaluate_all("rows => rows.map(r => r.dataset.id)")
    ]


def row_text(row: Locator) -> str:
    """What one reads in *row*, its age left out: that changes with time."""
    parts = ".method, .path, .attempt, .word, .reply, .size"
    words = row.evaluate("(row, parts) => [...row.querySelectorAll(parts)].map(e => e.textContent)", parts)
    return " ".join(words)


def callback_body(number: int = 0) -> bytes:
    """A body as Blaxel sends it."""
    return json.dumps({"status_code": 200, "response_body": "{}", "response_length": 2, "n": number}).encode()


def signed_headers(body: bytes, **options: Any) -> list[tuple[str, str]]:
    """The headers of a callback that is ``valid`` at ``/``."""
    return [("Content-Type", "application/json"), *sign(body, SECRET, **options)]


def pasted(page: Page) -> str:
    """What is on the clipboard, once a button says that it has copied."""
    page.locator("[data-done]").first.wait_for(state="attached")
    text = str(page.evaluate("navigator.clipboard.readText()"))
    page.evaluate("document.querySelectorAll('[data-done]').forEach(done => delete done.dataset.done)")
    return text


def axe_violations(page: Page) -> list[str]:
    """What axe-core finds wrong on *page* as it stands, one line a finding."""
    source = next(Path(axe_playwright_python.__file__).parent.glob("axe*.js")).read_text("utf-8")
    # Added as a script it would be blocked by the page's own policy; evaluated, it is the debugger's.
    page.evaluate(source)
    found = page.evaluate("rules => axe.run({runOnly: rules})", AXE_RULES)
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def screenshot(page: Page, name: str) -> None:
    """Keeps a picture of *page*, to be looked at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def open_live(page: Page, url: str) -> None:
    """Goes to *url* and waits until the page follows."""
    page.goto(url)
    expect(page.locator("#live")).to_have_text("live")


def send_callback(server: RunningServer, target: str = "/agents/hello", number: int = 0) -> int:
    """Sends a callback that is valid; its delivery's id. Each *number* is a message of its own."""
    body = callback_body(number)
    reply = server.send("POST", target, signed_headers(body), body)
    return int(reply.header("x-callback-delivery") or 0)
