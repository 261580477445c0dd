"""Problems: every refusal and failure as one kind of answer, as JSON or as a small page.

The JSON is ``application/problem+json`` (RFC 9457) with a ``code`` for programs, ``errors`` for bad fields
and ``position`` for a bad filter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from inspector.admission import RawHeaders, is_api
from inspector.errors import (
    Conflict,
    FieldError,
    InspectorError,
    InvalidInput,
    NotFound,
    StorageFailed,
    TargetRefused,
)
from inspector.matching import InvalidFilter
from inspector.web.representation import Json, json_bytes
from inspector.web.templating import render

STATUSES: Mapping[type[InspectorError], int] = {
    InvalidInput: 400,
    InvalidFilter: 400,
    TargetRefused: 403,
    NotFound: 404,
    Conflict: 409,
    StorageFailed: 503,
}

CODES: Mapping[int, str] = {404: "not-found", 405: "method-not-allowed", 413: "body-too-large"}

DETAILS: Mapping[int, str] = {
    404: "Nothing is here. The pages start at / and the API at /api/, which /api/openapi.json describes.",
    405: "This address does not take that method; the Allow header names those it takes.",
    500: "Something went wrong inside the inspector; its log says what. Deliveries go on being stored.",
}
"""What is said of a status where nobody said more."""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">{head}<title>{title}</title></head>
<body><main><h1>{title}</h1><p>{detail}</p>{link}</main></body></html>
"""


class JsonAnswer(Response):
    """An answer whose body is strict JSON."""

    media_type = "application/json"

    def __init__(self, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(json_bytes(value), status, headers)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Iterable[FieldError] = (),
    position: int | None = None,
    facts: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem for a program. *facts* are further members that its code has."""
    body: Json = {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        "detail": detail,
        "code": code,
    }
    named = [{"field": error.field, "message": error.message} for error in errors]
    if named:
        body["errors"] = named
    if position is not None:
        body["position"] = position
    body.update(facts or {})
    return Response(json_bytes(body), status, headers, media_type="application/problem+json")


def plain_page(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, go_to: str | None = None
) -> Response:
    """A problem for a person who is not let in: one page that needs no assets.

    With *go_to* the browser moves on to that address by itself. Moving on by the page, not by a redirect,
    makes the next request our own: a browser that came from another site sends no SameSite=Strict cookie
    before that.
    """
    title = f"{status} {title_of(status)}"
    content = PAGE.format(
        head=f'<meta http-equiv="refresh" content="0;url={escape(go_to)}">' if go_to else "",
        title=escape(title),
        detail=escape(detail),
        link=f'<p><a href="{escape(go_to)}">Continue</a></p>' if go_to else "",
    )
    return Response(content, status, headers, media_type="text/html")


def title_of(status: int) -> str:
    """The standard phrase of *status*."""
    return HTTPStatus(status).phrase


def for_browser(path: str, headers: RawHeaders) -> bool:
    """Whether a person looks at the answer: a browser navigates to a page."""
    if is_api(path):
        return False
    fields = {name.lower(): value for name, value in headers}
    mode = fields.get(b"sec-fetch-mode")
    return mode == b"navigate" if mode is not None else b"text/html" in fields.get(b"accept", b"")


def handlers() -> dict[type[Exception] | int, ExceptionHandler]:
    """What Starlette does with the errors that leave a handler."""
    return {
        HTTPException: _http_error,
        InspectorError: _our_error,
        Exception: _unexpected_error,
    }


def _answer(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    errors: Iterable[FieldError] = (),
    position: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem in the form that suits who asked."""
    if not for_browser(request.scope["path"], request.scope["headers"]):
        return problem(status, code, detail, errors=errors, position=position, headers=headers)
    page = render(request, "problem.html", {"title": title_of(status), "detail": detail}, status)
    page.headers.update(headers or {})
    return page


async def _our_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, InspectorError)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, StorageFailed) else None
    errors = error.errors if isinstance(error, InvalidInput) else ()
    return _answer(
        request,
        STATUSES.get(type(error), 500),
        error.code,
        str(error),
        errors=errors,
        position=error.position if isinstance(error, InvalidFilter) else None,
        headers=headers,
    )


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    detail = DETAILS.get(status, error.detail)
    return _answer(request, status, CODES.get(status, "http-error"), detail, headers=error.headers)


async def _unexpected_error(request: Request, _error: Exception) -> Response:
    return _answer(request, 500, "internal-error", DETAILS[500])
