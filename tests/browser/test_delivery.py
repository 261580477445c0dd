"""What one does with a delivery: tabs, filters by click, notes, pins, a secret to try, the ways to others."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from support.browser import SECRET, Watch, callback_body, signed_headers
from support.raw_http import Connection, request_bytes
from support.servers import RunningServer
from support.waiting import until

TARGET = "/agents/hello?mode=test&mode=again&access_token=sesame&empty="


def send(server: RunningServer, target: str = TARGET, body: bytes = b"", number: int = 0) -> int:
    body = body or callback_body(number)
    headers = [*signed_headers(callback_body(number)), ("X-Kind", "a b"), ("Authorization", "Bearer open")]
    return server.delivery(server.send("POST", target, headers, body)).id


@pytest.fixture(params=["with scripts", "without scripts"])
def any_page(request: pytest.FixtureRequest) -> Page:
    """A page whose browser runs scripts, and one whose does not."""
    named: Page = request.getfixturevalue("page" if request.param == "with scripts" else "plain_page")
    return named


def test_every_tab_is_a_link_that_comes_back(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    send(server)
    page.goto(f"{url}/deliveries/latest")
    seen = {
        "Body": '"status_code"',
        "Headers": "X-Blaxel-Signature",
        "Query": "4 parameters in the query",
        "Verification": "Valid: signed with CALLBACK_SECRET",
        "Reply": "The sender was still there",
    }
    tabs = page.get_by_role("navigation", name="Views of this delivery")
    for name, text in seen.items():
        tabs.get_by_role("link", name=name).click()
        expect(page.locator("#detail")).to_contain_text(text)
        assert f"tab={name.lower()}" in page.url
    page.go_back()
    expect(page.locator("#detail")).to_contain_text(seen["Verification"])
    page.go_forward()
    expect(page.locator("#detail")).to_contain_text(seen["Reply"])
    page.reload()
    expect(page.locator(".tabs [aria-current]")).to_contain_text("Reply")


def test_values_filter_the_list_for_them_and_against_them(
    server: RunningServer, url: str, any_page: Page, watch: Watch
) -> None:
    number = send(server)
    any_page.goto(f"{url}/deliveries/{number}?tab=headers")
    row = any_page.get_by_role("row", name="X-Kind")
    row.hover()
    row.get_by_role("link", name="Filter for X-Kind").click()
    expect(any_page.locator("#q")).to_have_value('header.X-Kind:"a b"')
    expect(any_page.locator("article")).to_have_attribute("data-id", str(number))
    any_page.goto(f"{url}/deliveries/{number}?tab=query&q=status:valid")
    row = any_page.get_by_role("row", name="mode test")
    row.hover()
    row.get_by_role("link", name="Filter out mode").click()
    expect(any_page.locator("#q")).to_have_value("status:valid -query.mode:test")


def test_credentials_in_a_query_are_masked_until_revealed(
    server: RunningServer, url: str, any_page: Page, watch: Watch
) -> None:
    any_page.goto(f"{url}/deliveries/{send(server)}?tab=query")
    row = any_page.get_by_role("row", name="access_token")
    expect(row).to_contain_text("••••")
    assert "sesame" not in row.inner_html()
    row.get_by_role("link", name="Reveal access_token").click()
    expect(any_page.get_by_role("row", name="access_token")).to_contain_text("sesame")
    expect(any_page.get_by_role("row", name="mode again")).to_contain_text("repeated")
    any_page.goto(f"{url}/deliveries/1?tab=headers&view=lines")
    expect(any_page.locator(".captured")).to_contain_text("access_token=[masked]")
    any_page.get_by_role("link", name="Reveal all").click()
    expect(any_page.locator(".captured")).to_contain_text("access_token=sesame")
    expect(any_page.locator(".captured")).to_contain_text("Bearer open")


def test_a_note_is_kept_on_the_server(server: RunningServer, url: str, any_page: Page, watch: Watch) -> None:
    number = send(server)
    any_page.goto(f"{url}/deliveries/{number}?tab=reply")
    any_page.get_by_role("button", name="Add a note").click()
    any_page.get_by_label(f"Note on #{number}").fill("twice?\n<b>ask</b> \u202ethem")
    any_page.get_by_role("button", name="Save note").click()
    expect(any_page.locator(".remark")).to_contain_text("twice? <b>ask</b> RLOthem")
    assert server.store.delivery(number).note == "twice?\n<b>ask</b> \u202ethem"
    expect(any_page.locator(".tabs [aria-current]")).to_contain_text("Reply")
    any_page.get_by_role("button", name="Edit note").click()
    any_page.get_by_label(f"Note on #{number}").fill("never mind")
    any_page.get_by_role("button", name="Cancel").click()
    expect(any_page.get_by_label(f"Note on #{number}")).to_be_hidden()
    assert "twice" in server.store.delivery(number).note
    any_page.get_by_role("button", name="Edit note").click()
    any_page.get_by_label(f"Note on #{number}").fill("")
    any_page.get_by_role("button", name="Save note").click()
    expect(any_page.locator(".remark")).to_have_count(0)
    assert server.store.delivery(number).note == ""


def test_a_note_in_the_making_survives_what_happens_to_its_delivery(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    number = send(server)
    page.goto(f"{url}/deliveries/{number}")
    expect(page.locator("#live")).to_have_text("live")
    page.get_by_role("button", name="Add a note").click()
    expect(page.get_by_label(f"Note on #{number}")).to_be_focused()
    page.get_by_label(f"Note on #{number}").fill("half a sen")
    server.client.send("PATCH", f"/api/deliveries/{number}", {"pinned": True})
    expect(page.locator(".row.pinned")).to_have_count(1)
    expect(page.get_by_label(f"Note on #{number}")).to_have_value("half a sen")


def test_pinning_and_letting_go(server: RunningServer, url: str, any_page: Page, watch: Watch) -> None:
    number = send(server)
    any_page.goto(f"{url}/deliveries/{number}?tab=headers")
    any_page.get_by_role("button", name="Pin").click()
    expect(any_page.get_by_role("button", name="Unpin")).to_have_attribute("aria-pressed", "true")
    until(lambda: server.store.delivery(number).pinned, what="the pin")
    expect(any_page.locator(".row.pinned")).to_have_count(1)
    expect(any_page.locator(".tabs [aria-current]")).to_contain_text("Headers")
    any_page.get_by_role("button", name="Unpin").click()
    expect(any_page.get_by_role("button", name="Pin", exact=True)).to_have_attribute("aria-pressed", "false")
    assert not server.store.delivery(number).pinned


def test_in_half_a_window_the_rarer_acts_fold_away(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    number = send(server)
    page.set_viewport_size({"width": 900, "height": 700})
    page.goto(f"{url}/deliveries/{number}")
    expect(page.locator("#live")).to_have_text("live")
    expect(page.locator("#pin-toggle")).to_be_hidden()
    page.get_by_role("button", name="More").click()
    expect(page.locator("#pin-toggle")).to_have_text("Pin")
    page.get_by_role("button", name="Add a note").click()
    page.get_by_label(f"Note on #{number}").fill("from the menu")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".remark")).to_contain_text("from the menu")
    expect(page.locator("#acts")).to_be_hidden()


def test_a_secret_is_tried_and_stored_nowhere(
    server: RunningServer, url: str, any_page: Page, watch: Watch
) -> None:
    number = send(server, body=callback_body() + b"\n")
    for tried, said in (
        ("not-this-one", "This secret does not give the digest that came."),
        (SECRET, "This secret does not give the digest that came."),
    ):
        any_page.goto(f"{url}/deliveries/{number}?tab=verification")
        any_page.get_by_label("Secret to try").fill(tried)
        any_page.get_by_role("button", name="Check").click()
        expect(any_page.locator(".outcome")).to_contain_text(said)
        assert tried not in any_page.content()
    whole = send(server)
    any_page.goto(f"{url}/deliveries/{whole}?tab=verification")
    any_page.get_by_label("Secret to try").fill(SECRET)
    any_page.get_by_label("Scheme").select_option("blaxel")
    any_page.get_by_role("button", name="Check").click()
    expect(any_page.locator(".outcome")).to_contain_text("This secret gives the digest that came.")
    expect(any_page.get_by_label("Secret to try")).to_have_value("")
    assert any_page.get_by_label("Scheme").input_value() == "blaxel"
    assert [secret.name for secret in server.store.secrets.infos("root")] == ["CALLBACK_SECRET"]


def test_a_secret_that_a_scheme_cannot_use_is_said_to_be_so(
    server: RunningServer, url: str, any_page: Page, watch: Watch
) -> None:
    any_page.goto(f"{url}/deliveries/{send(server)}?tab=verification")
    any_page.get_by_label("Secret to try").fill("no base64!")
    any_page.get_by_label("Scheme").select_option("standard-webhooks")
    any_page.get_by_role("button", name="Check").click()
    expect(any_page.locator(".outcome")).not_to_contain_text("gives the digest")
    assert "no base64!" not in any_page.content()


def test_attempts_of_one_message_lead_to_each_other(
    server: RunningServer, url: str, any_page: Page, watch: Watch
) -> None:
    first, second, third = (send(server) for _ in range(3))
    any_page.goto(f"{url}/deliveries/{second}")
    facts = any_page.locator(".facts")
    expect(facts).to_contain_text("attempt 2 of 3: 1 3")
    facts.get_by_role("link", name="3").click()
    expect(any_page.locator("article")).to_have_attribute("data-id", str(third))
    any_page.locator(".facts").get_by_role("link", name="1").click()
    expect(any_page.locator("article")).to_have_attribute("data-id", str(first))
    any_page.get_by_role("link", name="Newer delivery").click()
    expect(any_page.locator("article")).to_have_attribute("data-id", str(second))
    any_page.get_by_role("link", name="Older delivery").click()
    expect(any_page.locator("article")).to_have_attribute("data-id", str(first))
    expect(any_page.get_by_role("link", name="Older delivery")).to_be_disabled()


def test_the_reply_is_told_with_whether_anybody_got_it(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    root = server.store.endpoint("/")
    reply = {"status": 202, "headers": [["X-One", "1"]], "body": "thank you\n", "delay_seconds": 0.2}
    server.client.send("PATCH", f"/api/endpoints/{root.id}", {"reply": reply})
    number = send(server)
    page.goto(f"{url}/deliveries/{number}?tab=reply")
    expect(page.locator(".captured")).to_contain_text(f"X-Callback-Delivery: {number}")
    lines = page.locator(".captured").inner_text().splitlines()
    assert lines[0] == "HTTP/1.1 202 Accepted"
    assert "X-One: 1" in lines
    assert lines[-1] == "thank you"
    expect(page.locator(".evidence")).to_contain_text(re.compile(r"2\d\d ms after the request.s head"))
    patient = {"reply": {"status": 202, "delay_seconds": 2}}
    server.client.send("PATCH", f"/api/endpoints/{root.id}", patient)
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes("POST", "/", [], b"hello"))
        until(lambda: server.store.count() == 2, what="the delivery")
        page.goto(f"{url}/deliveries/latest?tab=reply")
        expect(page.get_by_role("heading", name="The sender is still waiting")).to_be_visible()
        expect(page.locator("#live")).to_have_text("live")
    expect(
        page.get_by_role("heading", name="The sender was gone before it could be answered")
    ).to_be_visible()


def test_a_rejected_delivery_says_why_its_reply_is_not_the_endpoints(
    server: RunningServer, url: str, page: Page, watch: Watch
) -> None:
    root = server.store.endpoint("/")
    server.client.send("PATCH", f"/api/endpoints/{root.id}", {"reject_invalid": True})
    page.goto(f"{url}/deliveries/{send(server, body=b'changed')}?tab=reply")
    expect(page.get_by_text("The endpoint rejects deliveries that are not valid.")).to_be_visible()
    expect(page.locator(".captured")).to_contain_text('{"error": "Invalid signature"}')
