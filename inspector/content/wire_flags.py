"""What was odd on the wire: each flag of a request, explained in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WIRE_FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "absolute-form": "The target is a whole URL, as proxies get it; its path decides about the endpoint.",
        "ambiguous-framing": (
            "It has a Content-Length and a Transfer-Encoding. The chunks were read, as HTTP demands, and the"
            " connection was closed, since another reader may find another end of the body."
        ),
        "asterisk-form": "The target is *: it asks about the server as a whole.",
        "authority-form": "The target is a host and a port, as in a request for a tunnel.",
        "body-without-length": (
            "Its method usually has a body, but neither Content-Length nor Transfer-Encoding announces one:"
            " the body is absent, which is not the same as empty."
        ),
        "chunk-extensions": "Chunks had extensions behind their size; they are not kept.",
        "chunked-http-1.0": "A chunked body in HTTP/1.0, which does not know chunks.",
        "control-characters": "There are control characters in the head.",
        "duplicate-content-length": "Content-Length stands there more than once, always with the same value.",
        "expect-100-continue": "The sender waited to be told to go on before it sent the body.",
        "expect-unknown": "It expects something that its version of HTTP does not know; that was ignored.",
        "forbidden-trailer": (
            "A trailer has a name that none may have, such as Host or Authorization; it was kept, not used."
        ),
        "fragment": "The target has a fragment (#), which clients should keep to themselves.",
        "http-1.0": "It was sent as HTTP/1.0, so the connection was closed behind the reply.",
        "http-version": "It names a version of HTTP other than 1.0 and 1.1; it was read as HTTP/1.1.",
        "leading-crlf": "Blank lines came before it.",
        "lf": "Lines of the head end with LF alone instead of CR LF.",
        "non-ascii": "There are bytes beyond ASCII in the head; HTTP does not say in which encoding.",
        "obs-fold": "A header value goes on in a further line, a form that HTTP has given up.",
        "pipelined": "It was sent before the request before it on this connection was answered.",
        "relative-target": "The target is neither a path nor a URL.",
        "unexpected-body": "It has a body, which its method gives no meaning to.",
        "unsafe-target": "The target has characters that no URL has; they should be percent-encoded.",
        "upgrade": "The sender offered another protocol (Upgrade); the offer was ignored.",
    }
)
"""By code."""
