"""What differs from one delivery to the next without meaning anything: times, ids, signatures, traces."""

from __future__ import annotations

import re

from inspector.content.json_notes import unix_time

_HEADER = re.compile(
    r"signature|timestamp|request-?id|trace|span-?id|correlation|delivery|webhook-id|message-id|event-id|nonce"
    r"|digest|idempotency|^date$|^age$|^content-length$|^cf-ray$|^x-b3-|^host$|^x-forwarded-(for|port)$"
)
_ISO_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}.*)?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_RANDOM = re.compile(r"(?=.*[0-9])[A-Za-z0-9_.:-]{12,}")
_ID_KEY = re.compile(r"(?i:(?:^|[_.-])(?:id|uuid|guid|nonce|token)$)|[a-z](?:Id|ID|Uuid|Nonce|Token)$")
_LONGEST = 200


def is_volatile_header(name: str) -> bool:
    """Whether the header *name* differs between deliveries by its nature."""
    return bool(_HEADER.search(name.lower()))


def is_volatile_value(key: str, before: str, after: str) -> bool:
    """Whether *before* and *after*, under *key*, are two times, or two ids that were made up."""
    if max(len(before), len(after)) > _LONGEST:
        return False
    if _is_time(before) and _is_time(after):
        return True
    if _UUID.fullmatch(before) and _UUID.fullmatch(after):
        return True
    return bool(_ID_KEY.search(key) and _RANDOM.fullmatch(before) and _RANDOM.fullmatch(after))


def _is_time(text: str) -> bool:
    return unix_time(text) is not None or bool(_ISO_TIME.fullmatch(text))
