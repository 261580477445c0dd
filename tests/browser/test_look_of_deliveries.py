"""Every state of one delivery, and of two compared, light and dark, at every width: axe and a picture."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import SECRET, Watch, axe_violations, screenshot, signed_headers
from support.servers import RunningServer

SIZES = {"wide": (1360, 860), "half": (960, 860), "narrow": (390, 844), "tiny": (320, 700)}
LOOKS = [
    ("wide", "light"),
    ("half", "dark"),
    ("narrow", "dark"),
    ("tiny", "light"),
]

QUERY = "mode=test&mode=again&access_token=abc&q=%25zz&x=a%00b%E2%80%8Bc&data=%7B%22a%22%3A%5B1%2C2%5D%7D"
INNER = {
    "ticket": "T-48213",
    "decision": "refund",
    "order_id": 90071992547409931,
    "placed_at": 1795512000,
    "fee": 1.0,
    "steps": ["lookup_order", "check_policy", "issue_refund"],
    "reply": "Erledigt, Zoë: 49,90 € sind unterwegs.",
}
HANDSHAKE = (
    b'{"Type": "SubscriptionConfirmation", "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/'
    b'?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-1:123456789012:Topic&Token=%s"}' % (b"4f" * 60)
)
PARTS = (
    b'--b\r\nContent-Disposition: form-data; name="meta"\r\n\r\n{"k": [1]}\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="scan.png"\r\n'
    b"Content-Type: image/png\r\n\r\n\x89PNG\x00\r\n--b--\r\n"
)
BODIES = {
    "broken": ("application/json", b'{"a": 1, "a": 2,\n "b": oops, "c": "left\xe2\x80\x8bright"}'),
    "large": ("application/json", json.dumps({"items": list(range(600))}).encode()),
    "form": ("application/x-www-form-urlencoded", b"a=1&a=2&bare&bad=%zz&payload=%7B%22zen%22%3A%5B1%5D%7D"),
    "parts": ("multipart/form-data; boundary=b", PARTS),
    "lines": ("application/x-ndjson", b'{"n": 1}\n{"n": [1, 2]}\n{bad\n'),
    "events": ("text/event-stream", b'event: done\nid: 7\ndata: {"ok": true}\n\n: ping\n\n'),
    "markup": ("application/xml", b"<?xml version='1.0'?><r><a x='1'><b>text</b></a><!-- c --></r>"),
    "text": ("text/plain", b"line\n" * 4_000),
    "file": ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(64)),
    "empty": ("text/plain", b""),
}


@pytest.fixture(params=LOOKS, ids="-".join)
def look(request: pytest.FixtureRequest) -> tuple[str, str]:
    look: tuple[str, str] = request.param
    return look


@pytest.fixture
def page(browser: Browser, look: tuple[str, str]) -> Iterator[Page]:
    width, height = SIZES[look[0]]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if look[1] == "dark" else "light",
        reduced_motion="reduce",
    )
    watch = Watch(context)
    yield context.new_page()
    watch.assert_silent()
    context.close()


def examine(page: Page, state: str, look: tuple[str, str]) -> None:
    expect(page.locator("#live")).to_have_text("live")
    screenshot(page, f"{state}-{'-'.join(look)}")
    assert axe_violations(page) == [], state
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), state


def refund() -> bytes:
    """A callback of the day, whose body tells of another one."""
    inner = json.dumps(INNER, ensure_ascii=False)
    fields = {
        "status_code": 200,
        "response_body": inner,
        "response_length": len(inner.encode()),
        "timestamp": int(time.time()) - 1,
    }
    return json.dumps(fields, ensure_ascii=False).encode()


@pytest.fixture
def told(server: RunningServer) -> RunningServer:
    """A server with three invalid attempts (1 to 3), a valid delivery with a note (4), a handshake (5)."""
    server.client.send("POST", "/api/endpoints", {"path": "/agents", "scheme": "blaxel", "secret": SECRET})
    body = refund()
    for _ in range(3):
        server.send("POST", "/agents/hello", signed_headers(body), body + b"\n")
    credentials = [("Authorization", "Basic dXNlcjpwYXNz"), ("Cookie", "session=abc"), ("X-Odd", "a\xa0b")]
    server.send("POST", f"/agents/refund-bot?{QUERY}", [*signed_headers(body), *credentials], body)
    server.client.send(
        "PATCH", "/api/deliveries/4", {"note": "This one came twice: ask the vendor.", "pinned": True}
    )
    server.send("POST", "/sns", [("Content-Type", "text/plain")], HANDSHAKE)
    return server


def test_tabs(told: RunningServer, url: str, page: Page, look: tuple[str, str]) -> None:
    for tab in ("body", "headers", "query", "verification", "reply"):
        page.goto(f"{url}/deliveries/4?tab={tab}")
        examine(page, f"delivery-{tab}", look)
    page.goto(f"{url}/deliveries/4?string=$.response_body")
    examine(page, "delivery-string", look)
    page.goto(f"{url}/deliveries/4?tab=headers&view=lines&reveal=all")
    examine(page, "delivery-header-lines", look)
    page.goto(f"{url}/deliveries/3?tab=verification")
    page.get_by_label("Secret to try").fill("not this one")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".outcome")).to_be_visible()
    examine(page, "delivery-secret-tried", look)
    page.locator(".causes summary").first.click()
    page.get_by_role("button", name="Guess the scheme").click()
    expect(page.locator(".outcome")).to_contain_text("No header of this delivery")
    examine(page, "delivery-guessed", look)
    page.goto(f"{url}/deliveries/5?tab=verification")
    examine(page, "delivery-handshake", look)
    page.goto(f"{url}/deliveries/4?view=raw")
    examine(page, "delivery-raw", look)
    page.goto(f"{url}/deliveries/4?view=hex")
    examine(page, "delivery-hex", look)


def test_panels(told: RunningServer, url: str, page: Page, look: tuple[str, str]) -> None:
    wide = look[0] == "wide"
    page.goto(f"{url}/deliveries/4")
    page.locator("#copy-open").click()
    examine(page, "panel-copy", look)
    page.keyboard.press("Escape")
    if not wide:
        page.get_by_role("button", name="More").click()
        examine(page, "panel-more", look)
    page.locator("#note-open").click()
    examine(page, "panel-note", look)
    page.goto(f"{url}/deliveries/3")
    if not wide:
        page.get_by_role("button", name="More").click()
    page.locator("#compare-open").click()
    examine(page, "panel-compare", look)
    page.goto(f"{url}/deliveries/3")
    if not wide:
        page.get_by_role("button", name="More").click()
    page.locator("#delete-open").click()
    examine(page, "panel-delete", look)


def test_bodies(server: RunningServer, url: str, page: Page, look: tuple[str, str]) -> None:
    for name, (content_type, body) in BODIES.items():
        number = server.delivery(server.send("POST", f"/{name}", [("Content-Type", content_type)], body)).id
        page.goto(f"{url}/deliveries/{number}")
        examine(page, f"body-{name}", look)


def test_two_deliveries(told: RunningServer, url: str, page: Page, look: tuple[str, str]) -> None:
    page.goto(f"{url}/deliveries/3/diff/4")
    examine(page, "diff", look)
    page.goto(f"{url}/deliveries/1/diff/2")
    examine(page, "diff-same", look)
    texts = [told.delivery(told.send("POST", "/t", [], body)).id for body in (b"one\ntwo\n", b"one\n2\n")]
    page.goto(f"{url}/deliveries/{texts[0]}/diff/{texts[1]}")
    examine(page, "diff-text", look)
