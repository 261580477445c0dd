"""Senders that mean no good, all at once: ``python -m benchmarks.attack PORT SECONDS``.

300 heads that never end, 50 bodies that drip, garbage, heads of 100 MB, chunked bodies of 1 GB.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

import uvloop

HALF_OPEN = 300
DRIPPING = 50
FLOODING = 4
HUGE = 2

MIB = 1 << 20
HEAD = b"POST /attack HTTP/1.1\r\nHost: localhost\r\n"
CHUNK = b"%x\r\n%s\r\n" % (MIB, b"x" * MIB)

Attack = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def half_open(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A head that never ends."""
    writer.write(HEAD + b"X-")
    await reader.read()


async def dripping(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A body that comes byte by byte."""
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x")
        await asyncio.sleep(0.1)


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes without sense."""
    writer.write(random.randbytes(random.choice((1, 100, 60_000))))
    await writer.drain()
    await reader.read(1)


async def endless_head(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A head of 100 MB."""
    writer.write(HEAD)
    for _number in range(100):
        writer.write(b"X: " + b"x" * MIB + b"\r\n")
        await writer.drain()


async def endless_body(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A chunked body of 1 GB."""
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _number in range(1024):
        writer.write(CHUNK)
        await writer.drain()


async def repeat(port: int, attack: Attack) -> None:
    """*attack* again and again, each time on a new connection."""
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await attack(reader, writer)
            finally:
                writer.close()
        await asyncio.sleep(0.05)


async def run(port: int, seconds: float) -> None:
    """All attacks for *seconds*."""
    attacks = [half_open] * HALF_OPEN + [dripping] * DRIPPING + [garbage] * FLOODING
    attacks += [endless_head] * HUGE + [endless_body] * HUGE
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
            for attack in attacks:
                group.create_task(repeat(port, attack))


if __name__ == "__main__":
    uvloop.run(run(int(sys.argv[1]), float(sys.argv[2])))
