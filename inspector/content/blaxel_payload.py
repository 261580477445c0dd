"""What the fields of a Blaxel callback mean, said beside them.

The payload of an asynchronous trigger has ``status_code`` (the agent's own HTTP status), ``response_body``
(its body as a string), ``response_length`` and ``timestamp`` (Unix seconds, inside the signed body). The
documentation's example has a length of 123 for a body of 15 bytes: a difference is worth a remark, not an
error.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from inspector.content.json_notes import unix_time
from inspector.content.json_text import JsonDocument
from inspector.content.json_tree import Notes
from inspector.models import HeaderPairs, header_values

_DECIMAL = re.compile(r"[0-9]{1,15}")
_TIMESTAMP_HEADER = b"x-blaxel-timestamp"


def blaxel_notes(document: JsonDocument, headers: HeaderPairs, received_at: datetime) -> Notes:
    """What to say beside the values of *document*; nothing unless it has the shape of a Blaxel payload."""
    if not len(document) or document.type(0) != "object":
        return {}
    fields = {document.key(node): node for node in document.children(0)}
    status, body = fields.get("status_code"), fields.get("response_body")
    length, timestamp = fields.get("response_length"), fields.get("timestamp")
    if status is None or body is None or (length is None and timestamp is None):
        return {}
    if document.type(status) != "number" or document.type(body) != "string":
        return {}
    notes: dict[int, tuple[str, ...]] = {status: ("the agent's own status",)}
    if length is not None and document.type(length) == "number":
        notes[length] = (_length_note(document.text(length), document.string(body)),)
    if timestamp is not None and document.type(timestamp) == "number":
        notes[timestamp] = _timestamp_notes(document.text(timestamp), headers, received_at)
    return notes


def _length_note(length: str, body: str) -> str:
    size, characters = len(body.encode("utf-8", "surrogatepass")), len(body)
    both = f"{size:,} bytes, {characters:,} characters"
    if length == str(size):
        return f"matches response_body: {both}"
    if length == str(characters):
        return f"counts characters; response_body has {both}"
    return f"differs from response_body, which has {both}"


def _timestamp_notes(text: str, headers: HeaderPairs, received_at: datetime) -> tuple[str, ...]:
    date = unix_time(text)
    if date is None or not _DECIMAL.fullmatch(text):
        return ("not a time in Unix seconds",) if date is None else (date,)
    arrived = received_at - datetime.fromtimestamp(0, UTC)
    notes = [f"{date}, {_distance(arrived.total_seconds() - int(text), 'before', 'after')} it arrived"]
    for value in header_values(headers, _TIMESTAMP_HEADER):
        header = value.decode("latin-1")
        if _DECIMAL.fullmatch(header) and header != text:
            distance = _distance(int(header) - int(text), "later", "earlier")
            notes.append(f"X-Blaxel-Timestamp says {header}, {distance}")
    return tuple(notes)


def _distance(seconds: float, positive: str, negative: str) -> str:
    """*seconds* in the largest unit that leaves two or more of it, and on which side it lies."""
    amount = abs(seconds)
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if amount >= 2 * size:
            return f"{amount // size:,.0f} {unit} {positive if seconds >= 0 else negative}"
    return f"{amount // 1:.0f} s {positive if seconds >= 0 else negative}"
