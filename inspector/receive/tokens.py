"""Tokens: endpoints made through the addresses of webhook.site, which answer as that service does.

A token is known by its id, which is a UUID and stands as its path: no other endpoint gets such an id, so that
only what was made as a token is one.
"""

from __future__ import annotations

import re
from dataclasses import replace

from inspector.models import Endpoint
from inspector.receive.replies import WITHOUT_BODY

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_STATUS = re.compile(rb"[2-5][0-9][0-9]")


def is_token(endpoint: Endpoint) -> bool:
    """Whether *endpoint* was made as a token, and still stands at its path."""
    return endpoint.path[1:] == endpoint.id and UUID.fullmatch(endpoint.id) is not None


def as_asked(endpoint: Endpoint, target: bytes) -> Endpoint:
    """*endpoint*, with the status that *target* asks for when it is a token.

    The sender of ``/TOKEN/404`` is answered 404. Only the segment right behind the token counts, and only a
    final status.
    """
    if not is_token(endpoint):
        return endpoint
    segments = target.partition(b"?")[0].split(b"/", 3)
    if len(segments) < 3 or not _STATUS.fullmatch(segments[2]):
        return endpoint
    status = int(segments[2])
    body = b"" if status in WITHOUT_BODY else endpoint.reply.body
    return replace(endpoint, reply=replace(endpoint.reply, status=status, body=body))
