"""Odd, hostile and merely unusual input, by numbered kinds, and what has to become of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

GET = b"GET /in HTTP/1.1"
POST = b"POST /in HTTP/1.1"
HOST = b"Host: x\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
TLS_HELLO = b"\x16\x03\x01\x00\x42\x01\x00\x00\x3e\x03\x03" + bytes(range(60))
SETTINGS_FRAME = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"

Fields = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """One request that has to be recorded: its exact head and body, and what is told about them."""

    head: bytes
    body: bytes = b""
    flags: tuple[str, ...] = ()
    trailers: Fields = ()
    chunks: int = 0
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """Bytes on one connection: the requests in them, and why what is left is none (with its status).

    ``cut`` says that the sender goes away behind them, in the middle of a body.
    """

    name: str
    data: bytes
    requests: tuple[Expected, ...] = ()
    malformed: str | None = None
    status: int = 400
    cut: bool = False
    closes: bool = False


def head(line: bytes = GET, fields: bytes = b"", host: bytes = HOST) -> bytes:
    """A head as bytes."""
    return line + b"\r\n" + host + fields + b"\r\n"


def inputs() -> Iterator[Input]:
    """All of it."""
    yield from _methods_and_versions()
    yield from _foreign()
    yield from _targets()
    yield from _fields()
    yield from _framing()
    yield from _chunks()
    yield from _offers()


def whole(name: str, line: bytes = GET, fields: bytes = b"", *flags: str, **more: bytes) -> Input:
    """An input of one request that is taken; *more* may have ``body`` and ``host``."""
    body = more.get("body", b"")
    start = head(line, fields, more.get("host", HOST))
    return Input(name, start + body, (Expected(start, body, flags),))


def refused(name: str, data: bytes, reason: str, status: int = 400) -> Input:
    """An input that is no request."""
    return Input(name, data, malformed=reason, status=status)


def _methods_and_versions() -> Iterator[Input]:
    yield whole("1", b"GET /in/a?x=1 HTTP/1.1")
    for method in (b"PROPFIND", b"LOCK", b"QUERY", b"PURGE", b"M-SEARCH", b"TRACE"):
        yield whole(f"2 {method.decode()}", method + b" /in HTTP/1.1")
    for method in (b"get", b"Post", b"FOO", b"X_Y", b"A" * 40):
        yield whole(f"3 {method.decode()}", method + b" /in HTTP/1.1")
    yield whole("4 HEAD", b"HEAD /in HTTP/1.1")
    yield whole(
        "5 preflight", b"OPTIONS /in HTTP/1.1", b"Origin: http://a\r\nAccess-Control-Request-Method: PUT\r\n"
    )
    yield whole("6 asterisk", b"OPTIONS * HTTP/1.1", b"", "asterisk-form")
    yield whole("7 connect", b"CONNECT host:443 HTTP/1.1", b"", "authority-form")
    yield whole("8 absolute", b"GET http://other/p?q HTTP/1.1", b"", "absolute-form")
    for target in (b"a/b", b"@evil/x"):
        yield whole(f"9 {target.decode()}", b"GET " + target + b" HTTP/1.1", b"", "relative-target")
    yield whole("10 without host", b"GET /in HTTP/1.0", b"", "http-1.0", host=b"")
    yield whole("10 keep-alive", b"GET /in HTTP/1.0", b"Connection: keep-alive\r\n", "http-1.0")
    yield refused("11", b"GET /a\r\n", "HTTP/0.9")
    for version in (b"1.2", b"2.0"):
        yield whole(f"12 {version.decode()}", b"GET /in HTTP/" + version, b"", "http-version")
    yield Input("15", b"\r\n\r\n" + head(), (Expected(head(), flags=("leading-crlf",)),))
    unix = b"POST /in HTTP/1.1\nHost: x\nX-A: b\nContent-Length: 2\n\n"
    yield Input("16", unix + b"hi", (Expected(unix, b"hi", ("lf",)),))
    mixed = b"GET /in HTTP/1.1\r\nHost: x\nX-A: b\r\n\n"
    yield Input("16 mixed", mixed, (Expected(mixed, flags=("lf",)),))


def _foreign() -> Iterator[Input]:
    yield refused("13", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS_FRAME, "HTTP/2 preface")
    yield refused("14 TLS", TLS_HELLO, "TLS on a plain port")
    yield refused("14 SOCKS", b"\x05\x01\x00", "SOCKS")
    yield refused("14 random", bytes((number * 89 + 171) % 256 for number in range(500)), "Binary data")
    yield refused("14 NULs", bytes(300), "Binary data")
    yield refused("14 SSH", b"SSH-2.0-OpenSSH_9.2\r\n", "SSH")
    yield refused("14 JSON", b'{"a": 1}', "body without")
    yield refused("14 response", b"HTTP/1.1 200 OK\r\n\r\n", "response")
    yield refused("14 PROXY", b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + head(), "PROXY protocol")
    yield refused("14 words", b"hello there, world\r\n\r\n", "version")


def _targets() -> Iterator[Input]:
    taken = (
        ("19", b"//a//b///"),
        ("20", b"/in/x/../../api/y"),
        ("21", b"/in/x/%2e%2e/%2E%2E/api"),
        ("22", b"/in/a%2Fb%5Cc"),
        ("23", b"/in/%00"),
        ("24", b"/in/%0d%0aX:1"),
        ("25", b"/in/%1b[31m%e2%80%ae"),
        ("26", b"/a%zz%4"),
        ("27", b"/%ff%fe"),
        ("32", b"/in?"),
        ("33", b"/in?a?b=?&&=;%&+"),
        ("34", b"/in?" + b"q" * 65_536),
        ("35", b"/" + b"p" * 8192),
        ("37 slash", b"/in/"),
        ("38 api", b"/api/deliveries"),
        ("38 escaped", b"/%61pi/deliveries"),
        ("48 query", b"/in?__proto__=1&constructor=2&toString=3"),
    )
    for name, target in taken:
        yield whole(name, b"POST " + target + b" HTTP/1.1", b"Content-Length: 0\r\n")
    for number, raw in enumerate((b"/caf\xc3\xa9", b"/\xff", b"/in?\xc3\xa9")):
        yield refused(f"28 {number}", head(b"GET " + raw + b" HTTP/1.1"), "beyond ASCII")
    for name, raw in (("blank", b"/a b"), ("tab", b"/a\tb")):
        yield refused(f"29 {name}", head(b"GET " + raw + b" HTTP/1.1"), "A blank in the request target")
    yield refused("29 control", head(b"GET /a\x01b HTTP/1.1"), "control character in the request line")
    yield refused("29 nothing", head(b"GET HTTP/1.1"), "No request target")
    yield refused("12 small", head(b"GET / http/1.1"), "in capitals")
    yield refused("12 odd", head(b"GET / HTTP/11"), "Not an HTTP version")
    yield refused("12 words", head(b"G@T / HTTP/1.1"), "begin with a method")
    yield refused("41 first", b"GET / HTTP/1.1\r\n X: 1\r\nHost: x\r\n\r\n", "begins with a blank")
    yield whole("30", b'GET /<>"{}|^` HTTP/1.1', b"", "unsafe-target")
    yield whole("31", b"GET /in#frag HTTP/1.1", b"", "fragment")
    yield refused("36", head(fields=b"X: " + b"v" * 300_000 + b"\r\n"), "longer than", 431)


def _fields() -> Iterator[Input]:
    yield refused("17 none", head(host=b""), "No Host header")
    yield refused("17 two", head(host=HOST * 2), "Several Host")
    yield refused("17 two different", head(host=b"Host: x\r\nHost: y\r\n"), "Several Host")
    for name, host in (("empty", b""), ("odd", b"a/b?c@d"), ("8 KiB", b"h" * 8192)):
        yield whole(f"18 {name}", host=b"Host: " + host + b"\r\n")
    yield whole("39", fields=b"X-FoO: 1\r\nx-foo: 2\r\nX-FOO: 3\r\n")
    yield whole("40", fields=b"A:1\r\nB: \t 2 \t \r\nC:\r\nD:  \r\n")
    yield whole("41", GET, b"X-Fold: a\r\n b\r\n\tc\r\nX-After: d\r\n", "obs-fold")
    yield refused("42 blank", head(fields=b"X-Bad : 1\r\n"), "between a header field's name and its colon")
    yield refused("42 empty", head(fields=b": 1\r\n"), "without a name")
    yield refused("42 name", head(fields=b"Caf\xc3\xa9: 1\r\n"), "not ASCII")
    yield refused("42 no colon", head(fields=b"nonsense\r\n"), "without a colon")
    yield whole("43", GET, b"Utf: caf\xc3\xa9\r\nLatin: caf\xe9\r\n", "non-ascii")
    yield whole("44", GET, b"X: \x1b[31m\x01\r\n", "control-characters")
    yield refused("45 NUL", head(fields=b"X: a\x00b\r\n"), "NUL")
    yield refused("45 CR", head(fields=b"X: a\rb\r\n"), "Carriage return")
    yield refused("45 VT", head(fields=b"X: a\x0bb\r\n"), "control character")
    yield whole("46 long", fields=b"X: " + b"v" * 65_536 + b"\r\n")
    yield whole("46 many", fields=b"".join(b"X-%d: v\r\n" % number for number in range(1000)))
    yield whole("47", fields=b"".join(b"X-%05d: v\r\n" % number for number in range(10_000)))
    yield whole("48", fields=b"__proto__: 1\r\nconstructor: 2\r\ntoString: 3\r\n")
    yield whole("49", fields=b"X-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n")
    yield whole("50", fields=b"Cookie: a=b\r\nAuthorization: Basic eDp5\r\nX-Api-Key: k\r\n")


def _framing() -> Iterator[Input]:
    yield whole("51", POST, b"", "body-without-length")
    yield whole("52", GET, b"Content-Length: 2\r\n", "unexpected-body", body=b"hi")
    part = head(POST, b"Content-Length: 50\r\n")
    yield Input("53", part + b"12345", (Expected(part, b"12345"),), cut=True)
    first, second = head(POST, b"Content-Length: 2\r\n"), head(b"GET /smuggled HTTP/1.1")
    yield Input("56", first + b"hi" + second, (Expected(first, b"hi"), Expected(second)))
    three = [head(POST, b"Content-Length: 1\r\nX-Number: %d\r\n" % number) for number in range(3)]
    bodies = [b"%d" % number for number in range(3)]
    yield Input(
        "57",
        b"".join(one + body for one, body in zip(three, bodies, strict=True)),
        tuple(Expected(one, body) for one, body in zip(three, bodies, strict=True)),
    )
    equal = b"Content-Length: 2\r\ncontent-length: 2\r\n"
    yield whole("58 repeated", POST, equal, "duplicate-content-length", body=b"hi")
    yield whole("58 list", POST, b"Content-Length: 2, 2\r\n", "duplicate-content-length", body=b"hi")
    different = b"Content-Length: 2\r\nContent-Length: 3\r\n"
    yield refused("59", head(POST, different) + b"hi", "different Content-Length")
    for value in (b"+2", b"-2", b"2" * 23, b"0x2", b"2_0", b""):
        data = head(POST, b"Content-Length: " + value + b"\r\n") + b"hi"
        yield refused(f"60 {value.decode()}", data, "not a plain number")
    both = head(POST, b"Content-Length: 3\r\n" + CHUNKED)
    expected = Expected(both, b"hello", ("ambiguous-framing",), chunks=1)
    yield Input("61", both + b"5\r\nhello\r\n0\r\n\r\n", (expected,), closes=True)
    for value in (b"gzip, chunked", b"identity", b"xchunked"):
        data = head(POST, b"Transfer-Encoding: " + value + b"\r\n") + b"0\r\n\r\n"
        yield refused(f"62 {value.decode()}", data, "other than chunked")
    old = head(b"POST /in HTTP/1.0", CHUNKED)
    yield Input(
        "67",
        old + b"2\r\nhi\r\n0\r\n\r\n",
        (Expected(old, b"hi", ("http-1.0", "chunked-http-1.0"), chunks=1),),
    )


def chunked(name: str, framed: bytes, body: bytes, chunks: int, *flags: str, trailers: Fields = ()) -> Input:
    """An input of one chunked request."""
    start = head(POST, CHUNKED)
    return Input(name, start + framed, (Expected(start, body, flags, trailers, chunks),))


def broken(name: str, framed: bytes, body: bytes, reason: str, chunks: int = 0) -> Input:
    """An input whose chunks break off."""
    start = head(POST, CHUNKED)
    expected = Expected(start, body, chunks=chunks, broken=reason)
    return Input(name, start + framed, (expected,), closes=True)


def _chunks() -> Iterator[Input]:
    hello = b"5\r\nhello\r\n"
    yield chunked("63", b"5;a=b;c\r\nhello\r\n0;last\r\n\r\n", b"hello", 1, "chunk-extensions")
    yield chunked("63 blanks", b"5  \r\nhello\r\n00\r\n\r\n", b"hello", 1)
    yield chunked(
        "64",
        hello + b"0\r\nX-Sum: 1\r\nx-SUM:2 \r\n\r\n",
        b"hello",
        1,
        trailers=((b"X-Sum", b"1"), (b"x-SUM", b"2")),
    )
    folded = hello + b"0\r\nX-Fold: a\r\n b\r\n\r\n"
    yield chunked("64 folded", folded, b"hello", 1, trailers=((b"X-Fold", b"a b"),))
    for name in (b"Host", b"Authorization", b"Content-Length"):
        framed = hello + b"0\r\n" + name + b": 9\r\n\r\n"
        yield chunked(
            f"65 {name.decode()}", framed, b"hello", 1, "forbidden-trailer", trailers=((name, b"9"),)
        )
    yield broken("66 LF", b"5\nhello\n0\n\n", b"", "size of a chunk")
    yield broken("66 0x", b"0x5\r\nhello\r\n0\r\n\r\n", b"", "size of a chunk")
    yield broken("66 longer", b"5\r\nhello world\r\n0\r\n\r\n", b"hello", "longer than its size", 1)
    yield broken("66 18 digits", b"1" * 18 + b"\r\nhello", b"", "size of a chunk")
    yield broken("66 trailer LF", hello + b"0\r\nX: 1\n\n", b"hello", "trailers", 1)
    yield broken("66 trailer", hello + b"0\r\nno colon\r\n\r\n", b"hello", "trailers are not", 1)
    yield broken("66 endless line", b"5;" + b"x" * 9000 + b"\r\nhello\r\n0\r\n\r\n", b"", "size of a chunk")
    yield broken("66 endless trailers", b"0\r\nX: " + b"x" * 66_000, b"", "longer than 65,536")
    yield chunked("66 bait", b"b\r\n0\r\n\r\nGET / \r\n0\r\n\r\n", b"0\r\n\r\nGET / ", 1)
    yield chunked("68", b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n", b"x" * 100_000, 100_000)


def _offers() -> Iterator[Input]:
    length = b"Content-Length: 2\r\n"
    yield whole("70", POST, length + b"Expect: 100-continue\r\n", "expect-100-continue", body=b"hi")
    yield whole("72", POST, length + b"Expect: other\r\n", "expect-unknown", body=b"hi")
    h2c = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    yield whole("73 old", b"POST /in HTTP/1.0", h2c + length, "http-1.0", "upgrade", body=b"hi")
    yield whole("73", POST, h2c + length, "upgrade", body=b"hi")
    socket = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    yield whole("74 GET", GET, socket, "upgrade")
    yield whole("74 POST", POST, socket + length, "upgrade", body=b"hi")


INPUTS = list(inputs())
assert len({each.name for each in INPUTS}) == len(INPUTS), "names are what tests are found by"
