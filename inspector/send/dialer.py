"""The guarded dialer: the one way out of this program to addresses that users name.

It resolves a name once, judges every address the name stands for, and connects to one of those judged, so
that a name cannot change its mind in between. It follows no redirect, asks no proxy and no ``.netrc``, and
sends what it is given: the method, the target, the header fields in their order and letter case, the body.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from inspector.send.exchange import Exchange, Failure, FailureClass
from inspector.send.outgoing import Outgoing, ready
from inspector.send.reply import Broken, Conversation
from inspector.send.targets import Address, Rules, Target, judge, plain
from inspector.settings import KIB, MIB

READ_BYTES = 64 * KIB
FAMILY_SECONDS = 10.0
"""How long one address may take to accept while there is another one to try."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses, as text, of a host and port. Raises ``socket.gaierror``."""
Connect = Callable[[str, int, ssl.SSLContext | None, str | None], Awaitable[Streams]]
"""A connection to an address and port, with TLS for the named host where a context is given."""


@dataclass(frozen=True, slots=True)
class DialLimits:
    """What one exchange may take: seconds from the first look-up to the last byte, bytes of reply body."""

    seconds: float = 30.0
    response_bytes: int = 5 * MIB


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """The addresses of *host* in the order in which the system would try them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def connect_by_system(
    address: str, port: int, tls: ssl.SSLContext | None, tls_host: str | None
) -> Streams:
    """A TCP connection to exactly this address."""
    return await asyncio.open_connection(address, port, ssl=tls, server_hostname=tls_host)


def on_this_machine(address: Address) -> bool:
    """Whether *address* is one of this machine's own, so that a listener here may stand behind it."""
    if address.is_loopback:
        return True
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError as problem:
        # Any other failure leaves the question open, and what is not known to be elsewhere is here.
        return problem.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
    return True


@cache
def verifying_tls() -> ssl.SSLContext:
    """TLS that verifies chain and host name against the system's authorities, for HTTP/1.1."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


@dataclass(frozen=True, slots=True)
class Network:
    """How the dialer reaches the world; the default is the system's way."""

    resolve: Resolve = resolve_by_system
    connect: Connect = connect_by_system
    is_here: Callable[[Address], bool] = on_this_machine
    tls: Callable[[], ssl.SSLContext] = verifying_tls


SYSTEM = Network()
DEFAULT_LIMITS = DialLimits()


async def send(
    request: Outgoing,
    target: Target,
    rules: Rules,
    *,
    limits: DialLimits = DEFAULT_LIMITS,
    network: Network = SYSTEM,
) -> Exchange:
    """Send *request* to the host and port of *target*; what comes back, or why nothing does.

    Path and query are those of *request*. Its Host is kept, and added from *target* where it has none.
    Raises TargetRefused before anything is connected, and InvalidInput on ``method``, ``target`` or
    ``headers`` for what cannot be sent. Whatever the other side does ends in an ``Exchange``.
    """
    call = _Call(ready(request, target.authority), target, rules, limits, network)
    began = time.monotonic()
    failure = None
    try:
        async with asyncio.timeout(limits.seconds):
            await call.run()
    except TimeoutError:
        failure = Failure(FailureClass.TIMEOUT, f"{call.waiting_for} within {limits.seconds:g} s.")
    except Broken as broken:
        failure = Failure(broken.kind, str(broken))
    return Exchange(
        request=call.request,
        address=call.address,
        response=call.conversation.response,
        failure=failure,
        seconds=time.monotonic() - began,
    )


class _Call:
    """One exchange under way. It raises TargetRefused, or Broken when no whole reply comes."""

    def __init__(
        self, request: Outgoing, target: Target, rules: Rules, limits: DialLimits, network: Network
    ) -> None:
        self.request = request
        self.target = target
        self.rules = rules
        self.network = network
        self.conversation = Conversation(request, limits.response_bytes)
        self.address: tuple[str, int] | None = None
        self.waiting_for = f"The address of {target.host} was not found"

    async def run(self) -> None:
        addresses = await self._judged_addresses()
        self.waiting_for = f"{self.target.authority} did not accept a connection"
        reader, writer = await self._connect(addresses)
        try:
            self.waiting_for = "No whole reply came"
            await self._converse(reader, writer)
        finally:
            writer.transport.abort()  # close() would wait for a peer that reads nothing
            with suppress(OSError):
                await writer.wait_closed()

    async def _judged_addresses(self) -> list[Address]:
        """All addresses of the target, looked up once; if a single one is not allowed, none is used."""
        target = self.target
        found = [target.address] if target.address is not None else await self._look_up()
        for address in found:
            is_here = target.port in self.rules.inspector_ports and self.network.is_here(address)
            judge(address, target, self.rules, is_here=is_here)
        return found

    async def _look_up(self) -> list[Address]:
        host = self.target.host
        try:
            texts = await self.network.resolve(host, self.target.port)
        except socket.gaierror as problem:
            raise Broken(FailureClass.DNS, f"{host} cannot be looked up: {_why(problem)}.") from problem
        if not texts:
            raise Broken(FailureClass.DNS, f"{host} has no address.")
        return [plain(ipaddress.ip_address(text)) for text in texts]

    async def _connect(self, addresses: Sequence[Address]) -> Streams:
        """A connection to the first address that accepts one, as ``localhost`` has two and an agent one."""
        for address in addresses[:-1]:
            try:
                async with asyncio.timeout(FAMILY_SECONDS):
                    return await self._connect_to(address)
            except ssl.SSLError as problem:
                raise self._unconnected(problem) from problem
            except OSError:
                continue
        try:
            return await self._connect_to(addresses[-1])
        except OSError as problem:
            raise self._unconnected(problem) from problem

    async def _connect_to(self, address: Address) -> Streams:
        target = self.target
        secure = target.scheme == "https"
        streams = await self.network.connect(
            str(address), target.port, self.network.tls() if secure else None, target.host if secure else None
        )
        self.address = str(address), target.port
        return streams

    def _unconnected(self, problem: OSError) -> Broken:
        where, why = self.target.authority, _why(problem)
        if isinstance(problem, ConnectionRefusedError):
            return Broken(FailureClass.REFUSED, f"Nothing listens at {where}: the connection was refused.")
        # A connection that breaks before it is handed over breaks in the handshake.
        in_handshake = isinstance(problem, ssl.SSLError | ConnectionResetError | ConnectionAbortedError)
        if in_handshake and self.target.scheme == "https":
            return Broken(FailureClass.TLS, f"TLS with {where} failed: {why}.")
        return Broken(FailureClass.CONNECT, f"No connection to {where}: {why}.")

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Not drained: a target may answer before it has read everything, and its reply is what counts.
        writer.write(self.conversation.request_bytes())
        try:
            while not self.conversation.feed(await reader.read(READ_BYTES)):
                continue
        except OSError as problem:
            message = f"The connection broke before the reply was whole: {_why(problem)}."
            raise Broken(FailureClass.RESET, message) from problem


def _why(problem: OSError) -> str:
    """The system's words for *problem*, without number and punctuation."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return problem.verify_message.rstrip(".")
    return (problem.strerror or str(problem) or type(problem).__name__).rstrip(".")
