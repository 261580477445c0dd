"""The inspector application: guard, API, pages and assets put together."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from inspector.admission import Admission
from inspector.web import api, login_page, pages, problems, templating, webhook_site
from inspector.web.archive_api import IMPORT_PATH
from inspector.web.body_limit import BodyLimit
from inspector.web.context import Context
from inspector.web.guard import Guard
from inspector.web.login import Login
from inspector.web.token_callbacks import TokenCallbacks

OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")
"""What a browser on this machine calls it."""


def create_app(context: Context, callbacks: ASGIApp | None = None) -> ASGIApp:
    """The inspector side of a server that is bound already: its port decides which hosts are ours.

    *callbacks*, the other side, receives what comes to tokens.
    """
    settings, port = context.settings, context.addresses.inspector_port
    limits = settings.limits
    # In base64 a body takes a third more; even the largest that is kept can be imported.
    longer_bodies = {IMPORT_PATH: max(limits.import_bytes, 2 * limits.body_bytes)}
    login = Login(settings.token, port) if settings.token else None
    app = Starlette(
        routes=[
            *login_page.routes(),
            *api.routes(),
            *webhook_site.routes(),
            *pages.routes(),
            templating.static_mount(),
        ],
        middleware=[Middleware(BodyLimit, limit_bytes=limits.api_body_bytes, exceptions=longer_bodies)],
        exception_handlers=problems.handlers(),
    )
    # A redirect would build an address from what the sender calls us.
    app.router.redirect_slashes = False
    app.state.context = context
    app.state.login = login
    hosts = [*(f"{name}:{port}" for name in OWN_NAMES), *settings.allow_hosts]
    admission = Admission(hosts, behind_proxy=settings.behind_proxy)
    open_folders = [templating.STATIC_FOLDER]
    if callbacks is None:
        return Guard(app, admission, login, open_folders)
    receiving = TokenCallbacks(app, callbacks, context.store)
    return Guard(receiving, admission, login, open_folders, receiving.takes)
