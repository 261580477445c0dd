"""Every state in light and dark, wide, half and narrow: nothing that axe-core finds, and a picture."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import (
    SECRET,
    Watch,
    axe_violations,
    callback_body,
    open_live,
    screenshot,
    send_callback,
    signed_headers,
)
from support.relay import relay
from support.servers import RunningServer, running_server

SIZES = {"wide": (1360, 860), "half": (960, 860), "narrow": (390, 844), "tiny": (320, 700)}

LOOKS = [
    ("wide", "light"),
    ("half", "dark"),
    ("narrow", "light"),
    ("tiny", "dark"),
]


@pytest.fixture(params=LOOKS, ids="-".join)
def look(request: pytest.FixtureRequest) -> tuple[str, str]:
    look: tuple[str, str] = request.param
    return look


@pytest.fixture
def page(browser: Browser, look: tuple[str, str]) -> Iterator[Page]:
    width, height = SIZES[look[0]]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if look[1] == "dark" else "light",
        reduced_motion="reduce",
    )
    watch = Watch(context)
    watch.expected.append("the server responded with a status of 4")
    yield context.new_page()
    watch.assert_silent()
    context.close()


def examine(page: Page, state: str, look: tuple[str, str], live: str = "live") -> None:
    """Looks at *page*: accessible, no wider than its window, and *live* is what it says of its stream."""
    if live:
        expect(page.locator("#live")).to_have_text(live)
    screenshot(page, f"{state}-{'-'.join(look)}")
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_first_steps(server: RunningServer, url: str, page: Page, look: tuple[str, str]) -> None:
    page.goto(url)
    examine(page, "empty", look)


def test_the_list(filled: RunningServer, url: str, page: Page, look: tuple[str, str]) -> None:
    open_live(page, url)
    send_callback(filled, number=98)
    send_callback(filled, "/agents/refund-bot", 99)
    expect(page.locator(".row.unread")).to_have_count(2)
    page.get_by_role("link", name="Earlier attempts").first.click()
    expect(page.locator(".earlier")).to_be_visible()
    examine(page, "list", look)


def test_a_delivery_beside_the_list(
    filled: RunningServer, url: str, page: Page, look: tuple[str, str]
) -> None:
    page.goto(f"{url}/deliveries/{filled.store.count() - 2}?q=path:/agents/*")
    examine(page, "list-and-delivery", look, "" if look[0] in ("narrow", "tiny") else "live")


def test_the_filter(filled: RunningServer, url: str, page: Page, look: tuple[str, str]) -> None:
    open_live(page, f"{url}/?q=path:/agents/*")
    expect(page.locator("#numbers")).to_contain_text("6 of 10")
    examine(page, "filter", look)
    page.get_by_label("Filter", exact=True).fill("statsu:invalid")
    expect(page.get_by_text("Did you mean status?")).to_be_visible()
    examine(page, "filter-fault", look)
    page.get_by_label("Filter", exact=True).fill("nothing of the kind")
    expect(page.get_by_text("No delivery matches.")).to_be_visible()
    examine(page, "filter-nothing", look)


def test_waiting_rows(filled: RunningServer, url: str, page: Page, look: tuple[str, str]) -> None:
    open_live(page, url)
    page.locator("#pause").click()
    for number in range(100, 104):
        send_callback(filled, number=number)
    expect(page.locator("#new-rows")).to_have_text("4 new")
    examine(page, "paused", look, "paused (4 waiting)")
    page.goto(f"{url}/?before=8")
    examine(page, "older", look)


def test_a_server_that_stopped(tmp_path: Path, page: Page, look: tuple[str, str]) -> None:
    with running_server(tmp_path, environ={"CALLBACK_SECRET": SECRET}) as server:
        send_callback(server)
        open_live(page, server.server.addresses.inspector_url)
    examine(page, "stopped", look, "server stopped")


def test_a_connection_that_broke(tmp_path: Path, page: Page, look: tuple[str, str]) -> None:
    with relay() as between, running_server(tmp_path, allow_hosts=(f"localhost:{between.port}",)) as server:
        between.target = server.inspector
        send_callback(server)
        open_live(page, f"http://localhost:{between.port}/")
        between.cut()
        examine(page, "reconnecting", look, "reconnecting")


def test_deleting(filled: RunningServer, url: str, page: Page, look: tuple[str, str]) -> None:
    open_live(page, f"{url}/?q=path:/agents/*")
    page.locator("#delete-listed").click()
    expect(page.get_by_role("dialog")).to_contain_text("is pinned, and stays")
    examine(page, "delete", look)
    page.goto(f"{url}/delete")
    examine(page, "delete-page", look)


def test_endpoints(filled: RunningServer, url: str, page: Page, look: tuple[str, str]) -> None:
    page.goto(f"{url}/endpoints")
    examine(page, "endpoints", look)
    page.get_by_label("Path").fill("/agents/nightly")
    page.get_by_role("button", name="Add endpoint").click()
    expect(page.locator("#once-secret")).to_be_visible()
    examine(page, "endpoint-added", look)
    page.goto(f"{url}/endpoints")
    page.get_by_label("Path").fill("no slash")
    page.get_by_label("Scheme").select_option("hmac")
    page.get_by_role("button", name="Add endpoint").click()
    examine(page, "endpoint-refused", look)
    page.get_by_role("link", name="Edit /agents", exact=True).click()
    page.get_by_role("button", name="Send a test callback").click()
    expect(page.get_by_text("it arrived as")).to_be_visible()
    examine(page, "endpoint", look)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("not saved yet")
    examine(page, "endpoint-preview", look)


def test_dialogs(filled: RunningServer, url: str, page: Page, look: tuple[str, str]) -> None:
    page.goto(f"{url}/endpoints/{filled.store.endpoint('/agents').id}")
    page.get_by_role("button", name="Keys and settings").click()
    examine(page, "settings", look)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete endpoint…").click()
    examine(page, "delete-endpoint", look)


def test_what_is_not_here(server: RunningServer, url: str, page: Page, look: tuple[str, str]) -> None:
    page.goto(url)
    page.goto(f"{url}/deliveries/999")
    examine(page, "not-here", look, live="")


def test_login(tmp_path: Path, page: Page, look: tuple[str, str]) -> None:
    with running_server(tmp_path, token="sesame") as server:
        page.goto(f"{server.server.addresses.inspector_url}login")
        page.get_by_label("Token").fill("wrong")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_label("Token")).to_have_attribute("aria-invalid", "true")
        examine(page, "login", look, live="")


@pytest.fixture
def filled(server: RunningServer) -> RunningServer:
    """A server with deliveries of every verdict, long and short, and with endpoints."""
    client = server.client
    client.send(
        "POST",
        "/api/endpoints",
        {"path": "/agents", "name": "Blaxel agents", "scheme": "blaxel", "secret_env": "CALLBACK_SECRET"},
    )
    client.send("POST", "/api/endpoints", {"path": "/github", "scheme": "github", "secret": "unknown to all"})
    client.send("POST", "/api/endpoints", {"path": "/open", "scheme": "none"})
    body = callback_body()
    json_type = [("Content-Type", "application/json")]
    server.send("GET", "/.well-known/security.txt")
    server.send("DELETE", "/open/hello/deployments/9f2c?force=true")
    server.send("POST", "/webhooks/stripe/eu", signed_headers(body, timestamp=1_700_000_000), body)
    server.send(
        "POST", "/github", [*json_type, ("X-Hub-Signature-256", "sha256=" + "0" * 64)], b'{"zen": 1}' * 800
    )
    server.send("POST", "/agents/hello", [*json_type, ("X-Blaxel-Signature", "sha256=nothing")], body)
    bare = [(name, value.removeprefix("sha256=")) for name, value in signed_headers(body)]
    server.send("POST", "/agents/refund-bot", bare, body)
    result = json.dumps({"ticket": "T-48213", "order": 90071992547409931, "reply": "Zoë: 49,90 €"})
    nested = json.dumps(
        {"status_code": 200, "response_body": result, "response_length": len(result)}
    ).encode()
    credentials = [("Authorization", "Basic dXNlcjpwYXNz"), ("Cookie", "session=abc")]
    for _ in range(3):
        server.send("POST", "/agents/refund-bot", [*signed_headers(nested), *credentials], nested + b"\n")
    server.send("POST", "/agents/hello", signed_headers(body), body)
    client.send("PATCH", "/api/deliveries/6", {"pinned": True})
    client.send("PATCH", "/api/deliveries/3", {"note": "The clock of staging is late."})
    return server
