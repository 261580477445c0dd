"""What a browser remembers: the list's width; and desktop notifications, which only a click brings."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from support.browser import open_live, rows, send_callback
from support.servers import RunningServer
from support.waiting import until

pytestmark = pytest.mark.usefixtures("watch")

LISTEN = """
window.shown = [];
window.Notification = class {
    static permission = "default";
    static async requestPermission() { return this.permission = "granted"; }
    constructor(title, options) { window.shown.push({title, ...options}); }
};
"""


def list_width(page: Page) -> float:
    box = page.locator("#list").bounding_box()
    assert box
    return box["width"]


def test_the_list_is_as_wide_as_it_was_dragged(server: RunningServer, url: str, page: Page) -> None:
    page.set_viewport_size({"width": 1360, "height": 860})
    send_callback(server)
    open_live(page, url)
    assert list_width(page) == 28 * 16
    splitter = page.get_by_role("separator", name="Width of the list")
    box = splitter.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, 500)
    page.mouse.down()
    page.mouse.move(560, 500, steps=4)
    page.mouse.up()
    assert list_width(page) == 35 * 16
    page.reload()
    assert list_width(page) == 35 * 16
    splitter.focus()
    for key, rem in [("ArrowLeft", 34), ("ArrowRight", 35), ("Home", 20), ("ArrowLeft", 20), ("End", 40)]:
        page.keyboard.press(key)
        expect(splitter).to_have_attribute("aria-valuenow", str(rem))
        assert list_width(page) == rem * 16
    page.reload()
    assert list_width(page) == 40 * 16


def test_notifications_come_after_a_click_and_only_while_hidden(
    server: RunningServer, url: str, page: Page, context: BrowserContext
) -> None:
    page.add_init_script(LISTEN)
    send_callback(server)
    open_live(page, url)
    _hide(page, True)
    send_callback(server, number=1)
    expect(page).to_have_title("(1) Callback Inspector")
    _hide(page, False)
    page.get_by_role("button", name="Keys and settings").click()
    page.get_by_role("switch", name="Notify me").check()
    page.keyboard.press("Escape")
    send_callback(server, number=2)
    expect(page).to_have_title("(2) Callback Inspector")
    assert page.evaluate("window.shown") == []
    _hide(page, True)
    send_callback(server, "/agents/hello?token=in-query", 3)
    [shown] = until(lambda: page.evaluate("window.shown"), what="a notification")
    assert shown["body"] == "POST /agents/hello: valid"
    assert "status_code" not in str(shown)


def test_who_refuses_notifications_is_told(server: RunningServer, url: str, page: Page) -> None:
    page.add_init_script(LISTEN.replace('"granted"', '"denied"'))
    page.goto(url)
    page.get_by_role("button", name="Keys and settings").click()
    page.get_by_role("switch", name="Notify me").click()
    expect(page.get_by_role("switch", name="Notify me")).not_to_be_checked()
    expect(page.get_by_text("this browser does not allow them")).to_be_visible()


def test_the_numbers_of_arrivals_are_a_picture_with_words(
    server: RunningServer, url: str, page: Page
) -> None:
    open_live(page, url)
    expect(page.get_by_role("img", name="Last 15 minutes: no deliveries")).to_be_visible()
    send_callback(server)
    server.send("GET", "/favicon.ico")
    expect(page.get_by_role("img", name="Last 15 minutes: 2 deliveries, 1 not valid")).to_be_visible()
    expect(rows(page)).to_have_count(2)


def _hide(page: Page, hidden: bool) -> None:
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )
