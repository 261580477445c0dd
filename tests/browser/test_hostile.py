"""Bodies, headers, paths and file names made by strangers: shown as text, never run, loaded or followed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect
from playwright.sync_api import Request as Sent
from support.browser import Watch
from support.requests import case_body
from support.servers import RunningServer

from inspector.content.visible import pieces

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "content-cases.jsonl").read_text("utf-8").splitlines()
]
KINDS = ("json-view", "text-encoding", "form-multipart", "compression", "payload-shape", "page-safety")
VIEWS = (
    "",
    "?view=raw",
    "?view=hex",
    "?tab=headers",
    "?tab=headers&view=lines",
    "?tab=query",
    "?tab=verification",
)

MARKUP = '</pre></textarea></title><script>window.__pwned=1</script><img src=x onerror="window.__pwned=1">'
LINKS = "javascript:window.__pwned=1 data:text/html,<script>window.__pwned=1</script> //evil.test/x"
HIDDEN = "a\u202ereversed\u2066\u200bzero\ufeff\u00ad\u2028end"
TEMPLATE = "{{7*7}} {% include '/etc/passwd' %} ${7*7} #{7*7} <%= 7*7 %>"
ANSI = "\x1b[2J\x1b]0;title\x07\x1b[31mred\x08\x7f"
FORMULA = '=cmd|"/c calc"!A1'
HOSTILE = " ".join((MARKUP, LINKS, HIDDEN, TEMPLATE, ANSI, FORMULA))


@pytest.fixture
def strangers(context: BrowserContext, url: str) -> Iterator[list[str]]:
    """Every dialog that opened, and every request that went anywhere but to our own assets and pages."""
    found: list[str] = []

    def dialog(opened: Dialog) -> None:
        found.append(f"dialog {opened.message}")
        opened.dismiss()

    def request(sent: Sent) -> None:
        if not sent.url.startswith((f"{url}/", "data:image/svg+xml")) or "evil" in sent.url:
            found.append(sent.url)

    context.on("dialog", dialog)
    context.on("request", request)
    yield found
    assert found == []


def look(page: Page, url: str, number: int, views: tuple[str, ...] = VIEWS) -> None:
    """Opens every view of a delivery: none of them runs what is in it."""
    for view in views:
        page.goto(f"{url}/deliveries/{number}{view}")
        expect(page.locator("#live")).to_have_text("live")
        assert page.evaluate("window.__pwned") is None, view
        unwanted = "#detail :is(img, script, iframe, object, embed, style, base, meta, link, svg:not(.icon))"
        assert page.locator(unwanted).count() == 0, view
        leading = page.locator("#detail a[href]").evaluate_all("links => links.map(link => link.protocol)")
        assert set(leading) == {"http:"}, view


def bodies() -> dict[str, tuple[str, bytes]]:
    """Hostile text in every kind of body."""
    text = json.dumps(HOSTILE)
    nested = json.dumps({HOSTILE: [HOSTILE, json.dumps({"inner": HOSTILE})]})
    parts = (
        '--b\r\nContent-Disposition: form-data; name="<b onclick=window.__pwned=1>"; '
        f'filename="../../<script>window.__pwned=1</script>\u202egpj.exe"\r\n\r\n{HOSTILE}\r\n--b--\r\n'
    )
    return {
        "json": ("application/json", nested.encode()),
        "ascii json": ("application/json", text.encode()),
        "broken json": ("application/json", b'{"a": ' + HOSTILE.encode()),
        "text": ("text/plain", HOSTILE.encode()),
        "html": ("text/html", HOSTILE.encode()),
        "xml": ("application/xml", f"<a x='{FORMULA}'>{HOSTILE}</a>".encode()),
        "svg": ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.__pwned=1'/>"),
        "form": ("application/x-www-form-urlencoded", f"<b>={HOSTILE}&{HOSTILE}=1".encode()),
        "multipart": ("multipart/form-data; boundary=b", parts.encode()),
        "lines": ("application/x-ndjson", f"{text}\n{HOSTILE}\n".encode()),
        "events": (
            "text/event-stream",
            f"event: {MARKUP}\nid: {MARKUP}\ndata: {MARKUP}\n: {MARKUP}\n\n".encode(),
        ),
        "long lines": ("text/plain", (MARKUP + "x" * 10_000 + "\n").encode() * 5),
    }


@pytest.mark.parametrize("kind", bodies())
def test_a_hostile_body_is_text(
    server: RunningServer, url: str, page: Page, watch: Watch, strangers: list[str], kind: str
) -> None:
    content_type, body = bodies()[kind]
    headers = [("Content-Type", content_type), ("X-Evil", MARKUP), ("User-Agent", f"{LINKS} {TEMPLATE}")]
    target = f"/{MARKUP}?{MARKUP}=%3Cscript%3E&x={FORMULA}".replace(" ", "%20")
    number = server.delivery(server.send("POST", target, headers, body)).id
    server.client.send("PATCH", f"/api/deliveries/{number}", {"note": MARKUP + HIDDEN})
    look(page, url, number, VIEWS if kind == "json" else ("", "?view=raw", "?tab=query"))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.goto(f"{url}/deliveries/{number}?view=raw")
    if TEMPLATE.encode() in body:
        expect(page.locator(".captured")).to_contain_text(TEMPLATE)


def test_what_is_hidden_is_named_and_turns_nothing_around(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    body = json.dumps({"hidden": HIDDEN, "after": "seen"}, ensure_ascii=False).encode()
    server.send("POST", "/", [("Content-Type", "application/json")], body)
    page.goto(f"{url}/deliveries/1")
    marks = ["RLO", "LRI", "ZWSP", "BOM", "SHY", "LS"]
    expect(page.locator(".tree .sign")).to_have_text(marks)
    assert "\u202e" not in page.locator("#detail").inner_text()
    page.goto(f"{url}/deliveries/1?view=raw")
    expect(page.locator(".captured .sign")).to_have_text(marks)
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("kind", KINDS)
def test_recorded_cases_on_the_page(
    server: RunningServer, url: str, page: Page, watch: Watch, strangers: list[str], kind: str
) -> None:
    for case in (case for case in CASES if case["kind"] == kind):
        for one in (case["request"], *case.get("more_requests", [])):
            number = deliver(server, one)
            look(page, url, number, ("", "?view=raw", "?tab=headers"))
        if not case.get("more_requests"):
            page.goto(f"{url}/deliveries/{number}")
            for place, expected in case.get("expect_json_path", ()):
                assert_shown(page, place, expected)
            for name, value in case.get("expect_form", ()):
                row = page.locator(
                    "table.fields tr", has=page.get_by_role("rowheader", name=name, exact=True)
                )
                if value[:1] != "{":  # JSON in a field is opened
                    assert value.split(" ")[0] in " ".join(row.all_inner_texts()), case["id"]
        for never in case.get("expect_never", ()):
            assert never not in page.content()
            assert (
                Path("/etc/hostname").read_text().strip()
                not in page.locator("#detail .captured").inner_text()
            )


def deliver(server: RunningServer, one: dict[str, Any]) -> int:
    """Sends a recorded request; the delivery's id."""
    headers = [(name, value.encode("utf-8").decode("latin-1")) for name, value in one["headers"]]
    path = one["path"].replace("{hook}", "/hook")
    return server.delivery(server.send(one["method"], path, headers, case_body(one))).id


def assert_shown(page: Page, place: str, expected: Any) -> None:
    """The tree shows the value at *place* as it was sent, but for what does not show."""
    copies = f"[data-copy={json.dumps(place, ensure_ascii=False)}]"
    line = page.locator(f".tree .line:has(> {copies}), .tree summary:has(+ div > {copies})").first
    shown = line.locator(".string, .number, .boolean, .null").first.evaluate(WITHOUT_MARKS)
    if isinstance(expected, dict):
        assert shown == expected["source_text"], place
    else:
        visible = expected
        if isinstance(expected, str):
            visible = "".join(piece.text for piece in pieces(expected) if not piece.name or piece.text < " ")
        assert json.loads(shown) == visible, place


WITHOUT_MARKS = """value => {
    const copy = value.cloneNode(true);
    copy.querySelectorAll(".sign").forEach(sign => sign.remove());
    return copy.textContent;
}"""
