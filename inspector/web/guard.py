"""Guard: the outermost layer of the inspector. Nothing is routed before it has let a request in.

It judges by :mod:`inspector.admission`, then by the token where one is set, and puts the security headers
on every answer, its own refusals and the 404s included.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from urllib.parse import quote

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inspector.admission import Admission, Refusal
from inspector.web import problems
from inspector.web.login import Login

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types inspector-ui"
)

SECURITY_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    # Under "no-referrer" browsers send "Origin: null" with form posts, which we refuse.
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""Headers of every answer. One that sets such a header itself keeps its own."""

OPEN_PATHS = ("/login", "/healthz", "/readyz")
"""What needs no token: the way to log in, and whether the process is alive, which tells nothing else."""

logger = logging.getLogger(__name__)


class Guard:
    """Lets in what :class:`Admission` and :class:`Login` let in.

    *open_folders* (assets) need no token. Nor does what *is_callback* says is one, which may have any content
    type too: its sender knows neither us nor a token.
    """

    def __init__(
        self,
        app: ASGIApp,
        admission: Admission,
        login: Login | None,
        open_folders: Sequence[str] = (),
        is_callback: Callable[[Scope], bool] = lambda _scope: False,
    ) -> None:
        self._app = app
        self._admission = admission
        self._login = login
        self._is_callback = is_callback
        self._open_folders = tuple(f"{folder.rstrip('/')}/" for folder in open_folders)
        self._proxy_reported = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                headers += [pair for pair in SECURITY_HEADERS if pair[0] not in present]
                message = {**message, "headers": headers}
            await send(message)

        refusal = self._judge(scope)
        if refusal is None:
            await self._app(scope, receive, send_secured)
        else:
            await _refuse(scope, refusal)(scope, receive, send_secured)

    def _judge(self, scope: Scope) -> Refusal | None:
        path, headers = scope["path"], scope["headers"]
        is_callback = self._is_callback(scope)
        refusal = self._admission.judge(scope["method"], path, headers, any_content=is_callback)
        if refusal is None and self._login is not None and not (is_callback or self._is_open(path)):
            refusal = self._login.judge(headers)
        if refusal is not None and refusal.code == "forwarded-refused" and not self._proxy_reported:
            self._proxy_reported = True
            logger.warning(
                "A proxy or tunnel reached the inspector's port and was refused. %s", refusal.detail
            )
        return refusal

    def _is_open(self, path: str) -> bool:
        return path in OPEN_PATHS or path.startswith(self._open_folders)


def _refuse(scope: Scope, refusal: Refusal) -> Response:
    if not problems.for_browser(scope["path"], scope["headers"]):
        return problems.problem(refusal.status, refusal.code, refusal.detail, headers=refusal.headers)
    go_to = f"/login?next={quote(_target(scope), safe='/')}" if refusal.status == 401 else None
    return problems.plain_page(refusal.status, refusal.detail, headers=refusal.headers, go_to=go_to)


def _target(scope: Scope) -> bytes:
    path: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    query: bytes = scope.get("query_string", b"")
    return path + b"?" + query if query else path
