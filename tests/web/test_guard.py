"""The guard in front of an application: what it lets through, how it refuses, what every answer carries."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send
from support.asgi import Ask
from support.raw_http import RawReply

from inspector.admission import Admission
from inspector.web.guard import CONTENT_SECURITY_POLICY, Guard
from inspector.web.login import Login

SECURITY = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}
SECRET = "what nobody else may read"
NAVIGATION = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"), ("Accept", "text/html")]


async def page(_request: Request) -> Response:
    return PlainTextResponse(SECRET)


async def asset(_request: Request) -> Response:
    return PlainTextResponse(
        "asset", headers={"Cache-Control": "immutable", "Content-Security-Policy": "sandbox"}
    )


def guarded(login: Login | None = None) -> Ask:
    """A guarded application that answers any of a few addresses with the same secret text."""
    paths = ("/", "/api/deliveries", "/login", "/healthz", "/readyz", "/metrics")
    routes = [*(Route(path, page, methods=["GET", "POST"]) for path in paths), Route("/static/x", asset)]
    return Ask(Guard(Starlette(routes=routes), Admission(["localhost:2256"]), login, ["/static"]))


def problem(reply: RawReply) -> dict[str, Any]:
    assert reply.header("content-type") == "application/problem+json"
    answer: dict[str, Any] = json.loads(reply.body)
    assert answer["status"] == reply.status
    return answer


@pytest.mark.parametrize(
    ("target", "status"), [("/", 200), ("/nothing/here", 404), ("/api/deliveries?x=1", 200)]
)
def test_every_answer_has_the_security_headers(target: str, status: int) -> None:
    reply = guarded()("GET", target)
    assert reply.status == status
    assert SECURITY.items() <= dict(reply.headers).items()
    assert len(reply.headers) == len(dict(reply.headers))


def test_refusals_have_the_security_headers_too() -> None:
    for headers in ([("Origin", "null")], [("Host", "evil.test")], [("Via", "1.1 a")]):
        reply = guarded()("GET", "/", headers)
        assert reply.status in (403, 421)
        assert SECURITY.items() <= dict(reply.headers).items()


def test_an_answer_keeps_the_headers_that_it_sets_itself() -> None:
    headers = dict(guarded()("GET", "/static/x").headers)
    assert headers["cache-control"] == "immutable"
    assert headers["content-security-policy"] == "sandbox"
    assert headers["x-content-type-options"] == "nosniff"


def test_no_answer_ever_allows_another_origin() -> None:
    preflight = [("Origin", "http://localhost:3000"), ("Access-Control-Request-Method", "DELETE")]
    for headers in ([], preflight, [("Origin", "http://localhost:2256")]):
        for method in ("GET", "OPTIONS"):
            reply = guarded()(method, "/api/deliveries", headers)
            assert not [name for name, _ in reply.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "target", ["/", "/api/deliveries", "/%61pi/deliveries", "/nothing", "//api", "/login"]
)
def test_the_guard_stands_before_every_address(target: str) -> None:
    reply = guarded()("GET", target, [("Host", "evil.test")])
    assert reply.status == 421
    assert SECRET not in reply.body.decode()


@pytest.mark.parametrize("path", ["/%61pi/deliveries", "/api/deliveries", "/api//deliveries"])
def test_no_spelling_of_the_api_is_a_page_that_others_may_link_to(path: str) -> None:
    reply = guarded()("GET", path, [("Sec-Fetch-Site", "cross-site"), *NAVIGATION])
    assert reply.status == 403


def test_a_link_from_another_site_opens_a_page_but_frames_and_images_stay_empty() -> None:
    ask = guarded()
    assert ask("GET", "/", [("Sec-Fetch-Site", "cross-site"), *NAVIGATION]).status == 200
    for kind in ("iframe", "image", "script", "object", "embed"):
        for mode in ("navigate", "no-cors"):
            foreign = [("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", kind)]
            assert ask("GET", "/", foreign).status == 403


def test_a_program_is_refused_in_json_and_a_browser_with_a_page() -> None:
    answer = problem(guarded()("GET", "/", [("Host", "evil.test")]))
    assert answer["code"] == "host-refused"
    assert answer["title"] == "Misdirected Request"
    assert "--allow-host" in answer["detail"]

    reply = guarded()("GET", "/", [("Host", "<script>alert(1)</script>"), *NAVIGATION])
    assert reply.header("content-type") == "text/html; charset=utf-8"
    assert b"--allow-host" in reply.body
    assert b"<script" not in reply.body

    assert problem(guarded()("GET", "/api/deliveries", [("Host", "evil.test"), *NAVIGATION]))["status"] == 421


def test_a_tunnel_to_the_inspector_is_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    ask = guarded()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert ask("GET", "/", [("X-Forwarded-For", "6.6.6.6")]).status == 403
    assert len([record for record in caplog.records if record.name == "inspector.web.guard"]) == 1


def test_a_websocket_is_refused() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def connect() -> None:
        await guarded().app({"type": "websocket", "path": "/", "headers": []}, receive, send)

    asyncio.run(connect())
    assert [message["type"] for message in sent] == ["websocket.close"]


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


TOKEN = "a-token-of-the-test"


def test_without_the_token_only_the_way_to_log_in_is_open() -> None:
    ask = guarded(Login(TOKEN, 2256))
    for path in ("/login", "/healthz", "/readyz", "/static/x"):
        assert ask("GET", path).status == 200
    for path in ("/", "/api/deliveries", "/metrics", "/nothing", "/static", "/login/x", "/healthz/"):
        reply = ask("GET", path)
        assert reply.status == 401
        assert reply.header("www-authenticate") == "Bearer"
        assert "--token-file" in problem(reply)["detail"]
        assert SECRET not in reply.body.decode()


def test_a_browser_without_a_session_is_led_to_the_login_page_and_back() -> None:
    reply = guarded(Login(TOKEN, 2256))("GET", "/deliveries/7?tab=headers&q=%22", NAVIGATION)
    assert reply.status == 401
    assert b'content="0;url=/login?next=/deliveries/7%3Ftab%3Dheaders%26q%3D%2522"' in reply.body


def test_the_token_is_taken_as_bearer_and_as_session() -> None:
    login = Login(TOKEN, 2256)
    ask = guarded(login)
    for authorization in (f"Bearer {TOKEN}", f"bearer  {TOKEN} "):
        assert ask("GET", "/", [("Authorization", authorization)]).status == 200
    cookies = f"theme=dark; callback_inspector_2256={login.session}; other=1"
    assert ask("GET", "/", [("Cookie", cookies)]).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", TOKEN)],
        [("Authorization", f"Basic {TOKEN}")],
        [("Authorization", "Bearer")],
        [("Authorization", f"Bearer {TOKEN}x")],
        [("Authorization", f"Bearer {TOKEN.upper()}")],
        [("Authorization", "Bearer \xff\xfe")],
        [("Authorization", f"Bearer {TOKEN}"), ("Authorization", f"Bearer {TOKEN}")],
        [("Cookie", f"callback_inspector_2256={TOKEN}")],
        [("Cookie", "callback_inspector_2256=")],
        [("Cookie", f"callback_inspector_2257={Login(TOKEN, 2257).session}")],
        [("Cookie", f"callback_inspector_2256={Login(TOKEN, 2257).session}")],
        [("Cookie", f"callback_inspector_2256={Login('other', 2256).session}")],
        [("X-Token", TOKEN)],
    ],
)
def test_nothing_else_is(headers: list[tuple[str, str]]) -> None:
    assert guarded(Login(TOKEN, 2256))("GET", f"/?token={TOKEN}", headers).status == 401


def test_a_token_does_not_open_what_the_other_rules_refuse() -> None:
    bearer = ("Authorization", f"Bearer {TOKEN}")
    ask = guarded(Login(TOKEN, 2256))
    assert ask("GET", "/", [bearer, ("X-Forwarded-For", "6.6.6.6")]).status == 403
    assert ask("GET", "/", [bearer, ("Origin", "http://localhost:3000")]).status == 403
    assert ask("GET", "/", [bearer, ("Sec-Fetch-Site", "same-site")]).status == 403


def test_wrong_tokens_are_borne_only_so_often() -> None:
    clock = Clock()
    login = Login(TOKEN, 2256, clock)
    ask = guarded(login)
    wrong, right = ("Authorization", "Bearer guess"), ("Authorization", f"Bearer {TOKEN}")
    assert [ask("GET", "/", [wrong]).status for _ in range(5)] == [401] * 5
    refused = ask("GET", "/", [right])
    assert refused.status == 429
    assert problem(refused)["code"] == "too-many-attempts"
    assert refused.header("retry-after") == "11"
    # Who is in already is not locked out by a stranger's guesses.
    assert ask("GET", "/", [("Cookie", f"callback_inspector_2256={login.session}")]).status == 200
    clock.now += 10
    assert ask("GET", "/", [right]).status == 200
    assert ask("GET", "/", [wrong]).status == 401


def test_a_request_without_a_token_is_no_failed_attempt() -> None:
    ask = guarded(Login(TOKEN, 2256, Clock()))
    for _ in range(20):
        assert ask("GET", "/").status == 401
    assert ask("GET", "/", [("Authorization", f"Bearer {TOKEN}")]).status == 200


OWN_HOST = [(b"host", b"localhost:2256")]
HEADER_NAMES = st.sampled_from(
    [b"host", b"origin", b"cookie", b"authorization", b"sec-fetch-site", b"accept", b"content-length", b"via"]
)


@settings(deadline=None)
@given(
    method=st.text(max_size=6),
    path=st.text(max_size=20),
    query=st.binary(max_size=20),
    headers=st.lists(
        st.tuples(st.one_of(HEADER_NAMES, st.binary(max_size=8)), st.binary(max_size=40)),
        max_size=6,
    ),
)
def test_no_request_makes_the_guard_fail(
    method: str, path: str, query: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    async def inside(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    ask = Ask(Guard(inside, Admission(["localhost:2256"]), Login(TOKEN, 2256)))
    reply = ask(method, path=path, raw_path=None, query_string=query, headers=[*OWN_HOST, *headers])
    assert reply.status in (204, 401, 403, 415, 421, 429)
    assert SECURITY.items() <= dict(reply.headers).items()
