"""What a Blaxel agent that was called asynchronously reports in its callback.

The fields are those of Blaxel's documentation of asynchronous triggers: ``status_code``, ``response_body``
(a string), ``response_length``, ``timestamp`` (Unix seconds).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class BlaxelResult:
    """The report of one run.

    ``status_code`` is the agent's own HTTP status, ``response`` its answer parsed where that is JSON, else
    the text of ``response_body``. ``response_length`` and ``sent_at`` (UTC) are None where they are absent.
    """

    status_code: int
    response: Any
    response_body: str
    response_length: int | None
    sent_at: datetime | None

    @property
    def truncated(self) -> bool:
        """Whether the report is shorter than the length that it names, in characters and in bytes."""
        length = self.response_length
        return length is not None and length > len(self.response_body.encode("utf-8", "surrogatepass"))

    @classmethod
    def of(cls, payload: object) -> BlaxelResult:
        """The report in a callback's JSON. Raises ValueError when it is none."""
        match payload:
            case {"status_code": int(status), "response_body": str(body), **rest}:
                return cls(status, _parsed(body), body, _length(rest), _sent_at(rest))
            case _:
                raise ValueError(
                    "This is no Blaxel result: it needs a number status_code and a string response_body."
                )


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # an agent may answer anything
        return body


def _length(payload: dict[Any, object]) -> int | None:
    length = payload.get("response_length")
    return length if isinstance(length, int) else None


def _sent_at(payload: dict[Any, object]) -> datetime | None:
    timestamp = payload.get("timestamp")
    if not isinstance(timestamp, int | float) or isinstance(timestamp, bool):
        return None
    try:
        return datetime.fromtimestamp(timestamp, UTC)
    except (OverflowError, OSError, ValueError):  # a number, but no time
        return None
