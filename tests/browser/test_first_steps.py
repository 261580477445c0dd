"""The empty page as a new user follows it: what it tells to paste works when pasted."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from support.browser import rows
from support.servers import RunningServer, running_server

pytestmark = pytest.mark.usefixtures("watch")


def copied(context: BrowserContext, page: Page, button: str) -> str:
    """What the button named *button* puts on the clipboard."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name=button).click()
    page.locator("[data-done]").wait_for()
    return str(page.evaluate("navigator.clipboard.readText()"))


def run(command: str) -> None:
    """Runs *command* as a shell does when it is pasted."""
    subprocess.run(["sh", "-c", command], check=True, capture_output=True, timeout=30)


def test_the_command_arrives_as_valid(
    server: RunningServer, url: str, page: Page, context: BrowserContext
) -> None:
    page.goto(url)
    expect(page.get_by_text("It is signed with your secret, so it arrives as valid.")).to_be_visible()
    run(copied(context, page, "Copy the command"))
    expect(rows(page).locator(".word")).to_have_text("valid")
    assert server.only_delivery().verification.secret == "CALLBACK_SECRET"


@pytest.mark.parametrize("scheme", ["blaxel", "github", "standard-webhooks", "hmac"])
def test_the_command_suits_an_endpoints_scheme(
    server: RunningServer, url: str, page: Page, context: BrowserContext, scheme: str
) -> None:
    server.client.send("POST", "/api/endpoints", {"path": "/one", "scheme": scheme, "generate_secret": True})
    page.goto(f"{url}/?endpoint=/one")
    run(copied(context, page, "Copy the command"))
    expect(rows(page).locator(".word")).to_have_text("valid")


def test_without_a_secret_the_page_says_how_to_give_one(
    tmp_path: Path, page: Page, context: BrowserContext
) -> None:
    with running_server(tmp_path) as server:
        page.goto(server.server.addresses.inspector_url)
        expect(page.get_by_text("CALLBACK_SECRET=… callback-inspector serve")).to_be_visible()
        expect(page.get_by_text("It is not signed, so it arrives as no secret.")).to_be_visible()
        page.get_by_role("link", name=re.compile("Give it the sender")).click()
        page.get_by_role("radio", name="Paste").check()
        page.get_by_label("The secret").fill("the-sender-s-own-secret")
        page.get_by_role("button", name="Add secret").click()
        page.get_by_role("link", name="Deliveries").click()
        run(copied(context, page, "Copy the command"))
        expect(rows(page).locator(".word")).to_have_text("valid")


def test_what_to_paste_elsewhere_names_the_callback_port(
    server: RunningServer, url: str, page: Page, context: BrowserContext
) -> None:
    port = server.server.addresses.callback_port
    page.goto(url)
    assert (
        copied(context, page, "Copy the cloudflared command")
        == f"cloudflared tunnel --url http://localhost:{port}"
    )
    page.reload()
    assert copied(context, page, "Copy the ngrok command") == f"ngrok http {port}"
    page.reload()
    assert copied(context, page, "Copy the lines") == (
        '[[triggers]]\ntype = "http-async"\n\n[triggers.configuration]\ncallbackUrl = "https://your-tunnel/"'
    )
    expect(
        page.get_by_text(f"Port {server.server.addresses.inspector_port}, this page, stays")
    ).to_be_visible()


def test_a_public_url_is_shown_and_copied(tmp_path: Path, page: Page, context: BrowserContext) -> None:
    with running_server(tmp_path, public_url="https://tunnel.example") as server:
        page.goto(server.server.addresses.inspector_url)
        expect(page.locator("#given-url")).to_have_text("https://tunnel.example/")
        expect(page.locator("#sample-toml")).to_contain_text('callbackUrl = "https://tunnel.example/"')
        assert copied(context, page, "Copy callback URL") == "https://tunnel.example/"


@pytest.mark.parametrize("with_scripts", [True, False])
def test_the_button_sends_a_callback_that_is_valid(
    server: RunningServer, url: str, page: Page, plain_page: Page, with_scripts: bool
) -> None:
    shown = page if with_scripts else plain_page
    shown.goto(url)
    shown.get_by_role("button", name="Send a test callback").click()
    expect(rows(shown).locator(".word")).to_have_text("valid")
    assert shown.url == f"{url}/"
    assert server.only_delivery().verification.secret == "CALLBACK_SECRET"


def test_an_endpoint_is_sent_what_is_wrong_in_a_chosen_way(
    server: RunningServer, url: str, plain_page: Page
) -> None:
    page = plain_page
    root = server.store.endpoint("/").id
    page.goto(f"{url}/endpoints/{root}")
    for kind, verdict in [("", "valid"), ("stale", "expired"), ("body", "invalid"), ("no-prefix", "valid")]:
        page.get_by_label("What is wrong").select_option(kind)
        page.get_by_role("button", name="Send a test callback").click()
        said = page.get_by_role("status").filter(has_text="it arrived as")
        expect(said).to_contain_text(f", {verdict}.")
        expect(page.get_by_label("What is wrong")).to_have_value(kind)
    said.get_by_role("link", name="#4").click()
    expect(page.locator(".tabs [aria-current]")).to_contain_text("Verification")
    server.client.send("POST", "/api/endpoints", {"path": "/open", "scheme": "none"})
    page.goto(f"{url}/endpoints/{server.store.endpoint('/open').id}")
    page.get_by_label("What is wrong").select_option("stale")
    page.get_by_role("button", name="Send a test callback").click()
    expect(page.get_by_label("What is wrong")).to_have_accessible_description(
        "The scheme none has no timestamp that anyone checks."
    )
