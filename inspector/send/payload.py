"""What a test callback carries: Blaxel's payload, or JSON of the user's own.

Blaxel's payload has four fields, with the agent's answer as text in one of them
(https://docs.blaxel.ai/Agents/Asynchronous-triggers).
"""

from __future__ import annotations

import json
from math import floor

from inspector.errors import InvalidInput
from inspector.settings import KIB

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
