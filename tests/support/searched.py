"""Deliveries that filters tell apart, and the ids of a page."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from support.inspected import Inspected

FOUND_BODY = base64.b64decode("eyJxIjoiMTAwJV9vZmYgJ3F1b3RlZCcgXCJkcVwiIMOJY29sZSIsInBhdGgiOiJDOlxcdG1wIn0=")
"""``{"q":"100%_off 'quoted' \\"dq\\" École","path":"C:\\\\tmp"}``: the recorded case ``sse-search``."""

SEARCHES = (
    ("100%_off", True),
    ("100__off", False),
    ("'quoted'", True),
    ("needle-77", True),
    ("école", True),
    ('"\\"dq"', True),
    ('"AND OR NOT ("', False),
)
"""The terms of that case, quoted where the filter language wants it, and whether they find the delivery."""


def deliver_needle(server: Inspected, path: str = "/") -> int:
    """Sends the delivery of the case; its id."""
    return server.deliver(path, FOUND_BODY, [("Content-Type", "application/json"), ("X-Find", "Needle-77")])


def q(text: str) -> str:
    """*text* as the parameter ``q``."""
    return f"q={quote(text, safe='')}"


def ids(page: Any) -> list[int]:
    """The ids of a page of deliveries."""
    return [delivery["id"] for delivery in page["deliveries"]]
