"""Templates and assets: the Jinja environment, and static files at an address that names their content.

Both folders lie inside the package when it is installed, and beside it in a checkout. All assets share one
digest in their address, so that a module finds the modules and a style sheet the images that belong to it
by relative addresses, and so that everything may be cached for ever.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from inspector.web import wording
from inspector.web.captured import captured
from inspector.web.unseen import unseen_malformed

STATIC_FOLDER = "/static"
"""Where assets are served. The guard leaves it open when a token is set: the login page needs them."""

CONTENT_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

THEME_COOKIE = "callback_inspector_theme"
THEMES = ("light", "dark")
"""What a browser may have chosen; without the cookie the page follows the system."""

LIST_COOKIE = "callback_inspector_list"
LIST_WIDTHS = tuple(str(rem) for rem in range(20, 41))
"""How wide a browser may have made the list, in rem. ``tokens.css`` has a rule for each."""

FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


def folder(name: str) -> Path:
    """The folder *name* inside the package, else beside it."""
    package = Path(str(files("inspector")))
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


@cache
def assets() -> Mapping[str, bytes]:
    """Every static file by its name."""
    return {path.name: path.read_bytes() for path in sorted(folder("static").iterdir()) if path.is_file()}


@cache
def assets_digest() -> str:
    """Sixteen hex digits that change when any asset does."""
    digest = hashlib.sha256()
    for name, content in assets().items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def asset_url(name: str) -> str:
    """The address of the static file *name*. An unknown name is a mistake in a template: KeyError."""
    if name not in assets():
        raise KeyError(name)
    return f"{STATIC_FOLDER}/{assets_digest()}/{name}"


async def asset(request: Request) -> Response:
    """One static file, cached by browsers for ever: its address changes with its content."""
    name = request.path_params["name"]
    content = assets().get(name)
    if content is None or request.path_params["digest"] != assets_digest():
        raise HTTPException(404)
    suffix = Path(name).suffix
    media_type = CONTENT_TYPES.get(suffix) or mimetypes.guess_type(name)[0]
    return Response(content, headers=FOREVER, media_type=media_type)


def static_mount() -> Route:
    """The route of all assets."""
    return Route(f"{STATIC_FOLDER}/{{digest}}/{{name}}", asset, name="static")


@cache
def environment() -> Environment:
    """The templates, with everything escaped and nothing undefined passed over."""
    env = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["asset"] = asset_url
    for filter_ in (
        captured,
        wording.age,
        wording.count,
        wording.deliveries,
        wording.fingerprint,
        wording.iso,
        wording.moment,
        wording.plural,
        wording.size,
    ):
        env.filters[filter_.__name__] = filter_
    return env


def render(request: Request, name: str, data: Mapping[str, object], status: int = 200) -> HTMLResponse:
    """The page that template *name* makes of *data*, in the theme and list width that this browser chose.

    It says how many malformed requests this browser has not seen, unless *data* does (``unseen``).
    """
    theme, width = request.cookies.get(THEME_COOKIE), request.cookies.get(LIST_COOKIE)
    chosen = {
        "theme": theme if theme in THEMES else "",
        "list_width": width if width in LIST_WIDTHS else "",
    }
    shown = {"unseen": unseen_malformed(request), **data, **chosen}
    return HTMLResponse(environment().get_template(name).render(shown), status)
