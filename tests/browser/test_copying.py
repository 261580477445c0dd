"""The copy menu: every entry is on the clipboard as the server made it, and what it says can be done."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from support.browser import Watch, callback_body, pasted, signed_headers
from support.servers import RunningServer

from inspector.models import Delivery

ODD = 'It\'s "quoted", $HOME `id` \\n !! {{x}} Zoë \u200b\r\n\ttab\n'.encode()
FETCHED = {
    "curl": "curl",
    "httpie": "HTTPie",
    "python": "Python",
    "http": "Raw HTTP",
    "har": "HAR",
    "pytest": "pytest",
}


@pytest.fixture(autouse=True)
def clipboard(context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])


def send(
    server: RunningServer, body: bytes, *headers: tuple[str, str], target: str = "/agents/x?a=%20b"
) -> Delivery:
    return server.delivery(server.send("POST", target, [("Content-Type", "text/plain"), *headers], body))


def copied(page: Page, name: str) -> str:
    page.get_by_role("button", name="Copy", exact=True).last.click()
    menu = page.locator("#copy-menu")
    menu.locator(f"#copy-{name}").click()
    text = pasted(page)
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    return text


def test_every_entry_is_copied(server: RunningServer, url: str, page: Page, watch: Watch) -> None:
    body = callback_body()
    number = server.delivery(server.send("POST", "/agents/x", signed_headers(body), body)).id
    page.goto(f"{url}/deliveries/{number}?tab=headers")
    expect(page.locator("#live")).to_have_text("live")
    assert copied(page, "url") == server.server.addresses.callback_url
    assert copied(page, "link") == f"{server.server.addresses.inspector_url}deliveries/{number}"
    assert copied(page, "body") == body.decode()
    for form in FETCHED:
        exported = server.ask("GET", f"/api/deliveries/{number}/export/{form}").body.decode()
        assert copied(page, form) == exported, form
    assert json.loads(copied(page, "har"))["log"]["version"] == "1.2"


def test_the_copied_curl_sends_the_same_bytes(
    server: RunningServer, url: str, page: Page, watch: Watch, tmp_path: Path
) -> None:
    bodies = [ODD, b"\x00\xff\x00binary", b"x" * 40_000 + b"'", b"@/etc/passwd", b"-d "]
    for body in bodies:
        sent = send(server, body, ("X-Quote", 'it\'s "so"'), ("X-Empty", ""))
        page.goto(f"{url}/deliveries/{sent.id}")
        expect(page.locator("#live")).to_have_text("live")
        script = copied(page, "curl")
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, cwd=tmp_path, timeout=20, check=True
        )
        again = server.store.latest()
        assert again.id == sent.id + 1, done
        assert again.request.body == body
        assert again.request.target == sent.request.target
        assert _own(again) == _own(sent)


def _own(delivery: Delivery) -> list[tuple[bytes, bytes]]:
    framing = (b"host", b"content-length")
    return sorted(pair for pair in delivery.request.headers if pair[0].lower() not in framing)


def test_what_is_masked_is_said_and_read_from_a_variable(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    sent = send(server, b"x", ("Authorization", "Bearer sesame"), target="/?token=open")
    page.goto(f"{url}/deliveries/{sent.id}")
    script = copied(page, "curl")
    assert "sesame" not in script
    assert "token=open" not in script
    assert "$AUTHORIZATION" in script or "${AUTHORIZATION" in script
    page.get_by_role("button", name="Copy", exact=True).last.click()
    expect(page.locator("#copy-menu")).to_contain_text("Masked: token, Authorization are left out")


def test_the_body_is_copied_as_text_whatever_it_was_sent_as(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    sent = server.delivery(
        server.send("POST", "/", [("Content-Type", "text/plain; charset=utf-16")], "Zoë\n".encode("utf-16"))
    )
    page.goto(f"{url}/deliveries/{sent.id}")
    page.get_by_role("link", name="Copy body").click()
    assert pasted(page) == "Zoë\n"


def test_a_body_that_is_no_text_is_not_offered_as_such(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    sent = send(server, b"\xff\xfe\xfd")
    page.goto(f"{url}/deliveries/{sent.id}")
    expect(page.locator("#copy-curl")).to_have_count(1)
    expect(page.locator("#copy-body")).to_have_count(0)
    assert server.ask("GET", f"/deliveries/{sent.id}/text").status == 404


def test_without_scripts_and_without_a_clipboard_they_are_downloads(
    server: RunningServer, url: str, page: Page, plain_page: Page, watch: Watch
) -> None:
    sent = send(server, ODD)
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    for shown in (plain_page, page):
        shown.goto(f"{url}/deliveries/{sent.id}")
        shown.get_by_role("button", name="Copy", exact=True).last.click()
        with shown.expect_download() as download:
            shown.locator("#copy-curl").click()
        assert download.value.suggested_filename == f"delivery-{sent.id}.sh"
        assert download.value.path().read_bytes().startswith(b"curl ")


def test_single_headers_and_all_of_them(server: RunningServer, url: str, page: Page, watch: Watch) -> None:
    sent = send(server, b"x", ("X-Odd", "a\xa0b"), ("x-odd", "second"), ("Cookie", "session=abc"))
    page.goto(f"{url}/deliveries/{sent.id}?tab=headers")
    row = page.get_by_role("row", name="x-odd second")
    row.hover()
    row.get_by_role("button", name="Copy").click()
    assert pasted(page) == "second"
    row = page.get_by_role("row", name="X-Odd aNBSPb")
    row.hover()
    row.get_by_role("button", name="Copy").click()
    assert pasted(page) == "a\xa0b"
    page.get_by_role("button", name="Copy all").click()
    lines = pasted(page).splitlines()
    assert lines[0].startswith("Host: ")
    assert "x-odd: second" in lines
    assert "Cookie: ••••••••••••" in lines
