"""A delivery as a Python program that sends it again, and as a pytest test that waits for one like it."""

from __future__ import annotations

import base64
import re
from pprint import pformat
from textwrap import indent
from urllib.parse import urlsplit

from inspector.content import decoded_text
from inspector.content.curl import ARGUMENT_BYTES, INLINE_BYTES, OWN_HEADERS
from inspector.content.json_text import JsonDocument, parse_json
from inspector.content.masking import Hidden, MaskedRequest, Value
from inspector.content.volatile import is_volatile_value
from inspector.models import Delivery, Request, header_values

# Nobody reads a longer assertion, and Python no integer of more than 4,300 digits.
ASSERTED_BYTES = 4_096
ASSERTED_DEPTH = 12
_WIDTH = 88
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_PYTHON_WORDS = {"true": "True", "false": "False", "null": "None"}


def python_program(request: Request, masked: MaskedRequest, base_url: str, body_file: str) -> str:
    """A program for Python's own ``http.client`` that sends the same target, headers and body."""
    parts = urlsplit(base_url)
    body = _python_body(request.body, body_file)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = "HTTPSConnection" if parts.scheme == "https" else "HTTPConnection"
    target = _python_value(masked.target)
    lines = [
        *(["import base64"] if "base64." in body[:10] else []),
        "import http.client",
        *(["import os"] if masked.hidden else []),
        "",
        f"body = {body}",
        f"connection = http.client.{connection}({parts.hostname!r}, {port})",
        f"connection.putrequest({request.method!r}, {target}, skip_accept_encoding=True)",
    ]
    lines += [
        f"connection.putheader({name.decode('latin-1')!r}, {_python_value(value)})"
        for name, value in masked.headers
        if name.lower() not in OWN_HEADERS
    ]
    if request.body or header_values(request.headers, b"content-length"):
        lines.append('connection.putheader("Content-Length", str(len(body)))')
    lines += [
        "connection.endheaders(body)",
        "response = connection.getresponse()",
        "print(response.status, response.reason)",
        'print(response.read().decode("utf-8", "replace"))',
    ]
    return "\n".join(lines) + "\n"


def _python_value(value: Value) -> str:
    """*value* as an expression; ``http.client`` writes text as Latin-1, so that every byte can be said."""
    pieces = (
        f'os.environ["{piece.variable}"]' if isinstance(piece, Hidden) else repr(piece.decode("latin-1"))
        for piece in value
    )
    return " + ".join(pieces) or "''"


def _python_body(body: bytes, body_file: str) -> str:
    if len(body) > INLINE_BYTES:
        return f"open({body_file!r}, 'rb').read()"
    literal = repr(body)
    if len(literal) <= 2 * len(body) + 3 and len(body) <= ARGUMENT_BYTES:
        return literal
    lines = base64.encodebytes(body).decode("ascii").split()
    return "base64.b64decode(\n" + "".join(f"    {line!r}\n" for line in lines) + ")"


def pytest_test(delivery: Delivery) -> str:
    """A test that waits for a callback like *delivery*.

    JSON is asserted as a subset: the times and ids that differ each time are left out.
    """
    request = delivery.request
    conditions = [f"method={request.method!r},"]
    text = decoded_text(request.body, request.headers) if len(request.body) <= ASSERTED_BYTES else None
    document = parse_json(text or "")
    if (
        document.state == "parsed"
        and document.type(0) in {"object", "array"}
        and _depth(document) <= ASSERTED_DEPTH
    ):
        literal = pformat(_literal(document, 0), width=_WIDTH, sort_dicts=False)
        conditions.append(f"json={indent(literal, ' ' * 13).strip()},")
    elif text and document.state != "parsed":
        conditions.append(f"body={text!r},")
    if delivery.verification:
        conditions.append("verified=True,")
    path = request.path.partition("?")[0].lower()
    name = _NOT_IN_NAMES.sub("_", path).strip("_")[:40] or "callback"
    return (
        f"def test_{name}(callbacks):\n"
        "    # Here, start what calls back to callbacks.url.\n"
        "    callbacks.wait_for(\n" + "".join(f"        {line}\n" for line in conditions) + "    )\n"
    )


def _depth(document: JsonDocument) -> int:
    depths: list[int] = []
    for parent in document.parents:
        depths.append(depths[parent] + 1 if depths else 0)
    return max(depths)


class _Literal(str):
    """The source text of a value, which is its own representation."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _literal(document: JsonDocument, node: int) -> object:
    """A value as Python writes it, of a document whose depth was found to be bearable."""
    kind = document.type(node)
    if kind == "string":
        return document.string(node)
    if kind == "object":
        return {
            document.key(child): _literal(document, child)
            for child in document.children(node)
            if not _is_volatile(document, child)
        }
    if kind == "array":
        return [_literal(document, child) for child in document.children(node)]
    text = document.text(node)
    return _Literal(_PYTHON_WORDS.get(text, text))


def _is_volatile(document: JsonDocument, node: int) -> bool:
    """Whether a member is a time, or an id that was made up."""
    value = document.text(node).strip('"')
    return is_volatile_value(document.key(node) or "", value, value)
