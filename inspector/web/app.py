"""The inspector application: guard, API, pages and assets put together."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from inspector.admission import Admission
from inspector.web import api, login_page, pages, problems, templating
from inspector.web.body_limit import BodyLimit
from inspector.web.context import Context
from inspector.web.guard import Guard
from inspector.web.login import Login

OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")
"""What a browser on this machine calls it."""


def create_app(context: Context) -> ASGIApp:
    """The inspector side of a server that is bound already: its port decides which hosts are ours."""
    settings, port = context.settings, context.addresses.inspector_port
    login = Login(settings.token, port) if settings.token else None
    app = Starlette(
        routes=[*login_page.routes(), *api.routes(), *pages.routes(), templating.static_mount()],
        middleware=[Middleware(BodyLimit, limit_bytes=settings.limits.api_body_bytes)],
        exception_handlers=problems.handlers(),
    )
    # A redirect would build an address from what the sender calls us.
    app.router.redirect_slashes = False
    app.state.context = context
    app.state.login = login
    hosts = [*(f"{name}:{port}" for name in OWN_NAMES), *settings.allow_hosts]
    admission = Admission(hosts, behind_proxy=settings.behind_proxy)
    return Guard(app, admission, login, open_folders=[templating.STATIC_FOLDER])
