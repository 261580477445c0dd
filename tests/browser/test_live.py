"""The page while callbacks arrive: rows at once, nothing lost or twice, and words when it is not live."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from support.browser import (
    SECRET,
    Watch,
    callback_body,
    open_live,
    row_ids,
    row_text,
    rows,
    signed_headers,
)
from support.browser import send_callback as send
from support.foreign import answering_503
from support.relay import relay
from support.servers import DATABASE_NAME, RunningServer, running_server
from support.waiting import until

from inspector.server import background
from inspector.settings import Settings

pytestmark = pytest.mark.usefixtures("watch")

SERVER_GONE = ["ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET", "status of 503"]
"""What the browser itself says when a page asks for something in the moment in which the server stops."""


def test_a_callback_is_a_row_with_its_verdict_within_a_second(
    server: RunningServer, url: str, page: Page
) -> None:
    send(server)
    open_live(page, url)
    page.evaluate("window.neverReloaded = true")
    started = time.monotonic()
    newest = send(server, number=1)
    row = page.locator(f".row[data-id='{newest}']")
    expect(row.locator(".word")).to_have_text("valid", timeout=1000)
    assert time.monotonic() - started < 5
    assert row_ids(page) == [newest, newest - 1]
    assert page.evaluate("window.neverReloaded") is True


def test_the_first_callback_turns_the_first_steps_into_the_list(
    server: RunningServer, url: str, page: Page
) -> None:
    open_live(page, url)
    expect(page.get_by_text("Waiting for the first callback…")).to_be_visible()
    first = send(server)
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_title("(1) Callback Inspector")
    second = send(server, number=2)
    expect(rows(page)).to_have_count(2)
    assert row_ids(page) == [second, first]
    rows(page).first.click()
    expect(page.locator("#detail-title")).to_have_text("POST /agents/hello")


def test_a_row_that_arrives_reads_like_one_from_the_server(
    server: RunningServer, url: str, page: Page
) -> None:
    send(server)
    open_live(page, url)
    big = b"x" * 9_960
    server.send("PUT", "/a/very/long/path/that/does/not/fit/tail?with=query", signed_headers(big), big)
    server.send("POST", "/unsigned", [("X-Blaxel-Signature", "sha256=nothing")], b"{}")
    body = callback_body(1)
    bare = [(name, value.removeprefix("sha256=")) for name, value in signed_headers(body)]
    server.send("POST", "/agents/hello", bare, body)
    send(server, number=1)
    expect(rows(page)).to_have_count(4)
    arrived = [row_text(row) for row in rows(page).all()]
    page.reload()
    assert [row_text(row) for row in rows(page).all()] == arrived


def test_nothing_is_missing_or_twice_after_a_restart(tmp_path: Path, page: Page, watch: Watch) -> None:
    watch.expected += SERVER_GONE
    with background(_settings(tmp_path)) as first:
        running = RunningServer(first)
        ports = first.addresses.callback_port, first.addresses.inspector_port
        sent = [send(running, number=number) for number in range(3)]
        open_live(page, first.addresses.inspector_url)
        sent.append(send(running, number=3))
        expect(rows(page)).to_have_count(4)
        page.evaluate("window.neverReloaded = true")
    expect(page.locator("#live")).to_have_text("server stopped")
    with background(_settings(tmp_path, *ports)) as second:
        sent += [send(RunningServer(second), number=number) for number in (4, 5)]
        expect(rows(page)).to_have_count(6)
        expect(page.locator("#live")).to_have_text("live")
        sent.append(send(RunningServer(second), number=6))
        expect(rows(page)).to_have_count(7)
        assert row_ids(page) == sent[::-1]
        assert page.evaluate("window.neverReloaded") is True


def test_a_503_in_between_does_not_end_the_stream(tmp_path: Path, page: Page, watch: Watch) -> None:
    watch.expected += SERVER_GONE
    with background(_settings(tmp_path)) as first:
        ports = first.addresses.callback_port, first.addresses.inspector_port
        sent = [send(RunningServer(first))]
        open_live(page, first.addresses.inspector_url)
    with answering_503(ports[1]) as asked:
        until(lambda: asked, what="a request to the server that answers 503")
        expect(page.locator("#live")).to_have_text("server stopped")
    with background(_settings(tmp_path, *ports)) as second:
        sent.append(send(RunningServer(second), number=1))
        expect(rows(page)).to_have_count(2)
        assert row_ids(page) == sent[::-1]


def test_a_broken_stream_says_reconnecting_and_goes_on(tmp_path: Path, page: Page) -> None:
    with relay() as between, running_server(tmp_path, allow_hosts=(f"localhost:{between.port}",)) as server:
        between.target = server.inspector
        first = send(server)
        open_live(page, f"http://localhost:{between.port}/")
        between.cut()
        expect(page.locator("#live")).to_have_text("reconnecting")
        missed = send(server, number=1)
        between.mend()
        expect(page.locator("#live")).to_have_text("live")
        expect(rows(page)).to_have_count(2)
        assert row_ids(page) == [missed, first]


def test_a_stream_that_has_gone_silent_is_opened_again(tmp_path: Path, page: Page) -> None:
    page.clock.install()
    page.add_init_script("delete window.SharedWorker")
    with relay() as between, running_server(tmp_path, allow_hosts=(f"localhost:{between.port}",)) as server:
        between.target = server.inspector
        first = send(server)
        open_live(page, f"http://localhost:{between.port}/")
        between.stall_streams()
        missed = send(server, number=1)
        page.clock.fast_forward(39_000)
        expect(page.locator("#live")).to_have_text("live")
        assert row_ids(page) == [first]
        page.clock.fast_forward(2_000)
        expect(page.locator("#live")).to_have_text("reconnecting")
        page.clock.fast_forward(1_000)
        expect(page.locator("#live")).to_have_text("live")
        page.clock.fast_forward(1_000)
        expect(rows(page)).to_have_count(2)
        assert row_ids(page) == [missed, first]


def test_without_a_shared_worker_a_tab_follows_while_it_is_shown(
    server: RunningServer, url: str, page: Page
) -> None:
    page.add_init_script("delete window.SharedWorker")
    send(server)
    open_live(page, url)
    send(server, number=1)
    expect(rows(page)).to_have_count(2)
    _set_hidden(page, True)
    until(lambda: server.client.get("/api/status")["streams"] == 0, what="the end of the stream")
    send(server, number=2)
    _set_hidden(page, False)
    expect(rows(page)).to_have_count(3)
    assert row_ids(page) == [3, 2, 1]


def test_a_list_that_is_scrolled_away_does_not_move(server: RunningServer, url: str, page: Page) -> None:
    for number in range(60):
        send(server, number=number)
    open_live(page, url)
    page.locator("#scroller").evaluate("pane => pane.scrollTop = 600")
    row = page.locator(".row[data-id='35']")
    before = row.bounding_box()
    arrived = [send(server, number=number) for number in range(60, 63)]
    expect(page.locator("#new-rows")).to_have_text("3 new")
    assert row.bounding_box() == before
    assert page.locator(f".row[data-id='{arrived[0]}']").count() == 0
    page.locator("#new-rows").click()
    expect(rows(page)).to_have_count(63)
    assert row_ids(page)[:3] == arrived[::-1]
    assert page.locator("#scroller").evaluate("pane => pane.scrollTop") == 0


def test_pause_holds_rows_back_and_counts_them(server: RunningServer, url: str, page: Page) -> None:
    send(server)
    open_live(page, url)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#live")).to_have_text("paused")
    for number in range(1, 5):
        send(server, number=number)
    expect(page.locator("#live")).to_have_text("paused (4 waiting)")
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Resume").click()
    expect(rows(page)).to_have_count(5)
    expect(page.locator("#live")).to_have_text("live")


def test_changes_and_deletions_elsewhere_show_here(server: RunningServer, url: str, page: Page) -> None:
    first, second = send(server), send(server, number=1)
    open_live(page, f"{url}/deliveries/{first}")
    server.client.send("PATCH", f"/api/deliveries/{second}", {"pinned": True})
    expect(page.locator(f".row[data-id='{second}'] .pin")).to_be_visible()
    server.client.send("DELETE", f"/api/deliveries/{first}")
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#detail")).to_have_text("This delivery was deleted.")
    expect(page.locator("#numbers")).to_contain_text("1 delivery")


def test_clearing_everything_empties_the_page(server: RunningServer, url: str, page: Page) -> None:
    send(server)
    open_live(page, url)
    server.client.send("DELETE", "/api/deliveries")
    expect(page.get_by_text("Waiting for the first callback…")).to_be_visible()
    newest = send(server, number=1)
    expect(rows(page)).to_have_count(1)
    assert row_ids(page) == [newest]


def test_twelve_tabs_share_one_stream(server: RunningServer, url: str, context: BrowserContext) -> None:
    send(server)
    tabs = [context.new_page() for _ in range(12)]
    for tab in tabs:
        open_live(tab, url)
    send(server, number=1)
    for tab in tabs:
        expect(rows(tab)).to_have_count(2)
    assert server.client.get("/api/status")["streams"] == 1
    thirteenth = context.new_page()
    open_live(thirteenth, f"{url}/endpoints")
    ask = "fetch('/api/deliveries/2').then(answer => answer.json()).then(delivery => delivery.path)"
    assert thirteenth.evaluate(ask) == "/agents/hello"
    assert server.client.get("/api/status")["streams"] == 1


def test_a_tab_opened_later_misses_nothing(server: RunningServer, url: str, context: BrowserContext) -> None:
    send(server)
    early = context.new_page()
    open_live(early, url)
    send(server, number=1)
    expect(rows(early)).to_have_count(2)
    late = context.new_page()
    open_live(late, url)
    send(server, number=2)
    for tab in (early, late):
        expect(rows(tab)).to_have_count(3)
        assert row_ids(tab) == [3, 2, 1]


def test_unread_rows_are_counted_until_they_are_opened(server: RunningServer, url: str, page: Page) -> None:
    send(server)
    open_live(page, url)
    assert page.title() == "Callback Inspector"
    newest = [send(server, number=number) for number in (1, 2)]
    expect(page.locator(".row.unread")).to_have_count(2)
    expect(page).to_have_title("(2) Callback Inspector")
    assert "unread" in (page.locator("link[rel=icon]").get_attribute("href") or "")
    page.locator(f".row[data-id='{newest[0]}']").click()
    expect(page.locator(".row.unread")).to_have_count(1)
    expect(page).to_have_title(f"(1) #{newest[0]} POST /agents/hello · Callback Inspector")
    page.reload()
    expect(page.locator(".row.unread")).to_have_count(1)


def test_one_polite_region_announces_arrivals(server: RunningServer, url: str, page: Page) -> None:
    send(server)
    open_live(page, url)
    send(server, number=1)
    expect(page.get_by_role("status").filter(has_text="1 new callback")).to_be_attached()


def test_an_endpoints_list_shows_only_its_own(server: RunningServer, url: str, page: Page) -> None:
    server.client.send("POST", "/api/endpoints", {"path": "/agents", "scheme": "none"})
    first = send(server, "/agents/one")
    open_live(page, f"{url}/?endpoint=/agents")
    send(server, "/elsewhere")
    second = send(server, "/agents/two", number=1)
    expect(rows(page)).to_have_count(2)
    assert row_ids(page) == [second, first]


def test_opening_deliveries_leaves_the_list_alone(server: RunningServer, url: str, page: Page) -> None:
    for number in range(60):
        send(server, number=number)
    open_live(page, url)
    page.evaluate("window.neverReloaded = true")
    page.locator("#scroller").evaluate("pane => pane.scrollTop = 700")
    page.locator(".row[data-id='30'] a").click()
    expect(page.locator("#detail article")).to_have_attribute("data-id", "30")
    assert page.locator("#scroller").evaluate("pane => pane.scrollTop") == 700
    page.get_by_role("link", name="Verification").click()
    expect(page.get_by_role("heading", name="Valid: signed with CALLBACK_SECRET")).to_be_visible()
    page.get_by_role("link", name="Older delivery").click()
    expect(page.locator("#detail article")).to_have_attribute("data-id", "29")
    expect(page.locator("#rows a[aria-current]")).to_have_count(1)
    assert page.url.endswith("/deliveries/29?tab=verification")
    page.go_back()
    page.go_back()
    expect(page.locator("#detail .tabs [aria-current]")).to_contain_text("Body")
    expect(page.locator("#detail article")).to_have_attribute("data-id", "30")
    assert page.evaluate("window.neverReloaded") is True


def test_older_rows_are_added_below(server: RunningServer, url: str, page: Page) -> None:
    for number in range(105):
        send(server, number=number)
    open_live(page, url)
    expect(rows(page)).to_have_count(100)
    page.locator("#scroller").evaluate("pane => pane.scrollTop = pane.scrollHeight")
    expect(rows(page)).to_have_count(105)
    assert row_ids(page) == list(range(105, 0, -1))
    expect(page.get_by_text("The first delivery that is kept.")).to_be_visible()


def test_a_narrow_page_shows_one_pane_at_a_time(server: RunningServer, url: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for number in range(40):
        send(server, number=number)
    open_live(page, url)
    page.evaluate("window.scrollTo(0, 500)")
    page.locator(".row[data-id='25'] a").click()
    expect(page.locator("#detail-title")).to_be_visible()
    expect(page.locator("#rows")).to_be_hidden()
    assert page.evaluate("window.scrollY") == 0
    page.get_by_role("link", name="Back").click()
    expect(page.locator("#rows")).to_be_visible()
    assert page.evaluate("window.scrollY") == 500


def _set_hidden(page: Page, hidden: bool) -> None:
    """Makes the page believe that its tab is hidden, or shown again."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def _settings(folder: Path, port: int = 0, inspector_port: int = 0) -> Settings:
    return Settings(
        database=folder / DATABASE_NAME,
        port=port,
        inspector_port=inspector_port,
        environ={"CALLBACK_SECRET": SECRET},
    )
