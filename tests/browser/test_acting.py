"""What one does on the page with scripts: copy, switch the theme, log in, use the keyboard."""

from __future__ import annotations

import re
import resource
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from support.browser import SECRET, Watch, callback_body, pasted, rows, signed_headers
from support.command import Command
from support.servers import RunningServer, running_server
from support.waiting import until


@pytest.fixture
def clipboard(context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])


def test_a_secret_that_was_just_generated_is_copied_and_gone_after_a_reload(
    server: RunningServer, url: str, page: Page, watch: Watch, clipboard: None
) -> None:
    page.goto(f"{url}/endpoints")
    page.get_by_label("Path").fill("/agents")
    page.get_by_role("button", name="Add endpoint").click()
    secret = page.locator("#once-secret").inner_text()
    assert re.fullmatch("[a-z0-9]{32}", secret)
    page.get_by_role("button", name="Copy secret").click()
    assert pasted(page) == secret
    page.reload()
    assert len(server.store.endpoints()) == 2
    assert secret not in page.content()


def test_without_a_clipboard_the_text_is_selected(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.goto(url)
    page.get_by_role("button", name="Copy this URL").click()
    assert page.evaluate("getSelection().toString()") == server.server.addresses.callback_url


def test_the_theme_changes_at_once_and_stays(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(url)
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(background)
    page.get_by_role("button", name="Keys and settings").click()
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate(background)
    assert dark != light
    page.reload()
    assert page.evaluate(background) == dark
    page.get_by_role("button", name="Keys and settings").click()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Auto").click()
    assert page.evaluate(background) == light


def test_the_printed_link_logs_in(tmp_path: Path, page: Page, watch: Watch) -> None:
    watch.expected.append("status of 401")
    with running_server(tmp_path, token="open sesame/é", environ={"CALLBACK_SECRET": SECRET}) as server:
        url = server.server.addresses.inspector_url
        page.goto(f"{url}deliveries/latest")
        page.wait_for_url("**/login?**")
        page.goto(f"{url}login#open%20sesame/%C3%A9")
        expect(page.locator("#live")).to_have_text("live")
        assert page.url == url
        body = callback_body()
        server.send("POST", "/", signed_headers(body), body)
        expect(rows(page)).to_have_count(1)


def test_who_is_no_longer_logged_in_is_asked_again(tmp_path: Path, page: Page, watch: Watch) -> None:
    watch.expected.append("status of 401")
    with running_server(tmp_path, token="sesame") as server:
        url = server.server.addresses.inspector_url
        page.goto(f"{url}login#sesame")
        expect(page.locator("#live")).to_have_text("live")
        page.context.clear_cookies()
        page.goto(f"{url}endpoints")
        page.wait_for_url("**/login?next=/endpoints")
        page.get_by_label("Token").fill("sesame")
        page.get_by_role("button", name="Log in").click()
        expect(page.locator("#live")).to_have_text("live")
        assert page.url == f"{url}endpoints"


def test_the_keyboard_reaches_everything_visibly(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    body = callback_body()
    server.send("POST", "/agents/hello", signed_headers(body), body)
    page.goto(url)
    expect(page.locator("#live")).to_have_text("live")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    row = rows(page).first.get_by_role("link")
    expect(row).to_be_focused()
    assert row.evaluate("row => getComputedStyle(row).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#detail-title")).to_be_focused()
    page.get_by_role("link", name="Verification").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Valid: signed with")).to_be_visible()
    expect(page.locator(".tabs a[aria-current]")).to_be_focused()


def test_a_full_disk_is_said_on_the_page(tmp_path: Path, page: Page, watch: Watch) -> None:
    command = Command(tmp_path)
    body = b"x" * 20_000
    with command.serving("--inspector-port", "0", "--db", "callbacks.db") as serving:
        serving.deliver(body=body)
        page.goto(serving.inspector_url)
        expect(page.locator("#live")).to_have_text("live")
        expect(page.get_by_role("alert")).to_be_hidden()
        biggest = max(path.stat().st_size for path in tmp_path.glob("callbacks.db*"))
        unlimited = resource.prlimit(
            serving.pid, resource.RLIMIT_FSIZE, (biggest + 100_000, resource.RLIM_INFINITY)
        )
        until(lambda: serving.deliver(body=body).status == 503, what="a full disk")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.get_by_role("alert")).to_contain_text("Nothing is being stored")
        page.reload()
        expect(page.get_by_role("alert")).to_contain_text("Nothing is being stored")
        resource.prlimit(serving.pid, resource.RLIMIT_FSIZE, unlimited)
        until(lambda: serving.deliver(body=body).status == 200, what="room again")
        page.reload()
        expect(page.get_by_role("alert")).to_be_hidden()
