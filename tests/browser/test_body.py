"""The Body tab in the browser: trees that fold, strings that are opened, windows, tables, downloads."""

from __future__ import annotations

import json
import time

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from support.browser import Watch, pasted
from support.servers import RunningServer

JSON = [("Content-Type", "application/json")]
INNER = '{"ticket":"T-1","order_id":90071992547409931,"fee":1.0,"at":1795512000,"steps":["a","b"]}'
BLAXEL = json.dumps(
    {"status_code": 200, "response_body": INNER, "response_length": len(INNER), "timestamp": 1795599654}
).encode()


@pytest.fixture
def clipboard(context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])


def show(server: RunningServer, page: Page, url: str, body: bytes, content_type: str, query: str = "") -> int:
    """Sends a body and opens its page; the delivery's id."""
    delivery = server.delivery(server.send("POST", "/hook", [("Content-Type", content_type)], body))
    page.goto(f"{url}/deliveries/{delivery.id}{query}")
    return delivery.id


def line(page: Page, place: str) -> Locator:
    """The line of the tree whose value stands at *place*."""
    copies = f"[data-copy={json.dumps(place, ensure_ascii=False)}]"
    return page.locator(f".tree .line:has(> {copies}), .tree summary:has(+ div > {copies})").first


def test_a_string_that_holds_json_is_opened_in_place_and_shown_as_string(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    show(server, page, url, BLAXEL, "application/json")
    expect(page.locator(".sunk")).to_have_count(1)
    within = "$.response_body » $"
    expect(line(page, f"{within}.order_id")).to_contain_text("90071992547409931")
    expect(line(page, f"{within}.order_id")).to_contain_text("too big for JavaScript's numbers")
    expect(line(page, f"{within}.fee")).to_contain_text("1.0")
    expect(line(page, f"{within}.at")).to_contain_text("2026-11-24 09:20:00 UTC")
    expect(line(page, "$.status_code")).to_contain_text("the agent's own status")
    expect(line(page, "$.response_length")).to_contain_text("matches response_body")
    page.get_by_role("link", name="show as string").click()
    expect(page.locator(".sunk")).to_have_count(0)
    expect(page.locator(".tree .string", has_text="T-1")).to_have_text(json.dumps(INNER))
    page.get_by_role("link", name="show as JSON").click()
    expect(page.locator(".sunk")).to_have_count(1)


def test_values_fold_one_by_one_and_all_at_once(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    show(server, page, url, BLAXEL, "application/json")
    expect(page.locator("#live")).to_have_text("live")
    step = page.locator(".tree .line", has_text='"b"')
    summary = line(page, "$.response_body » $.steps")
    summary.click(position={"x": 30, "y": 12})
    expect(step).to_be_hidden()
    expect(summary).to_contain_text("2 values ]")
    summary.click(position={"x": 30, "y": 12})
    expect(step).to_be_visible()
    page.get_by_role("button", name="Fold all").click()
    expect(step).to_be_hidden()
    expect(line(page, "$.timestamp")).to_be_visible()
    page.get_by_role("button", name="Unfold all").click()
    expect(step).to_be_visible()


def test_paths_are_copied(server: RunningServer, url: str, page: Page, watch: Watch, clipboard: None) -> None:
    show(server, page, url, b'{"a b": [1, {"c": true}]}', "application/json")
    target = line(page, '$["a b"][1].c')
    target.hover()
    target.get_by_role("button", name="Copy path").click()
    assert pasted(page) == '$["a b"][1].c'


def test_what_is_left_out_is_loaded_into_its_place(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    number = show(server, page, url, json.dumps({"items": list(range(600)), "last": 1}).encode(), JSON[0][1])
    expect(page.locator("#live")).to_have_text("live")
    values = page.locator(".tree .inside .inside .number")
    expect(values).to_have_count(250)
    page.get_by_role("link", name="350 values more").click()
    expect(values).to_have_count(500)
    page.get_by_role("link", name="100 values more").click()
    expect(values).to_have_count(600)
    assert values.all_inner_texts() == [str(item) for item in range(600)]
    expect(line(page, "$.last")).to_be_visible()
    assert page.url == f"{url}/deliveries/{number}"


def test_what_is_left_out_is_reached_without_scripts(
    server: RunningServer, url: str, plain_page: Page
) -> None:
    show(server, plain_page, url, json.dumps({"items": list(range(600)), "last": 1}).encode(), JSON[0][1])
    plain_page.get_by_role("link", name="350 values more").click()
    expect(plain_page.get_by_text("Shown from $.items[250] on.")).to_be_visible()
    expect(plain_page.locator(".tree .number").first).to_have_text("250")
    plain_page.get_by_role("link", name="From the start").click()
    expect(line(plain_page, "$.last")).to_be_visible()


def test_text_goes_on_in_place_and_ten_mebibytes_open_at_once(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    body = b"".join(b"line %07d\n" % number for number in range(800_000))
    started = time.monotonic()
    number = show(server, page, url, body, "text/plain")
    expect(page.locator("#window pre")).to_contain_text("line 0000000")
    assert time.monotonic() - started < 10
    expect(page.locator("#live")).to_have_text("live")
    page.locator("#window [data-more]").click()
    expect(page.locator("#window pre")).to_have_count(2)
    shown = "".join(page.locator("#window pre").all_inner_texts())
    assert shown.splitlines()[:20_000] == [f"line {at:07}" for at in range(20_000)]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.path().read_bytes() == body
    assert download.value.suggested_filename == f"delivery-{number}.bin"


def test_hex_shows_the_bytes_as_received(server: RunningServer, url: str, page: Page, watch: Watch) -> None:
    show(server, page, url, bytes(range(256)) * 40, "application/json", "?view=hex")
    expect(page.locator("#live")).to_have_text("live")
    page.locator("#window [data-more]").click()
    expect(page.locator("pre.hex").last).to_contain_text("00002000  00 01 02 03")
    expect(page.locator("#view-hex")).to_have_attribute("aria-current", "true")


def test_repeated_keys_and_syntax_errors_are_told_with_their_place(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    show(server, page, url, b'{"a": 1, "a": 2}', "application/json")
    expect(page.locator(".note.warn")).to_contain_text('Repeated in one object: "a"')
    expect(page.locator(".tree .number")).to_have_text(["1", "2"])
    show(server, page, url, b'{"a": 1,\n "b": oops, "c": 3}', "application/json")
    expect(page.locator(".note.warn").first).to_contain_text("Line 2, column 7")
    expect(line(page, "$.a")).to_be_visible()
    expect(page.locator(".rest")).to_contain_text('oops, "c": 3}')


def test_a_form_is_a_table(server: RunningServer, url: str, page: Page, watch: Watch) -> None:
    body = b"a=1&a=2&empty=&bare&bad=%zz&payload=%7B%22zen%22%3A%5B1%5D%7D&%E2%80%8B=x"
    show(server, page, url, body, "application/x-www-form-urlencoded")
    names = page.locator("table.fields th[scope=row]")
    expect(names).to_have_text(["a", "a", "empty", "bare", "bad", "payload", "ZWSP"])
    expect(page.get_by_role("row", name="bare")).to_contain_text("without =")
    expect(page.get_by_role("row", name="bad")).to_contain_text("a % in it is no escape")
    expect(page.get_by_role("row", name="payload").locator(".key")).to_have_text('"zen": ')
    page.get_by_role("link", name="Query").click()
    expect(page.get_by_role("table", name="Form").locator("th[scope=row]")).to_have_count(7)


def test_parts_are_listed_and_downloaded(server: RunningServer, url: str, page: Page, watch: Watch) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="meta"\r\n\r\n{"k": [1]}\r\n'
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="../../<b>.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\x89PNG\x00\r\n--b--\r\n"
    )
    show(server, page, url, body, "multipart/form-data; boundary=b")
    expect(page.locator("table.parts th[scope=row]")).to_have_text(["meta", "f"])
    expect(page.get_by_role("row", name="meta").locator(".key")).to_have_text('"k": ')
    row = page.get_by_role("row", name="../../<b>.png")
    expect(row).to_contain_text("image/png, 5 B")
    with page.expect_download() as download:
        row.get_by_role("link", name="Download part 2").click()
    assert download.value.path().read_bytes() == b"\x89PNG\x00"
    assert "/" not in download.value.suggested_filename


def test_lines_and_events_are_entries(server: RunningServer, url: str, page: Page, watch: Watch) -> None:
    show(server, page, url, b'{"n": 1}\n\n{"n": 2}\n{bad\n' * 60, "application/x-ndjson")
    expect(page.locator("#live")).to_have_text("live")
    expect(page.locator("#window .record")).to_have_count(100)
    expect(page.get_by_role("region", name="Line 3", exact=True)).to_contain_text('"n": 2')
    page.locator("#window [data-more]").last.click()
    expect(page.locator("#window .record")).to_have_count(180)
    show(server, page, url, b'event: done\nid: 7\ndata: {"ok": true}\n\n: ping\n\n', "text/event-stream")
    expect(page.get_by_role("region", name="Event 1")).to_contain_text("done id 7")
    expect(page.locator("#window .record .boolean")).to_have_text("true")
    expect(page.get_by_role("region", name="Event 2")).to_contain_text(": ping")


def test_markup_is_indented_text(server: RunningServer, url: str, page: Page, watch: Watch) -> None:
    show(server, page, url, b"<?xml version='1.0'?><r><a x='1'><b>t</b></a><!--c--></r>", "application/xml")
    shown = page.locator(".captured").inner_text().splitlines()
    assert shown[1:5] == ["<r>", "  <a x='1'>", "    <b>t</b>", "  </a>"]


def test_pictures_and_pdf_are_downloads(server: RunningServer, url: str, page: Page, watch: Watch) -> None:
    show(server, page, url, b"<svg xmlns='http://www.w3.org/2000/svg' onload='pwned=1'/>", "image/svg+xml")
    assert page.locator("#detail img, #detail iframe, #detail object, #detail embed").count() == 0
    show(server, page, url, b"\x89PNG\r\n\x1a\n\x00\x00", "image/png")
    expect(page.get_by_text("Not shown here: download it")).to_be_visible()
    expect(page.locator("pre.hex")).to_contain_text("89 50 4e 47")
    expect(page.get_by_role("link", name="Copy body")).to_have_count(0)


def test_a_liar_header_is_told_and_the_other_view_offered(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    show(server, page, url, b'{"a": 1}', "application/x-www-form-urlencoded")
    expect(page.locator(".note.warn")).to_contain_text("this is JSON, found by looking")
    page.get_by_role("link", name="As a form").click()
    expect(page.locator("table.fields th[scope=row]")).to_have_text('{"a": 1}')
    page.get_by_role("link", name="As JSON").click()
    expect(line(page, "$.a")).to_be_visible()
