"""The login page: takes the token once, by form or by script, and gives the browser its session."""

from __future__ import annotations

from typing import cast

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inspector.web import reading, templating
from inspector.web.fields import Fields
from inspector.web.login import Login, next_page
from inspector.web.problems import problem

TOKEN_CHARACTERS = 4096


async def show(request: Request) -> Response:
    """The form; who is logged in already goes on at once."""
    login = _login(request)
    goal = next_page(request.query_params.get("next", "/"))
    if login is None or login.knows(request.scope["headers"]):
        return RedirectResponse(goal, 303)
    return _form(request, goal)


async def submit(request: Request) -> Response:
    """A token, as JSON ``{"token"}`` (answered 204) or from the form (answered by going on)."""
    login = _login(request)
    if request.headers.get("content-type", "").startswith("application/json"):
        fields = Fields(reading.json_object(await request.body()))
        token, goal = fields.text("token", "", longest=TOKEN_CHARACTERS), None
        fields.done()
    else:
        form = await request.form()
        token, goal = str(form.get("token", "")), next_page(str(form.get("next", "/")))
    refusal = login.attempt(token.strip().encode()) if login else None
    if refusal is None:
        answer = Response(status_code=204) if goal is None else RedirectResponse(goal, 303)
        if login:
            answer.headers["Set-Cookie"] = login.set_cookie()
        return answer
    if goal is None:
        return problem(refusal.status, refusal.code, refusal.detail, headers=refusal.headers)
    page = _form(request, goal, refusal.detail, refusal.status)
    page.headers.update(refusal.headers)
    return page


def routes() -> list[Route]:
    """The routes of the login page."""
    return [Route("/login", _show_or_submit, methods=["GET", "POST"])]


async def _show_or_submit(request: Request) -> Response:
    return await (submit if request.method == "POST" else show)(request)


def _form(request: Request, goal: str, error: str = "", status: int = 200) -> Response:
    return templating.render(request, "login.html", {"next": goal, "error": error}, status)


def _login(request: Request) -> Login | None:
    return cast("Login | None", request.app.state.login)
