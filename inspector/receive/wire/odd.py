"""The reader of odd heads: h11 decides what is HTTP; what it accepts is recorded as it was sent.

h11 is given one whole head at a time and nothing else. Its public interface is all that is used.
"""

from __future__ import annotations

import re

import h11

from inspector.receive.wire.fields import Pair
from inspector.receive.wire.malformed import HTTP2_PREFACE, Malformed, explain
from inspector.receive.wire.ordinary import framing_of, note_unusual
from inspector.receive.wire.record import Wire

FOLD = re.compile(rb"\r?\n[ \t]+")
BARE_LF = re.compile(rb"(?<!\r)\n")
CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
UNSAFE = re.compile(rb'["<>\\^`{|}]')
"""Visible characters that no URI has (RFC 3986, 2)."""


def read_odd(head: bytes) -> Wire:
    """The record of the request with *head*, whole. Raises Malformed."""
    if head.startswith(HTTP2_PREFACE):
        raise Malformed(400, explain(head, ""))  # h11 would take it for a request
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(head)
    try:
        request = parser.next_event()
    except h11.RemoteProtocolError as error:
        raise Malformed(400, explain(head, str(error))) from error
    assert isinstance(request, h11.Request)  # a whole head is a request or an error
    values = dict(request.headers)  # where h11 has made one Content-Length of several equal ones
    length = int(values[b"content-length"]) if b"content-length" in values else None
    chunked = b"transfer-encoding" in values
    method = request.method.decode("ascii")
    version = request.http_version.decode("ascii")
    pairs = fields_of(head)
    lowered = [(name.lower(), value) for name, value in pairs]
    expects = values.get(b"expect")
    waits = version == "1.1" and expects is not None and expects.lower() == b"100-continue"
    flags = [
        *oddities_of_target(method, request.target),
        *oddities_of_head(head, version),
        *oddities_of_framing(lowered, version),
    ]
    if expects is not None:
        flags.append("expect-100-continue" if waits else "expect-unknown")
    note_unusual(flags, head, method, length, chunked=chunked)
    connection = b",".join(value for name, value in lowered if name == b"connection").lower()
    return Wire(
        head,
        method,
        request.target,
        version,
        tuple(pairs),
        lowered,
        framing_of(length, chunked=chunked),
        length,
        flags,
        keeps_open=version == "1.1"
        and b"close" not in connection
        and method != "CONNECT"  # what follows may be meant for the tunnel
        and not (chunked and length is not None),  # what follows may be meant as the rest of a body
        waits_for_word=waits,
    )


def fields_of(head: bytes) -> list[Pair]:
    """The header fields of a *head* that h11 took, as sent; folds become one blank, as in h11."""
    lines = FOLD.sub(b" ", head).split(b"\n")
    pairs = []
    for line in lines[1:-2]:
        name, _, value = line.removesuffix(b"\r").partition(b":")
        pairs.append((name, value.strip(b" \t")))
    return pairs


def oddities_of_target(method: str, target: bytes) -> list[str]:
    """Flags of a target that is not simply a path (RFC 9112, 3.2)."""
    flags = []
    if not target.startswith(b"/"):
        flags.append(form_of(method, target))
    if b"#" in target:
        flags.append("fragment")
    if UNSAFE.search(target):
        flags.append("unsafe-target")
    return flags


def form_of(method: str, target: bytes) -> str:
    """The form of a target that does not begin with a slash, as a flag."""
    if target == b"*":
        return "asterisk-form"
    if method == "CONNECT":
        return "authority-form"
    return "absolute-form" if b"://" in target.partition(b"?")[0] else "relative-target"


def oddities_of_head(head: bytes, version: str) -> list[str]:
    """Flags of how a head was written."""
    flags = []
    if version != "1.1":
        flags.append("http-1.0" if version == "1.0" else "http-version")
    if FOLD.search(head):
        flags.append("obs-fold")
    if BARE_LF.search(head):
        flags.append("lf")
    if CONTROLS.search(head):
        flags.append("control-characters")
    return flags


def oddities_of_framing(lowered: list[Pair], version: str) -> list[str]:
    """Flags of what a head says about its body and about another protocol."""
    lengths = [value for name, value in lowered if name == b"content-length"]
    names = {name for name, _ in lowered}
    flags = []
    if len(lengths) > 1 or b"," in b"".join(lengths):
        flags.append("duplicate-content-length")
    if b"transfer-encoding" in names:
        if lengths:
            flags.append("ambiguous-framing")
        if version == "1.0":
            flags.append("chunked-http-1.0")
    if b"upgrade" in names:
        flags.append("upgrade")
    return flags
