"""The page against strangers: captured content never runs, and other sites get nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserType, Page, expect
from support.browser import SECRET, Watch, callback_body, rows, signed_headers
from support.foreign import serving_files
from support.servers import RunningServer

SCRIPT = '<script>window.pwned=1</script><img src=x onerror="window.pwned=1">{{7*7}}</pre></code>'


def test_captured_markup_stays_text(server: RunningServer, url: str, page: Page, watch: Watch) -> None:
    path = f"/{SCRIPT.replace(' ', '%20')}?{SCRIPT.replace(' ', '%20')}"
    headers = [
        ("Content-Type", f"text/html; x={SCRIPT}"),
        ("X-Evil", SCRIPT),
        (SCRIPT.split(">")[0][1:], SCRIPT),
    ]
    headers += [("X-Blaxel-Signature", SCRIPT), ("X-Blaxel-Timestamp", SCRIPT)]
    server.send("POST", "/first", headers[:2], SCRIPT.encode())
    page.goto(url)
    expect(page.locator("#live")).to_have_text("live")
    server.send("POST", path, headers[:2] + headers[3:], SCRIPT.encode())
    expect(rows(page)).to_have_count(2)
    rows(page).first.click()
    for tab in ("Body", "Headers", "Verification"):
        page.locator("nav.tabs").get_by_role("link", name=tab).click()
        expect(page.locator("nav.tabs [aria-current]")).to_contain_text(tab)
        assert page.evaluate("window.pwned") is None
        assert page.locator("#main img, #main script").count() == 0
    page.reload()
    expect(page.locator("#detail-title")).to_contain_text("<script>window.pwned=1</script>")
    page.goto(f"{url}/deliveries/2?tab=body&view=raw")
    expect(page.locator(".captured")).to_have_text(SCRIPT)
    assert page.evaluate("window.pwned") is None


def test_what_does_not_show_is_named(server: RunningServer, url: str, page: Page, watch: Watch) -> None:
    server.send(
        "POST", "/a", [("Content-Type", "text/plain")], b"left\xe2\x80\x8bright \xe2\x80\xaeabc \xff \x00"
    )
    page.goto(f"{url}/deliveries/1?view=raw")
    expect(page.locator(".captured .sign")).to_have_text(["ZWSP", "RLO", "0xFF", "NUL"])
    expect(page.get_by_text("Bytes that are not utf-8 are marked")).to_be_visible()


def test_the_signed_bytes_show_what_breaks_a_signature(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    body = b'{"a": 1}'
    server.send("POST", "/", signed_headers(body), body + b"\n")
    page.goto(f"{url}/deliveries/1?tab=verification")
    expect(page.locator(".bytes .sign")).to_have_text("LF")
    expect(page.locator(".bytes .space")).to_have_count(1)
    expect(page.get_by_text("differs from character")).to_be_visible()
    shown = {kind: page.locator(f".digest.{kind}").inner_text() for kind in ("expected", "received")}
    boxed = {kind: page.locator(f".digest.{kind} b") for kind in shown}
    assert shown["expected"] != shown["received"]
    assert len(shown["expected"]) == len(shown["received"]) == 64
    for kind, box in boxed.items():
        expect(box).to_have_count(1)
        assert len(box.inner_text()) == 1, kind
    expect(page.get_by_text("rejects")).to_have_count(2)


def test_a_name_that_resolves_here_gets_no_byte_of_data(
    server: RunningServer, browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> None:
    body = callback_body()
    server.send("POST", "/agents/confidential", signed_headers(body), body)
    port = server.server.addresses.inspector_port
    arguments = [*browser_type_launch_args["args"], "--host-resolver-rules=MAP evil.test 127.0.0.1"]
    rebound = browser_type.launch(**{**browser_type_launch_args, "args": arguments})
    try:
        page = rebound.new_page()
        for path in ("/", "/deliveries/1", "/api/deliveries", "/api/stream", "/static/x/app.js", "/nowhere"):
            answer = page.goto(f"http://evil.test:{port}{path}")
            assert answer is not None
            assert answer.status == 421
            assert "confidential" not in answer.text()
    finally:
        rebound.close()


def test_another_localhost_port_may_link_here_but_neither_post_nor_read(
    server: RunningServer, url: str, page: Page, tmp_path: Path
) -> None:
    body = callback_body()
    server.send("POST", "/agents/confidential", signed_headers(body), body)
    root = server.store.endpoint("/")
    (tmp_path / "index.html").write_text(
        f"""<a href="{url}/deliveries/1">link</a>
        <form method="post" action="{url}/deliveries/1/delete"><button>delete</button></form>
        <form method="post" action="{url}/endpoints/{root.id}/reply"><input name="reply.status" value="500">
        <button>reply</button></form>"""
    )
    with serving_files(tmp_path) as other:
        for button in ("delete", "reply"):
            page.goto(other)
            with page.expect_response(lambda response: response.url.startswith(url)) as answered:
                page.get_by_role("button", name=button).click()
            assert answered.value.status == 403
            assert "confidential" not in page.content()
        page.goto(other)
        read = page.evaluate(
            """url => Promise.all(["/", "/api/deliveries", "/deliveries/1"].map(
                path => fetch(url + path, {credentials: "include"}).then(r => r.text(), () => "refused")))""",
            url,
        )
        assert read == ["refused"] * 3
        page.get_by_role("link", name="link").click()
        expect(page.locator("#detail-title")).to_have_text("POST /agents/confidential")
    assert server.store.count() == 1
    assert server.store.endpoint("/").reply.status == 200


def test_secrets_are_in_no_page(server: RunningServer, url: str, page: Page, watch: Watch) -> None:
    body = callback_body()
    for _ in range(2):
        server.send("POST", "/", signed_headers(body), body)
    root = server.store.endpoint("/").id
    for path in ("/", "/deliveries/1?tab=verification", "/endpoints", f"/endpoints/{root}"):
        page.goto(f"{url}{path}")
        assert SECRET not in page.content()
