"""Digests in header text that no row of the catalogue describes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from inspector.signing.digests import HASH_SIZES, readings

_HEX = re.compile(rb"(?<![0-9A-Fa-f])[0-9A-Fa-f]{40,128}(?![0-9A-Fa-f])")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{27,128}={0,2}")
_MOST = 8


class DigestText(NamedTuple):
    """A digest in a header's value: where it begins and ends, and how it can be read."""

    text: bytes
    start: int
    end: int
    encoding: str
    hash: str


def digest_texts(value: bytes) -> Iterator[DigestText]:
    """The digests that stand in *value*, with what surrounds them cut off: hex digits first, then base64."""
    count = 0
    for pattern in (_HEX, _BASE64):
        for match in pattern.finditer(value):
            found = readings(match[0])
            count += bool(found)
            if count > _MOST:
                return
            for encoding, digest in found.items():
                yield DigestText(match[0], match.start(), match.end(), str(encoding), HASH_SIZES[len(digest)])
