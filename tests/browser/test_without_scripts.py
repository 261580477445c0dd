"""The page with scripts off: everything by links and form posts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from support.browser import callback_body, row_ids, rows, signed_headers
from support.servers import RunningServer


@pytest.fixture
def page(plain_page: Page) -> Page:
    return plain_page


def send(server: RunningServer, target: str = "/agents/hello", number: int = 0) -> int:
    body = callback_body(number)
    reply = server.send("POST", target, [*signed_headers(body), ("Authorization", "Bearer sesame")], body)
    return int(reply.header("x-callback-delivery") or 0)


def test_list_detail_and_tabs(server: RunningServer, url: str, page: Page) -> None:
    newest = [send(server, number=number) for number in range(3)][-1]
    page.goto(url)
    assert row_ids(page) == [3, 2, 1]
    expect(rows(page).first.locator(".word")).to_have_text("valid")
    expect(page.get_by_role("button", name="Pause")).to_be_hidden()
    rows(page).first.get_by_role("link").click()
    expect(page.locator("#detail-title")).to_have_text("POST /agents/hello")
    expect(page.locator(".tree")).to_contain_text('"status_code": 200')
    page.get_by_role("link", name="Raw").click()
    expect(page.locator(".captured")).to_contain_text(callback_body(2).decode())
    page.get_by_role("link", name="Hex").click()
    expect(page.locator(".hex")).to_contain_text("7b 22 73 74 61 74 75 73")
    page.get_by_role("link", name="Verification", exact=False).first.click()
    expect(page.locator(".digest.expected")).to_have_count(1)
    expect(page.get_by_text("accepts")).to_have_count(2)
    page.get_by_role("link", name="Older delivery").click()
    expect(page.locator("article")).to_have_attribute("data-id", str(newest - 1))
    expect(page.get_by_role("heading", name="Valid: signed with CALLBACK_SECRET")).to_be_visible()
    page.goto(f"{url}/deliveries/latest")
    assert page.url == f"{url}/deliveries/{newest}"


def test_credentials_are_not_even_in_the_page_until_revealed(
    server: RunningServer, url: str, page: Page
) -> None:
    page.goto(f"{url}/deliveries/{send(server)}?tab=headers")
    expect(page.get_by_role("row", name="Authorization")).to_contain_text("Bearer ••••••••••••")
    assert "sesame" not in page.content()
    page.get_by_role("link", name="Reveal Authorization").click()
    expect(page.get_by_role("row", name="Authorization")).to_contain_text("Bearer sesame")


def test_older_and_newest(server: RunningServer, url: str, page: Page) -> None:
    for number in range(103):
        send(server, number=number)
    page.goto(url)
    assert row_ids(page) == list(range(103, 3, -1))
    page.get_by_role("link", name="Older", exact=True).click()
    assert row_ids(page) == [3, 2, 1]
    page.get_by_role("link", name="Newest").click()
    assert row_ids(page)[0] == 103


def test_deleting_a_delivery_asks_and_goes_on_to_the_next(
    server: RunningServer, url: str, page: Page
) -> None:
    first, second = send(server), send(server, number=1)
    page.goto(f"{url}/deliveries/{second}")
    page.get_by_role("button", name="Delete this delivery").click()
    dialog = page.get_by_role("dialog", name=f"Delete #{second}?")
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_be_hidden()
    assert server.store.count() == 2
    page.get_by_role("button", name="Delete this delivery").click()
    dialog.get_by_role("button", name="Delete this delivery").click()
    assert page.url == f"{url}/deliveries/{first}"
    assert row_ids(page) == [first]
    page.goto(f"{url}/deliveries/{second}")
    expect(page.get_by_role("heading", name="Not Found")).to_be_visible()


def test_adding_an_endpoint_shows_its_generated_secret_once(
    server: RunningServer, url: str, page: Page
) -> None:
    page.goto(f"{url}/endpoints")
    page.get_by_label("Path").fill("/agents/nightly")
    page.get_by_label("Name", exact=True).fill("Nightly report")
    page.get_by_label("Scheme").select_option("blaxel")
    page.get_by_label("Reject with 401").check()
    page.get_by_role("button", name="Add endpoint").click()
    secret = page.locator("#once-secret").inner_text()
    endpoint = server.store.endpoint("/agents/nightly")
    assert (endpoint.name, endpoint.scheme, endpoint.reject_invalid) == ("Nightly report", "blaxel", True)
    assert [known.value for known in server.store.secrets.usable(endpoint.id)] == [secret]
    page.goto(f"{url}/endpoints/{endpoint.id}")
    assert secret not in page.content()
    expect(page.get_by_role("row", name="/agents/nightly")).to_contain_text("key-1")


def test_what_is_wrong_stands_beside_its_field(server: RunningServer, url: str, page: Page) -> None:
    page.goto(f"{url}/endpoints")
    page.get_by_label("Path").fill("no-slash")
    page.get_by_label("Name", exact=True).fill("kept as typed")
    page.get_by_label("Paste").check()
    page.get_by_label("The secret").fill("never shown again")
    with page.expect_response(f"{url}/endpoints") as answered:
        page.get_by_role("button", name="Add endpoint").click()
    assert answered.value.status == 400
    path = page.get_by_label("Path")
    expect(path).to_have_attribute("aria-invalid", "true")
    expect(path).to_have_accessible_description("Must begin with /")
    expect(page.get_by_label("Name", exact=True)).to_have_value("kept as typed")
    assert "never shown again" not in page.content()
    assert len(server.store.endpoints()) == 1


def test_a_scheme_of_ones_own_needs_its_options_and_only_then_shows_them(
    server: RunningServer, url: str, page: Page
) -> None:
    page.goto(f"{url}/endpoints")
    expect(page.get_by_label("Time header")).to_be_hidden()
    page.get_by_label("Path").fill("/own")
    page.get_by_label("Scheme").select_option("hmac")
    page.get_by_label("Content", exact=True).fill("{timestamp}.{body}")
    page.get_by_label("None, signatures").check()
    page.get_by_role("button", name="Add endpoint").click()
    expect(page.get_by_label("Time header")).to_be_visible()
    page.get_by_text("name its header").wait_for()
    page.get_by_label("Time header").fill("X-Time")
    page.get_by_role("button", name="Add endpoint").click()
    options = server.store.endpoint("/own").scheme_options
    assert options == {"content": "{timestamp}.{body}", "timestamp_header": "X-Time"}


def test_editing_settings_and_reply(server: RunningServer, url: str, page: Page) -> None:
    created = server.client.send("POST", "/api/endpoints", {"path": "/agents", "reject_invalid": True})
    page.goto(f"{url}/endpoints")
    page.get_by_role("link", name="Edit /agents").click()
    page.get_by_label("Tolerance").fill("60")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    reply = page.get_by_role("region", name="Reply of /agents")
    reply.get_by_label("Status").fill("202")
    reply.get_by_label("Type").fill("application/json")
    reply.get_by_label("Headers").fill("X-One: 1\nX-Two: 2")
    reply.get_by_label("Body").fill('{"received": true}\nand more')
    reply.get_by_label("Reject deliveries").uncheck()
    reply.get_by_role("button", name="Save reply").click()
    expect(reply.get_by_label("Headers")).to_have_value("X-One: 1\nX-Two: 2")
    endpoint = server.store.endpoint(created["id"])
    assert (endpoint.tolerance_seconds, endpoint.reject_invalid, endpoint.reply.status) == (60, False, 202)
    assert endpoint.reply.headers == (("Content-Type", "application/json"), ("X-One", "1"), ("X-Two", "2"))
    assert endpoint.reply.body == b'{"received": true}\nand more'
    reply.get_by_label("Status").fill("99")
    reply.get_by_role("button", name="Save reply").click()
    expect(reply.get_by_label("Status")).to_have_attribute("aria-invalid", "true")
    expect(reply.get_by_label("Status")).to_have_value("99")
    assert server.store.endpoint(created["id"]).reply.status == 202


def test_adding_and_removing_secrets(server: RunningServer, url: str, page: Page) -> None:
    created = server.client.send("POST", "/api/endpoints", {"path": "/agents", "secret": "first"})
    page.goto(f"{url}/endpoints/{created['id']}")
    section = page.get_by_role("region", name="Add a secret")
    section.get_by_label("Name", exact=True).fill("next")
    section.get_by_label("Read from an environment variable").check()
    section.get_by_label("Name of the variable").fill("NEXT_SECRET")
    section.get_by_role("button", name="Add secret").click()
    secrets = page.get_by_role("region", name="Secrets of /agents")
    expect(secrets).to_contain_text("the variable is not set")
    secrets.get_by_role("button", name="Remove key-1").click()
    expect(secrets.get_by_role("listitem")).to_have_count(1)
    assert [info.name for info in server.store.secrets.infos(created["id"])] == ["next"]


def test_deleting_an_endpoint_keeps_its_deliveries(server: RunningServer, url: str, page: Page) -> None:
    created = server.client.send("POST", "/api/endpoints", {"path": "/agents", "scheme": "none"})
    kept = send(server, "/agents/hello")
    page.goto(f"{url}/endpoints/{created['id']}")
    page.get_by_role("button", name="Delete endpoint…").click()
    dialog = page.get_by_role("dialog", name="Delete /agents?")
    expect(dialog).to_contain_text("Its 1 delivery stays.")
    dialog.get_by_role("button", name="Delete endpoint").click()
    assert page.url == f"{url}/endpoints"
    assert [endpoint.path for endpoint in server.store.endpoints()] == ["/"]
    page.goto(f"{url}/deliveries/{kept}?tab=verification")
    expect(page.get_by_text("Its endpoint was deleted since")).to_be_visible()


def test_the_theme_is_remembered(url: str, page: Page) -> None:
    page.goto(f"{url}/endpoints")
    page.get_by_role("button", name="Keys and settings").click()
    page.get_by_role("button", name="Dark").click()
    assert page.url == f"{url}/endpoints"
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    page.get_by_role("button", name="Keys and settings").click()
    page.get_by_role("button", name="Auto").click()
    assert page.locator("html").get_attribute("data-theme") is None
