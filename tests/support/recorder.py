"""A receiver of the test's own on loopback: keeps every byte that came, and answers as the test says."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
DEADLINE_SECONDS = 10.0
LONGEST_LINE_BYTES = 1 << 24

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Answer = Callable[[Reader, Writer], Awaitable[None]]


@dataclass(slots=True)
class Recorder:
    """What came. ``requests`` has the bytes of each request that was read to its end."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


async def read_request(reader: Reader) -> bytes:
    """One request exactly as it came, by its Content-Length or its chunks."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
    fields = {name.lower(): value.strip() for name, _, value in lines}
    if fields.get(b"transfer-encoding", b"").lower() != b"chunked":
        return head + await reader.readexactly(int(fields.get(b"content-length", b"0")))
    body = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        body += line + await reader.readexactly(int(line, 16) + 2)
        if line == b"0\r\n":
            return head + body


def replying(reply: bytes) -> Answer:
    """Answers with these bytes and closes, whatever came."""

    async def answer(_: Reader, writer: Writer) -> None:
        writer.write(reply)

    return answer


async def waiting(reader: Reader, _: Writer) -> None:
    """Answers nothing until the other side has gone."""
    await reader.read()


@asynccontextmanager
async def recorder(
    answer: Answer | None = None,
    *,
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
    reads: bool = True,
) -> AsyncIterator[Recorder]:
    """A receiver on a free port; without *reads* it answers before it has read anything."""
    record, tasks = Recorder(), set[asyncio.Task[None]]()
    answer = answer or replying(OK)

    async def serve(reader: Reader, writer: Writer) -> None:
        try:
            if reads:
                record.requests.append(await read_request(reader))
            await answer(reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # the sender has gone, which the test sees at its own end
        finally:
            writer.close()

    def accept(reader: Reader, writer: Writer) -> None:
        record.connections += 1
        tasks.add(asyncio.ensure_future(serve(reader, writer)))

    server = await asyncio.start_server(accept, host, 0, ssl=tls, limit=LONGEST_LINE_BYTES)
    record.port = server.sockets[0].getsockname()[1]
    async with server:
        yield record
        if tasks:
            await asyncio.wait_for(asyncio.gather(*tasks), DEADLINE_SECONDS)
