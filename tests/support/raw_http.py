"""HTTP by hand over a socket: what is sent is exactly what the test wrote."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

Address = tuple[str, int]

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class RawReply:
    """One HTTP reply. Header names are lower case, as they came apart from that, in order."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of *name* (lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)


class Connection:
    """A TCP connection on which requests are written and replies read."""

    def __init__(self, address: Address, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self.socket = socket.create_connection(address, timeout_seconds)
        self.pending = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Write *data*, whole."""
        self.socket.sendall(data)

    def send_in_pieces(self, data: bytes, size: int) -> None:
        """Write *data* in segments of *size* bytes, in packets of their own if the kernel lets them."""
        self.send_at(data, range(size, len(data), size))

    def send_at(self, data: bytes, cuts: Iterable[int]) -> None:
        """Write *data* in segments that end at the positions *cuts*, ascending."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start, end in pairwise((0, *cuts, len(data))):
            self.socket.sendall(data[start:end])

    def half_close(self) -> None:
        """Say that nothing more is sent, and keep listening."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Drop the connection with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()

    def read_line(self) -> bytes:
        """One line, without its CRLF."""
        line, _, self.pending = self._until(b"\r\n").partition(b"\r\n")
        return line

    def read_head(self) -> tuple[int, list[tuple[str, str]]]:
        """Status and header fields of the next reply."""
        head, _, self.pending = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        fields = [line.split(":", 1) for line in lines]
        return int(status_line.split(" ")[1]), [(name.lower(), value.strip()) for name, value in fields]

    def read_reply(self, *, to_head: bool = False) -> RawReply:
        """The next final reply; *to_head* says that it answers a HEAD request and has no body."""
        status, headers = self.read_head()
        while status < 200:
            status, headers = self.read_head()
        known = dict(headers)
        if to_head or status in (204, 304):
            body = b""
        elif known.get("transfer-encoding") == "chunked":
            body = self._read_chunks()
        elif "content-length" in known:
            body = self._read_exactly(int(known["content-length"]))
        else:
            body = self.read_to_end()
        return RawReply(status, headers, body)

    def read_to_end(self) -> bytes:
        """Everything until the other side closes."""
        while data := self.socket.recv(65536):
            self.pending += data
        rest, self.pending = self.pending, b""
        return rest

    def is_closed(self) -> bool:
        """Whether the other side closes without another byte; waits for it."""
        try:
            return self.pending == b"" and self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def _read_chunks(self) -> bytes:
        body = b""
        while size := int(self.read_line(), 16):
            body += self._read_exactly(size)
            assert self.read_line() == b""
        assert self.read_line() == b""
        return body

    def _read_exactly(self, size: int) -> bytes:
        while len(self.pending) < size:
            self._receive()
        body, self.pending = self.pending[:size], self.pending[size:]
        return body

    def _until(self, end: bytes) -> bytes:
        while end not in self.pending:
            self._receive()
        return self.pending

    def _receive(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(f"closed in the middle of a reply; what came: {self.pending!r}")
        self.pending += data


def request_bytes(
    method: str = "POST",
    target: str = "/",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    *,
    host: str = "localhost",
) -> bytes:
    """A request as bytes: Host, then *headers* as given, then a Content-Length unless they frame the body."""
    fields = [("Host", host), *headers]
    framed = any(name.lower() in ("content-length", "transfer-encoding") for name, _ in fields)
    if body and not framed:
        fields.append(("Content-Length", str(len(body))))
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


def send_raw(address: Address, data: bytes, *, to_head: bool = False) -> RawReply:
    """Send *data* on a connection of its own and return the reply."""
    with Connection(address) as connection:
        connection.send(data)
        return connection.read_reply(to_head=to_head)


def send(
    address: Address,
    method: str = "POST",
    target: str = "/",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
) -> RawReply:
    """Send one request on a connection of its own and return the reply."""
    name, port = address
    host = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    return send_raw(
        address, request_bytes(method, target, headers, body, host=host), to_head=method == "HEAD"
    )
