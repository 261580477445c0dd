"""The words that schemas are made of: kinds of values, and objects and lists of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inspector.models import Fault
from inspector.web.representation import Json

TEXT: Json = {"type": "string"}
TEXT_OR_NULL: Json = {"type": ["string", "null"]}
INTEGER: Json = {"type": "integer"}
INTEGER_OR_NULL: Json = {"type": ["integer", "null"]}
NUMBER: Json = {"type": "number"}
BOOLEAN: Json = {"type": "boolean"}
TIME: Json = {"type": "string", "format": "date-time"}
TIME_OR_NULL: Json = {"type": ["string", "null"], "format": "date-time"}
OBJECT: Json = {"type": "object"}
NUMBER_OR_NULL: Json = {"type": ["number", "null"]}
FAULT_OR_NULL: Json = {"enum": [*map(str, Fault), None]}
BASE64: Json = {"type": "string", "contentEncoding": "base64"}
BASE64_OR_NULL: Json = {"type": ["string", "null"], "contentEncoding": "base64"}


def list_of(items: Json) -> Json:
    """A list of *items*."""
    return {"type": "array", "items": items}


def reference(name: str) -> Json:
    """The schema of that *name*, wherever it stands."""
    return {"$ref": f"#/components/schemas/{name}"}


def words(allowed: Sequence[str]) -> Json:
    """One of the *allowed* words."""
    return {"type": "string", "enum": [str(word) for word in allowed]}


def object_of(properties: Mapping[str, Json], optional: Sequence[str] = ()) -> Json:
    """An object that always has all its members but the *optional* ones, and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def input_of(properties: Mapping[str, Json]) -> Json:
    """An object of which any member may be left out."""
    return object_of(properties, optional=tuple(properties))


def limited(longest: int, kind: Json = TEXT) -> Json:
    """Text of at most so many characters."""
    return {**kind, "maxLength": longest}


PAIRS = list_of({"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2})
