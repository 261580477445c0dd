"""Logging in over a real socket: by form, by script, by bearer; and what a token keeps closed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from support import raw_http
from support.inspected import Inspected, inspected, problem
from support.raw_http import RawReply

TOKEN = "tok€n of the test"


@pytest.fixture
def server() -> Iterator[Inspected]:
    with inspected(token=TOKEN) as running:
        running.token = None
        yield running


def post_form(server: Inspected, **form: str) -> RawReply:
    """The login form, posted as a browser posts it."""
    fields = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", f"http://{server.host}")]
    return server.ask("POST", "/login", headers=fields, body=urlencode(form).encode())


def session(reply: RawReply) -> tuple[str, str]:
    """The cookie that *reply* sets, as the browser sends it back."""
    cookie = reply.header("set-cookie")
    assert cookie is not None
    return "Cookie", cookie.partition(";")[0]


def test_the_form_gives_a_session_and_goes_on(server: Inspected) -> None:
    assert server.ask("GET", "/login").status == 200
    reply = post_form(server, token=f" {TOKEN} ", next="/deliveries/7?tab=headers")
    assert (reply.status, reply.header("location")) == (303, "/deliveries/7?tab=headers")
    name, _, rest = (reply.header("set-cookie") or "").partition("=")
    assert name == f"callback_inspector_{server.inspector[1]}"
    assert rest.partition("; ")[2] == "Path=/; HttpOnly; SameSite=Strict"
    assert TOKEN not in rest
    cookie = session(reply)
    assert server.ask("GET", "/", headers=[cookie]).status == 200
    assert server.ask("GET", "/api/deliveries", headers=[cookie]).status == 200
    again = server.ask("GET", "/login?next=/endpoints", headers=[cookie])
    assert (again.status, again.header("location")) == (303, "/endpoints")


def test_a_script_gets_the_session_without_a_page(server: Inspected) -> None:
    reply = server.ask("POST", "/login", {"token": TOKEN})
    assert (reply.status, reply.body) == (204, b"")
    assert server.ask("GET", "/", headers=[session(reply)]).status == 200
    assert problem(server.ask("POST", "/login", {"token": "wrong"}), 401)["code"] == "token-wrong"
    assert problem(server.ask("POST", "/login", {"token": 1, "next": "/"}), 400)["errors"]


def test_the_login_page_names_the_methods_it_takes(server: Inspected) -> None:
    reply = server.ask("DELETE", "/login")
    assert (reply.status, set((reply.header("allow") or "").split(", "))) == (405, {"GET", "HEAD", "POST"})


def test_a_wrong_token_gives_the_form_again(server: Inspected) -> None:
    reply = post_form(server, token="wrong", next="/endpoints")
    assert reply.status == 401
    assert reply.header("set-cookie") is None
    assert b"/endpoints" in reply.body
    assert b"not the token" in reply.body


def test_guessing_is_slowed_down_for_form_script_and_bearer_together(server: Inspected) -> None:
    assert [post_form(server, token=f"guess {number}").status for number in range(3)] == [401] * 3
    for number in range(2):
        bearer = [("Authorization", f"Bearer guess {number}")]
        assert server.ask("GET", "/api/status", headers=bearer).status == 401
    for reply in (
        post_form(server, token=TOKEN),
        server.ask("POST", "/login", {"token": TOKEN}),
        raw_http.send(server.inspector, "GET", "/", [("Authorization", "Bearer x")]),
    ):
        assert reply.status == 429
        assert int(reply.header("retry-after") or 0) > 0


@pytest.mark.parametrize(
    "goal",
    ["//evil.test/", "/\\evil.test", "https://evil.test/", "javascript:alert(1)", "", "/a\nb", "/ü", "evil"],
)
def test_logging_in_never_leads_elsewhere(server: Inspected, goal: str) -> None:
    reply = post_form(server, token=TOKEN, next=goal)
    assert (reply.status, reply.header("location")) == (303, "/")


def test_another_site_cannot_log_a_browser_in(server: Inspected) -> None:
    body = urlencode({"token": TOKEN}).encode()
    form = ("Content-Type", "application/x-www-form-urlencoded")
    for fields in ([form, ("Origin", "http://evil.test")], [form, ("Origin", "null")]):
        assert server.ask("POST", "/login", headers=fields, body=body).status == 403
    assert server.ask("POST", "/login", headers=[form], body=body).status == 415


def test_the_token_stands_in_no_answer(server: Inspected) -> None:
    server.answers.clear()
    reply = post_form(server, token=TOKEN)
    cookie = [session(reply)]
    for target in ("/", "/endpoints", "/api/status", "/api/openapi.json", "/metrics", "/login"):
        server.ask("GET", target, headers=cookie)
    post_form(server, token=f"{TOKEN}?")
    assert TOKEN.encode() not in server.answers
    assert json.dumps(TOKEN)[1:-1].encode() not in server.answers


def test_without_a_token_the_login_page_leads_on() -> None:
    with inspected() as server:
        reply = server.ask("GET", "/login?next=/endpoints")
        assert (reply.status, reply.header("location")) == (303, "/endpoints")
        assert post_form(server, token="anything").header("location") == "/"
        assert post_form(server, token="anything").header("set-cookie") is None


def test_assets_need_no_token_and_are_kept_for_ever(server: Inspected) -> None:
    page = server.ask("GET", "/login").body.decode()
    assets = [part.split('"')[0] for part in page.split('href="')[1:] if part.startswith("/static/")]
    assert assets
    for asset in assets:
        reply = server.ask("GET", asset)
        assert reply.status == 200
        assert reply.header("cache-control") == "public, max-age=31536000, immutable"
        assert reply.header("x-content-type-options") == "nosniff"
