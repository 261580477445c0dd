"""What a test callback carries: Blaxel's payload, or JSON of the user's own.

Blaxel's payload has four fields, with the agent's answer as text in one of them
(https://docs.blaxel.ai/Agents/Asynchronous-triggers).
"""

from __future__ import annotations

import json
from math import floor
from urllib.parse import urlencode

from inspector.errors import InvalidInput
from inspector.settings import KIB
from inspector.signing import Scheme
from inspector.signing.scheme import Part

ANSWER = '{"result":"ok"}'

LARGE_BYTES = 100 * KIB
"""What a large body is longer than: where Express's body parsers give up, 102,400 bytes."""

LARGE_ANSWER = f'{{"result":"{"ok " * (LARGE_BYTES // 3)}"}}'


def agent_payload(answer: str, timestamp: float, *, status: int = 200) -> bytes:
    """What Blaxel calls back with for an agent that answered *answer* with *status* at *timestamp*."""
    return json_body(
        {
            "status_code": status,
            "response_body": answer,
            "response_length": len(answer.encode("utf-8", "surrogatepass")),
            "timestamp": floor(timestamp),
        }
    )


def sample_payload(row: Scheme, answer: str, timestamp: float, content_type: str) -> tuple[bytes, str]:
    """A body as the sender of *row* sends it at *timestamp*, with its type: *content_type*, or a form's."""
    if row.covers(Part.FORM):
        return urlencode({"Body": answer}).encode("ascii"), "application/x-www-form-urlencoded"
    clock = row.timestamp
    if clock is None or not clock.json_path:
        return agent_payload(answer, timestamp), content_type
    body: object = floor(timestamp * clock.unit.per_second)
    for name in reversed(clock.json_path):
        body = {name: body, "data": answer}
    return json_body(body), content_type


def json_body(value: object) -> bytes:
    """*value* as JSON without blanks. Raises InvalidInput on ``json`` for what JSON has no words for."""
    try:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise InvalidInput.of("json", "The value cannot be written as JSON.") from None
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # half a character: only an escape can stand for it
        return json.dumps(value, separators=(",", ":")).encode("ascii")
