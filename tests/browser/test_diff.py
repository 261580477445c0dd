"""Two deliveries compared: by marking, from the menu, by attempts; and what is told of the differences."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect
from support.browser import Watch
from support.servers import RunningServer

JSON = ("Content-Type", "application/json")
MINUS = "\u2212"


@pytest.fixture
def pair(server: RunningServer) -> tuple[int, int]:
    """Two deliveries that differ in times, in a value, in a key, in the query and in a credential."""

    def body(**fields: object) -> bytes:
        return json.dumps({"kept": [1, 2], "inner": json.dumps({"n": fields["n"]}), **fields}).encode()

    first = server.send(
        "POST", "/a?x=1&old=1", [JSON, ("Authorization", "Bearer first")], body(n=1, at=1735891200, gone=None)
    )
    second = server.send(
        "PUT", "/a?x=2", [JSON, ("Authorization", "Bearer second")], body(n=2, at=1735891260, new=True)
    )
    return server.delivery(first).id, server.delivery(second).id


def rows(page: Page, section: str) -> list[str]:
    """The rows of a section, each as one text."""
    found = page.get_by_role("table", name=section).locator("tbody tr")
    return [" ".join(text.split()) for text in found.all_inner_texts()]


def test_differences_stand_by_section_and_path(pair: tuple[int, int], url: str, plain_page: Page) -> None:
    before, after = pair
    page = plain_page
    page.goto(f"{url}/deliveries/{before}/diff/{after}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"between #{before} and #{after}")
    assert "method ≠ changed POST PUT" in rows(page, "Request")
    assert set(rows(page, "Query")) == {"x ≠ changed 1 2", f"old {MINUS} removed 1"}
    body = rows(page, "Body")
    assert "$.inner » $.n ≠ changed 1 2" in body
    assert "$.new + added true" in body
    assert f"$.gone {MINUS} removed null" in body
    assert any(row.startswith("$.at ≠ changed") for row in body)
    assert "authorization ≠ changed •••••••••••• ••••••••••••" in rows(page, "Headers")
    assert "Bearer" not in page.content()
    page.get_by_role("link", name="Without times").click()
    assert not any(row.startswith("$.at") for row in rows(page, "Body"))
    expect(page.get_by_text("left out.")).to_be_visible()
    page.get_by_role("link", name="Swap").click()
    assert f"$.new {MINUS} removed true" in rows(page, "Body")
    page.get_by_role("link", name=f"#{after}", exact=True).click()
    expect(page.locator("article")).to_have_attribute("data-id", str(after))


def test_the_menu_leads_there(
    server: RunningServer, pair: tuple[int, int], url: str, page: Page, watch: Watch
) -> None:
    before, after = pair
    page.goto(f"{url}/deliveries/{after}")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_role("link", name=f"With the one before (#{before})").click()
    page.wait_for_url(f"**/deliveries/{before}/diff/{after}")
    page.goto(f"{url}/deliveries/{before}")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_label("With #").fill(str(after))
    page.get_by_label("With #").press("Enter")
    page.wait_for_url(f"**/deliveries/{before}/diff/{after}")
    same = [server.delivery(server.send("POST", "/again", [], b"same")).id for _ in range(2)]
    page.goto(f"{url}/deliveries/{same[1]}")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_role("link", name=f"With attempt 1 (#{same[0]})").click()
    expect(page.get_by_role("heading", name="Nothing differs")).to_be_visible()
    expect(page.get_by_text("The bodies are the same, byte for byte.")).to_be_visible()


def test_other_texts_are_compared_by_line_and_bytes_by_offset(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    texts = [
        server.delivery(server.send("POST", "/", [("Content-Type", "text/plain")], body)).id
        for body in (b"one\ntwo\n<b>x</b>\n", b"one\n2\n<b>x</b>\n")
    ]
    page.goto(f"{url}/deliveries/{texts[0]}/diff/{texts[1]}")
    expect(page.locator(".diff pre del")).to_have_text(f"{MINUS} two")
    expect(page.locator(".diff pre ins")).to_have_text("+ 2")
    raw = [
        server.delivery(server.send("POST", "/", [], body)).id
        for body in (b"\x00" * 64, b"\x00" * 63 + b"\x01")
    ]
    page.goto(f"{url}/deliveries/{raw[0]}/diff/{raw[1]}")
    assert any(row.startswith("byte 63") for row in rows(page, "Body"))


def test_ids_that_are_none_are_refused(server: RunningServer, url: str, page: Page) -> None:
    server.send("POST", "/", [], b"x")
    for path, status in (
        ("/deliveries/1/diff/99", 404),
        ("/deliveries/1/diff/x", 404),
        ("/deliveries/1/diff?other=x", 400),
        ("/deliveries/1/diff", 400),
    ):
        assert server.ask("GET", path, [("Accept", "text/html")]).status == status, path
    assert server.ask("GET", "/deliveries/1/diff?other=latest").header("location") == "/deliveries/1/diff/1"
