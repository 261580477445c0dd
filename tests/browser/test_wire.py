"""How a delivery came, and what was no request: the Wire tab, the page of malformed requests, their count."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import Watch, axe_violations, open_live, screenshot
from support.malformed import HELLO, deliver, keep, mishap, odd_request
from support.servers import RunningServer

LOOKS = {
    "wide-light": (1360, 860),
    "half-dark": (960, 860),
    "tiny-dark": (320, 700),
    "narrow-light": (390, 844),
}


@pytest.mark.parametrize("look", LOOKS)
def test_how_it_looks(server: RunningServer, url: str, browser: Browser, look: str) -> None:
    width, height = LOOKS[look]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if look.endswith("dark") else "light",
        reduced_motion="reduce",
    )
    watch = Watch(context)
    page = context.new_page()

    def examine(state: str) -> None:
        screenshot(page, f"{state}-{look}")
        assert axe_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    page.goto(f"{url}/malformed")
    examine("malformed-empty")
    keep(
        server.store,
        mishap(),
        mishap(b"PRI * HTTP/2.0\r\n\r\n", "It is HTTP/2."),
        mishap(b"", "Gone.", status=0),
    )
    page.goto(f"{url}/deliveries/{deliver(server.store, odd_request())}?tab=wire")
    expect(page.locator("#tab-wire")).to_be_in_viewport()
    examine("wire")
    page.goto(f"{url}/malformed")
    examine("malformed")
    page.goto(f"{url}/malformed?id=1")
    expect(page.locator(".hex")).to_contain_text(HELLO[:8].hex(" "))
    examine("malformed-opened")
    watch.assert_silent()
    context.close()


def test_the_seventh_key_opens_the_wire_tab(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    deliver(server.store, odd_request())
    open_live(page, url)
    page.keyboard.press("j")
    expect(page.locator("#tab-wire")).to_be_visible()
    page.keyboard.press("7")
    expect(page.locator("#tab-wire")).to_have_attribute("aria-current", "page")
    expect(page.locator(".flags dt")).to_have_text(list(odd_request().flags))
    head = page.locator(".wire").first
    expect(head).to_contain_text("X-Fold:·one")
    expect(head.locator(".sign")).to_have_text(["LF", "TAB", "NBSP", "0x01"])
    page.get_by_role("link", name="Reveal all").click()
    expect(head).to_contain_text("Bearer·canary")
    page.get_by_role("link", name="Hex", exact=True).click()
    expect(page.locator(".hex")).to_contain_text("0d 0a 50 4f 53 54 20")


def test_the_count_rises_while_the_page_is_open(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    open_live(page, url)
    news = page.locator("#malformed")
    expect(news).to_be_hidden()
    keep(server.store, mishap(), mishap())
    expect(news).to_have_text("2 malformed")
    news.click()
    expect(page.get_by_role("heading", name="Malformed #2")).to_be_visible()
    page.get_by_role("button", name="Delete all…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete all").click()
    expect(page.get_by_text("None is kept; 2 came so far.")).to_be_visible()
    page.get_by_role("link", name="Deliveries").click()
    expect(news).to_be_hidden()


def test_without_scripts(server: RunningServer, url: str, plain_page: Page) -> None:
    keep(server.store, mishap(), mishap(b"PRI * HTTP/2.0\r\n\r\n", "It is HTTP/2."))
    plain_page.goto(url)
    plain_page.get_by_role("link", name="2 malformed").click()
    plain_page.get_by_role("link", name="TLS on a plain port").click()
    expect(plain_page.locator(".hex")).to_contain_text("16 03 01")
    plain_page.get_by_role("link", name="Text").click()
    expect(plain_page.locator(".captured")).to_contain_text("0x16")
