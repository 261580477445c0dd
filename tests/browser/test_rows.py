"""Rows: attempts of one message folded into one, marks, day headings; a list that stays quick and still."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.browser import callback_body, open_live, row_ids, rows, send_callback, signed_headers
from support.deliveries import KEEP_ALL, VALID, add_all, new_delivery
from support.servers import RunningServer, running_server
from support.waiting import until

from inspector.models import NewDelivery
from inspector.store import Store

pytestmark = pytest.mark.usefixtures("watch")


def repeat(server: RunningServer, times: int, number: int = 0, target: str = "/agents/hello") -> list[int]:
    """Sends one message several times; the ids of its deliveries."""
    return [send_callback(server, target, number) for _ in range(times)]


def store(kept: Store, deliveries: list[NewDelivery]) -> None:
    """Puts *deliveries* into *kept* from a thread: the browser has an event loop in this one."""
    thread = threading.Thread(target=lambda: asyncio.run(add_all(kept, deliveries)))
    thread.start()
    thread.join()


def test_attempts_of_one_message_are_one_row(server: RunningServer, url: str, page: Page) -> None:
    first, second, third = repeat(server, 3)
    other = send_callback(server, number=1)
    open_live(page, url)
    assert row_ids(page) == [other, third]
    row = rows(page).nth(1)
    fold = row.get_by_role("link", name="Earlier attempts")
    expect(fold).to_have_text("\u00d73")
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")
    earlier = row.locator(".earlier .row")
    expect(earlier).to_have_count(2)
    expect(earlier.first).to_contain_text("attempt 2")
    earlier.nth(1).get_by_role("link").click()
    expect(page.locator("#detail article")).to_have_attribute("data-id", str(first))
    expect(earlier.nth(1).locator(".entry")).to_have_attribute("aria-current", "true")
    fold.click()
    expect(earlier).to_have_count(0)
    fourth = repeat(server, 1)[0]
    expect(page.locator(f".row[data-id='{fourth}']")).to_contain_text("\u00d74")
    assert row_ids(page) == [fourth, other]
    server.client.send("DELETE", f"/api/deliveries/{fourth}")
    expect(page.locator(f"#rows > .row[data-id='{third}']")).to_be_visible()
    assert row_ids(page) == [other, third]
    page.goto(f"{url}/deliveries/{second}")
    expect(page.locator(f".earlier .row[data-id='{second}'] .entry")).to_have_attribute(
        "aria-current", "true"
    )


def test_attempts_unfold_without_scripts(server: RunningServer, url: str, plain_page: Page) -> None:
    first, second, third = repeat(server, 3)
    plain_page.goto(url)
    fold = plain_page.get_by_role("link", name="Earlier attempts")
    fold.click()
    ids = plain_page.locator(".earlier .row").evaluate_all("rows => rows.map(row => Number(row.dataset.id))")
    assert ids == [second, first]
    assert row_ids(plain_page) == [third]
    fold.click()
    expect(plain_page.locator(".earlier")).to_have_count(0)
    plain_page.goto(f"{url}/deliveries/{first}")
    expect(plain_page.locator(".earlier [aria-current]")).to_contain_text("attempt 1")


def test_an_opened_row_is_one_line_as_high_as_the_others(server: RunningServer, url: str, page: Page) -> None:
    repeat(server, 2)
    send_callback(server, number=1)
    open_live(page, url)
    assert set(rows(page).evaluate_all("rows => rows.map(row => row.offsetHeight)")) == {32}
    shown, link = rows(page).nth(1).locator(".entry .path").bounding_box(), rows(page).nth(1)
    fold = link.get_by_role("link", name="Earlier attempts").bounding_box()
    assert shown
    assert fold
    assert 0 < fold["x"] - (shown["x"] + shown["width"]) < 16
    assert fold["width"] >= 24


def test_marks_of_a_row(server: RunningServer, url: str, page: Page) -> None:
    numbers = [send_callback(server, number=number) for number in range(3)]
    open_live(page, url)
    server.client.send("PATCH", f"/api/deliveries/{numbers[0]}", {"pinned": True, "note": "both"})
    server.client.send("PATCH", f"/api/deliveries/{numbers[1]}", {"note": "look"})
    pinned, noted = (page.locator(f".row[data-id='{number}']") for number in numbers[:2])
    for _ in range(2):
        expect(pinned.get_by_text("pinned")).to_be_attached()
        expect(pinned.locator(".pin")).to_be_visible()
        expect(pinned.locator(".with-note")).to_be_hidden()
        expect(noted.locator(".with-note")).to_be_visible()
        page.reload()
    body = callback_body(9)
    bare = [(name, value.removeprefix("sha256=")) for name, value in signed_headers(body)]
    server.send("POST", "/", bare, body)
    for _ in range(2):
        expect(rows(page).first.locator(".caution")).to_be_visible()
        page.reload()


def test_days_have_headings_but_today(tmp_path: Path, page: Page) -> None:
    day = timedelta(days=1) // timedelta(microseconds=1) * 1000
    now = time.time_ns()
    with running_server(tmp_path, retention=KEEP_ALL) as server:
        old = [now - 400 * day, *([now - 2 * day] * 60), *([now - day] * 60), now]
        store(server.store, [new_delivery(b"%d" % n, received_ns=ns) for n, ns in enumerate(old)])
        open_live(page, server.server.addresses.inspector_url)
        days = page.locator(".day")
        expect(days).to_have_count(2)
        expect(days.first).to_contain_text("Yesterday, ")
        page.locator("#scroller").evaluate("pane => pane.scrollTop = pane.scrollHeight")
        expect(rows(page)).to_have_count(122)
        expect(days).to_have_count(3)


def test_a_row_is_painted_as_soon_as_its_event_is_there(server: RunningServer, url: str, page: Page) -> None:
    page.add_init_script(
        """const Shared = window.SharedWorker;
        window.SharedWorker = class extends Shared {
            constructor(...given) {
                super(...given);
                this.port.addEventListener("message", ({data}) => {
                    if (data.event?.name === "delivery") { window.heard = performance.now(); }
                });
            }
        };"""
    )
    for number in range(100):
        send_callback(server, number=number)
    open_live(page, url)
    page.evaluate(
        """() => new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
            window.painted ??= performance.now() - window.heard;
        }))).observe(document.getElementById("rows"), {childList: true})"""
    )
    send_callback(server, number=1000)
    assert (
        0 < until(lambda: page.evaluate("window.painted"), what="the row") < 1000
    )  # milliseconds; 100 is the aim


def test_what_arrives_shifts_nothing_but_the_rows(server: RunningServer, url: str, page: Page) -> None:
    for number in range(60):
        send_callback(server, number=number)
    open_live(page, f"{url}/deliveries/30")
    page.evaluate(
        """() => { window.shifted = [];
        new PerformanceObserver(list => list.getEntries().forEach(entry => entry.sources.forEach(source => {
            const node = source.node?.nodeType === 1 ? source.node : source.node?.parentElement;
            if (!node?.closest("#rows")) { window.shifted.push(node?.outerHTML ?? "gone"); }
        }))).observe({type: "layout-shift"}); }"""
    )
    newest = [send_callback(server, number=number) for number in range(100, 103)][-1]
    expect(page.locator(f".row[data-id='{newest}']")).to_be_visible()
    expect(page.locator("#numbers")).to_contain_text("63 deliveries")
    assert page.evaluate("window.shifted") == []


def test_a_page_left_open_over_night_stays_quick(tmp_path: Path, page: Page) -> None:
    with running_server(tmp_path, retention=KEEP_ALL) as server:
        many = [new_delivery(b"%d" % number, verification=VALID) for number in range(100_000)]
        store(server.store, many)
        open_live(page, server.server.addresses.inspector_url)
        expect(rows(page)).to_have_count(100)
        elements = "document.querySelectorAll('*').length"
        before = page.evaluate(elements)
        for start in range(0, 5000, 100):
            store(server.store, [new_delivery(b"new %d" % number) for number in range(start, start + 100)])
        expect(page.locator("#numbers")).to_contain_text("105,000 deliveries")
        expect(page.locator(".row[data-id='105000']")).to_be_visible()
        assert rows(page).count() <= 600
        assert page.evaluate(elements) < 8 * before
        expect(page).to_have_title("(99+) Callback Inspector")
        ids = row_ids(page)
        assert ids == list(range(105_000, 105_000 - len(ids), -1))
        page.get_by_role("button", name="Pause").click()
        store(server.store, [new_delivery(b"later %d" % number) for number in range(1000)])
        expect(page.locator("#live")).to_have_text("paused (1000 waiting)")
        page.get_by_role("button", name="Resume").click()
        expect(page.locator(".row[data-id='106000']")).to_be_visible()
        for _ in range(20):
            page.locator("#scroller").evaluate("pane => pane.scrollTop = pane.scrollHeight")
            page.wait_for_timeout(20)
        assert 200 <= rows(page).count() <= 600
        started = time.monotonic()
        page.keyboard.press("j")
        expect(page.locator("#detail article")).to_be_visible()
        assert time.monotonic() - started < 10
