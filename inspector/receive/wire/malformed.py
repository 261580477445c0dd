"""What came and is no HTTP request: a reason that a person understands, and the refusal the sender gets."""

from __future__ import annotations

import re
from http import HTTPStatus

TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
REQUEST_LINE = re.compile(TOKEN.pattern + rb" [\x21-\x7e]+ HTTP/[0-9]\.[0-9]\r?")
REQUEST_LINE_SO_FAR = re.compile(
    TOKEN.pattern + rb"(?: [\x21-\x7e]*(?: H?T?T?P?/?[0-9]?\.?[0-9]?\r?)?)?", re.DOTALL
)

HTTP2_PREFACE = b"PRI * HTTP/2"

CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

BEGINNINGS = (
    (rb"\x16\x03|[\x80-\xff].\x01\x03", "TLS on a plain port: use http:// or put TLS in front."),
    (rb"PRI \* HTTP/2", "HTTP/2 preface: use HTTP/1.1, or a proxy in front that translates HTTP/2."),
    (rb"\x05[\x01-\x09][\x00-\x09]|\x04[\x01\x02]", "SOCKS greeting: this is not a proxy."),
    (rb"\x00\r\nQUIT\n|PROXY (?:TCP|UNKNOWN)", "PROXY protocol header: turn it off in the load balancer."),
    (rb"SSH-", "SSH greeting: this port speaks HTTP."),
    (rb"HTTP/[0-9]", "An HTTP response, where a request should stand."),
    (rb"[ \t]*[{\[]", "A body without a request line and header fields before it."),
)

FIELDS = (
    (rb"\x00", "NUL in a header field."),
    (rb"\r(?!\n)", "Carriage return alone in a header field."),
    (rb"\A[ \t]", "The first header field begins with a blank, as if it continued a line."),
    (rb"^:", "A header field without a name."),
    (rb"^[^\s:]+[ \t]+:", "A blank between a header field's name and its colon."),
    (rb"^[^\s:]*[\x80-\xff][^:\n]*:", "A header field's name is not ASCII."),
    (rb"^(?![ \t])[^:\n]+$", "A header line without a colon."),
)
"""What h11 calls an illegal header line, in words. Looked for behind the request line, in this order."""

WORDS = (
    ("Missing mandatory Host", "No Host header, which HTTP/1.1 demands."),
    ("multiple Host", "Several Host headers."),
    ("conflicting Content-Length", "Several different Content-Length values."),
    ("bad Content-Length", "A Content-Length that is not a plain number of at most 20 digits."),
    ("multiple Transfer-Encoding", "Several Transfer-Encoding headers."),
    ("Only Transfer-Encoding", "A Transfer-Encoding other than chunked."),
)
"""What h11 says of framing and Host, in words of ours."""


class Malformed(Exception):
    """Bytes that are no HTTP request. ``status`` is what the sender is told, ``reason`` why: a sentence."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def foreign(came: bytes) -> str | None:
    """What *came* is, when its beginning shows that it is no request; None while it may become one."""
    for beginning, reason in BEGINNINGS:
        if re.match(beginning, came, re.DOTALL):
            return reason
    line, ended, _ = came.partition(b"\n")
    if (REQUEST_LINE if ended else REQUEST_LINE_SO_FAR).fullmatch(line):
        return None
    return wrong_request_line(line)


def explain(head: bytes, words: str) -> str:
    """Why *head*, which is whole, is no request; *words* are h11's."""
    reason = foreign(head)
    if reason is not None:
        return reason
    for said, meaning in WORDS:
        if said in words:
            return meaning
    fields = head.partition(b"\n")[2].rstrip(b"\r\n").replace(b"\r\n", b"\n")
    for pattern, meaning in FIELDS:
        if re.search(pattern, fields, re.MULTILINE):
            return meaning
    return "A header field with a control character in it."


def wrong_request_line(line: bytes) -> str:
    """What is wrong with the request line *line*, its line end left out."""
    line = line.removesuffix(b"\r")
    method, _, rest = line.partition(b" ")
    target, _, version = rest.rpartition(b" ")
    if not TOKEN.fullmatch(method):
        if CONTROLS.search(line[:16]) or not line[:16].isascii():
            return "Binary data, not HTTP."
        return "No HTTP request line: it has to begin with a method."
    if not line.isascii():
        return "A character beyond ASCII in the request target: it has to be percent-encoded."
    if CONTROLS.search(line):
        return "A control character in the request line."
    if b" http/" in line:
        return "The HTTP version has to be in capitals: HTTP/1.1."
    if b" HTTP/" not in line:
        return "No HTTP version in the request line, as in HTTP/0.9."
    if not re.fullmatch(rb"HTTP/[0-9]\.[0-9]", version):
        return "Not an HTTP version at the end of the request line."
    if not target.strip():
        return "No request target."
    return "A blank in the request target: it has to be percent-encoded."


def refusal(status: int, sentence: str) -> bytes:
    """A whole reply with *sentence* as its text, after which the connection is closed."""
    body = sentence.encode() + b"\n"
    phrase = HTTPStatus(status).phrase.encode("ascii")
    return (
        b"HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
        b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, phrase, len(body), body)
    )
