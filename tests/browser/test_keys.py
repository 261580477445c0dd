"""Single keys: what each does, where they are silent, and that they can be switched off."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from support.browser import open_live, rows, send_callback
from support.servers import RunningServer
from support.waiting import until

pytestmark = pytest.mark.usefixtures("watch")

COUNT = 5


@pytest.fixture(autouse=True)
def opened(server: RunningServer, url: str, page: Page) -> None:
    """The list of some deliveries, live."""
    for number in range(COUNT):
        send_callback(server, number=number)
    open_live(page, url)


def expect_open(page: Page, delivery_id: int) -> None:
    expect(page.locator("#detail article")).to_have_attribute("data-id", str(delivery_id))
    expect(page.locator(f".row[data-id='{delivery_id}'] .entry")).to_have_attribute("aria-current", "true")


def test_moving(page: Page) -> None:
    for key, shown in [("j", 5), ("j", 4), ("j", 3), ("k", 4), ("g", 5), ("G", 1), ("j", 1)]:
        page.keyboard.press(key)
        expect_open(page, shown)
        expect(page.locator(f".row[data-id='{shown}'] .entry")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#detail-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".row[data-id='1'] .entry")).to_be_focused()


def test_newest_and_oldest_of_a_long_list(server: RunningServer, page: Page) -> None:
    for number in range(COUNT, 250):
        send_callback(server, number=number)
    page.reload()
    expect(page.locator("#live")).to_have_text("live")
    page.keyboard.press("G")
    expect_open(page, 1)
    expect(page.get_by_role("link", name="Newest")).to_be_visible()
    newest = send_callback(server, number=1000)
    expect(page.locator("#new-rows")).to_have_text("1 new")
    page.keyboard.press("g")
    expect_open(page, newest)
    expect(page.locator("#new-rows")).to_be_hidden()


@pytest.mark.parametrize(
    ("key", "tab"),
    [("1", "Body"), ("2", "Headers"), ("3", "Query"), ("4", "Verification"), ("5", "Reply"), ("7", "Wire")],
)
def test_tabs(page: Page, key: str, tab: str) -> None:
    page.keyboard.press("j")
    expect_open(page, COUNT)
    page.keyboard.press("5" if key == "1" else "1")
    expect(page.locator(".tabs [aria-current]")).to_contain_text("Reply" if key == "1" else "Body")
    page.keyboard.press(key)
    expect(page.locator(".tabs [aria-current]")).to_contain_text(tab)


def test_looking(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.get_by_label("Filter", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(rows(page).first.locator(".entry")).to_be_focused()
    page.keyboard.press("p")
    expect(page.locator("#live")).to_have_text("paused")
    page.keyboard.press("p")
    expect(page.locator("#live")).to_have_text("live")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys and settings")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#detail article")).to_have_count(0)


def test_copying(page: Page, url: str, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("j")
    expect_open(page, COUNT)
    page.keyboard.press("c")
    read = "navigator.clipboard.readText()"
    until(lambda: str(page.evaluate(read)).startswith("curl "), what="a curl command on the clipboard")
    page.keyboard.press("y")
    until(lambda: page.evaluate(read) == f"{url}/deliveries/{COUNT}", what="the link on the clipboard")


def test_acting(server: RunningServer, page: Page) -> None:
    page.keyboard.press("j")
    expect_open(page, COUNT)
    page.keyboard.press("s")
    expect(page.locator(f".row[data-id='{COUNT}'] .pin")).to_be_visible()
    expect(page.locator("#pin-toggle")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("n")
    note = page.get_by_label(f"Note on #{COUNT}")
    expect(note).to_be_focused()
    note.press_sequentially("jk? look at this")
    page.get_by_role("button", name="Save note").click()
    until(lambda: server.store.delivery(COUNT).note == "jk? look at this", what="the note")
    expect(page.locator(".remark")).to_contain_text("jk? look at this")
    page.keyboard.press("#")
    dialog = page.get_by_role("dialog", name=f"Delete #{COUNT}?")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Delete this delivery").click()
    expect_open(page, COUNT - 1)
    assert server.store.count() == COUNT - 1


def test_comparing(page: Page, url: str) -> None:
    page.keyboard.press("j")
    expect_open(page, COUNT)
    page.keyboard.press("x")
    expect(page.locator(".row.marked")).to_have_attribute("data-id", str(COUNT))
    page.keyboard.press("j")
    expect_open(page, COUNT - 1)
    page.keyboard.press("d")
    page.wait_for_url(f"{url}/deliveries/{COUNT - 1}/diff/{COUNT}")


def test_where_keys_are_silent(page: Page) -> None:
    page.keyboard.press("j")
    expect_open(page, COUNT)
    for key in ("Control+j", "Alt+j", "Meta+j"):
        page.keyboard.press(key)
    page.get_by_label("Filter", exact=True).press("j")
    expect(page.get_by_label("Filter", exact=True)).to_have_value("j")
    expect(page.locator("#detail article")).to_have_attribute("data-id", str(COUNT))


def test_keys_can_be_switched_off_for_good(page: Page) -> None:
    page.keyboard.press("?")
    page.get_by_role("switch", name="Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.reload()
    expect(page.locator("#live")).to_have_text("live")
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#detail article")).to_have_count(0)
    page.get_by_role("button", name="Keys and settings").click()
    page.get_by_role("switch", name="Single-key shortcuts").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect_open(page, COUNT)


def test_other_pages_have_the_keys_that_mean_something_there(page: Page, url: str) -> None:
    page.goto(f"{url}/endpoints")
    expect(page.locator("#live")).to_have_text("live")
    for key in ("j", "G", "1", "x", "d", "/", "Escape"):
        page.keyboard.press(key)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys and settings")).to_be_visible()


def test_one_pane_at_a_time(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(f".row[data-id='{COUNT - 1}'] .entry")).to_be_focused()
    expect(page.locator("#detail")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#detail-title")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_attribute("data-id", str(COUNT - 2))
    page.keyboard.press("Escape")
    expect(page.locator("#rows")).to_be_visible()
    expect(page.locator("#detail")).to_be_hidden()
