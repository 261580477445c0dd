"""The filter: as one types, by links and forms, on rows that arrive; and deleting what it means."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from support.browser import open_live, row_ids, rows, send_callback, signed_headers
from support.servers import RunningServer

pytestmark = pytest.mark.usefixtures("watch")


def send_unsigned(server: RunningServer, target: str = "/github", body: bytes = b"{}") -> int:
    reply = server.send("POST", target, [("Content-Type", "application/json")], body)
    return int(reply.header("x-callback-delivery") or 0)


def test_the_list_follows_what_is_typed_and_the_delivery_stays(
    server: RunningServer, url: str, page: Page
) -> None:
    valid, missing = send_callback(server), send_unsigned(server)
    open_live(page, f"{url}/deliveries/{valid}?tab=headers")
    page.evaluate("window.neverReloaded = true")
    field = page.get_by_label("Filter", exact=True)
    field.press_sequentially("status:missing")
    expect(rows(page)).to_have_count(1)
    assert row_ids(page) == [missing]
    expect(page.locator("#numbers")).to_contain_text("1 of 2")
    expect(page.locator("#detail article")).to_have_attribute("data-id", str(valid))
    expect(page.locator(".tabs [aria-current]")).to_contain_text("Headers")
    assert page.url.endswith(f"/deliveries/{valid}?tab=headers&q=status%3Amissing")
    expect(field).to_be_focused()
    assert page.evaluate("window.neverReloaded") is True
    page.reload()
    assert row_ids(page) == [missing]
    page.get_by_role("link", name="Clear filter").click()
    expect(rows(page)).to_have_count(2)
    expect(field).to_have_value("")
    expect(page.locator("#detail article")).to_have_attribute("data-id", str(valid))


def test_a_filter_that_cannot_be_read_says_why_and_where(server: RunningServer, url: str, page: Page) -> None:
    send_callback(server)
    open_live(page, url)
    field = page.get_by_label("Filter", exact=True)
    field.fill("statsu:invalid")
    expect(field).to_have_accessible_description("Unknown key statsu at character 1. Did you mean status?")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(rows(page)).to_have_count(1)
    send_callback(server, number=1)
    expect(rows(page)).to_have_count(2)
    field.fill("")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#filter-fault")).to_be_hidden()
    expect(rows(page)).to_have_count(2)


def test_rows_that_arrive_obey_the_filter(server: RunningServer, url: str, page: Page) -> None:
    first = send_unsigned(server, body=b'{"order": 4711}')
    open_live(page, f"{url}/?q=4711")
    send_unsigned(server, body=b'{"order": 1}')
    second = send_unsigned(server, body=b'{"order": 4711, "again": true}')
    expect(rows(page)).to_have_count(2)
    assert row_ids(page) == [second, first]
    expect(page.locator("#numbers")).to_contain_text("2 of 3")
    expect(page).to_have_title("(1) Callback Inspector")


def test_back_and_forward_go_through_filters(server: RunningServer, url: str, page: Page) -> None:
    valid, missing = send_callback(server), send_unsigned(server)
    open_live(page, url)
    field = page.get_by_label("Filter", exact=True)
    field.fill("status:missing")
    field.press("Enter")
    expect(rows(page)).to_have_count(1)
    field.fill("status:valid")
    field.press("Enter")
    expect(page.locator(f".row[data-id='{valid}']")).to_be_visible()
    page.get_by_role("heading", name="Deliveries").evaluate("title => title.closest('main').focus()")
    page.go_back()
    expect(page.locator(f".row[data-id='{missing}']")).to_be_visible()
    expect(field).to_have_value("status:missing")
    page.go_back()
    expect(rows(page)).to_have_count(2)
    expect(field).to_have_value("")
    page.go_forward()
    expect(rows(page)).to_have_count(1)
    expect(field).to_have_value("status:missing")


def test_the_endpoint_switcher_keeps_the_filter(server: RunningServer, url: str, page: Page) -> None:
    server.client.send("POST", "/api/endpoints", {"path": "/agents", "scheme": "none"})
    inside = send_unsigned(server, "/agents/one", b"refund")
    send_unsigned(server, "/elsewhere", b"refund")
    send_unsigned(server, "/agents/two", b"other")
    open_live(page, f"{url}/?q=refund")
    page.evaluate("window.neverReloaded = true")
    page.get_by_role("button", name="Endpoint: everything").click()
    page.get_by_role("link", name="/agents", exact=True).click()
    expect(rows(page)).to_have_count(1)
    assert row_ids(page) == [inside]
    assert page.url == f"{url}/?endpoint=/agents&q=refund"
    expect(page.locator("#callback-url")).to_contain_text("/agents")
    expect(page.locator("#numbers")).to_contain_text("1 of 2")
    send_unsigned(server, "/elsewhere", b"refund again")
    newest = send_unsigned(server, "/agents/three", b"refund again")
    expect(rows(page)).to_have_count(2)
    assert row_ids(page) == [newest, inside]
    assert page.evaluate("window.neverReloaded") is True


def test_a_header_is_filtered_for_and_against_by_a_click(server: RunningServer, url: str, page: Page) -> None:
    server.send("POST", "/a", [("X-Kind", "one")], b"1")
    server.send("POST", "/b", [("X-Kind", "two")], b"2")
    open_live(page, f"{url}/deliveries/1?tab=headers")
    row = page.get_by_role("row", name="X-Kind one")
    row.hover()
    row.get_by_role("link", name="Filter out").click()
    expect(rows(page)).to_have_count(1)
    assert row_ids(page) == [2]
    expect(page.get_by_label("Filter", exact=True)).to_have_value("-header.X-Kind:one")
    expect(page.locator("#detail article")).to_have_attribute("data-id", "1")
    row.hover()
    row.get_by_role("link", name="Filter for").click()
    expect(page.locator(".row[data-id='1']")).to_be_visible()
    assert row_ids(page) == [1]


def test_deleting_what_the_filter_means_asks_with_the_number(
    server: RunningServer, url: str, page: Page
) -> None:
    kept = send_callback(server)
    for number in range(3):
        send_unsigned(server, body=b"%d" % number)
    server.client.send("PATCH", f"/api/deliveries/{kept + 1}", {"pinned": True})
    open_live(page, f"{url}/?q=status:missing")
    page.get_by_role("link", name="Delete 3…").click()
    dialog = page.get_by_role("dialog", name="Delete 2 deliveries?")
    expect(dialog).to_contain_text("status:missing")
    expect(dialog).to_contain_text("1 delivery more is pinned, and stays.")
    dialog.get_by_role("link", name="Keep them").click()
    expect(dialog).to_be_hidden()
    assert server.store.count() == 4
    page.get_by_role("link", name="Delete 3…").click()
    dialog.get_by_role("button", name="Delete 2 deliveries").click()
    expect(rows(page)).to_have_count(1)
    assert row_ids(page) == [kept + 1]
    assert page.url == f"{url}/?q=status:missing"
    assert server.store.count() == 2
    page.get_by_role("link", name="Clear filter").click()
    page.get_by_role("link", name="Delete all…").click()
    dialog = page.get_by_role("dialog", name="Delete 1 delivery?")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Delete 1 delivery").click()
    expect(page.get_by_text("Waiting for the first callback…")).to_be_visible()
    assert server.store.count() == 0


def test_all_of_it_works_without_scripts(server: RunningServer, url: str, plain_page: Page) -> None:
    page = plain_page
    kept = send_callback(server)
    gone = [send_unsigned(server, body=b"%d" % number) for number in range(2)]
    page.goto(url)
    field = page.get_by_label("Filter", exact=True)
    field.fill("status:missing")
    field.press("Enter")
    assert row_ids(page) == gone[::-1]
    expect(page.locator("#numbers")).to_contain_text("2 of 3")
    rows(page).first.get_by_role("link").click()
    assert page.url == f"{url}/deliveries/{gone[1]}?q=status:missing"
    page.get_by_role("link", name="Older delivery").click()
    assert page.url.startswith(f"{url}/deliveries/{gone[0]}?q=status:missing")
    field.fill("status:")
    with page.expect_response(lambda response: "/?q=" in response.url) as answered:
        field.press("Enter")
    assert answered.value.status == 400
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("status:")
    field.fill("status:missing")
    field.press("Enter")
    page.get_by_role("link", name="Delete 2…").click()
    expect(page.get_by_role("heading", name="Delete 2 deliveries?")).to_be_visible()
    page.get_by_role("button", name="Delete 2 deliveries").click()
    expect(page.get_by_text("No delivery matches.")).to_be_visible()
    page.get_by_role("link", name="Clear filter").click()
    assert row_ids(page) == [kept]


def test_a_search_that_stops_in_time_goes_on_by_a_link(
    server: RunningServer, url: str, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = send_unsigned(server, body=b"needle")
    for number in range(150):
        send_unsigned(server, body=b"hay %d" % number)
    newest = server.store.newest
    monkeypatch.setattr(server.store, "newest", lambda **asked: newest(**{**asked, "seconds": 0}))
    open_live(page, f"{url}/?q=needle")
    expect(rows(page)).to_have_count(0)
    expect(page.locator("#foot")).to_contain_text("Searched back to #")
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("link", name="Go on").click()
    expect(page.locator(f".row[data-id='{first}']")).to_be_visible()
    expect(page.get_by_text("No delivery further back matches.")).to_be_visible()
    page.get_by_role("link", name="Newest").click()
    expect(page.locator("#foot")).to_contain_text("Searched back to #")


def test_a_signed_callback_is_found_by_its_verdict(server: RunningServer, url: str, page: Page) -> None:
    body = b'{"status_code": 500}'
    server.send("POST", "/", signed_headers(body), body)
    send_unsigned(server)
    page.goto(f"{url}/?q=verified:yes%20json.status_code:500")
    assert row_ids(page) == [1]
