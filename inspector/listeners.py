"""Listeners: the sockets of a port on every address its host stands for."""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass
from typing import Any

from inspector.errors import InvalidInput, PortInUse
from inspector.settings import LOOPBACK_HOSTS

BACKLOG = 2048
FREE_PORT_ATTEMPTS = 50

SocketAddress = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Listener:
    """One listener's place: the addresses *host* stands for (None: both loopback ones), on a single port."""

    host: str | None
    port: int
    host_field: str
    port_field: str
    send_buffer_bytes: int | None = None

    def open(self) -> list[socket.socket]:
        """Listening sockets, one for each address.

        Raises PortInUse, also when the port is free on one family only, and InvalidInput for a host or a port
        that this process may not listen on.
        """
        addresses = self._addresses()
        for _ in range(FREE_PORT_ATTEMPTS if self.port == 0 else 1):
            sockets: list[socket.socket] = []
            try:
                for family, address in addresses:
                    port = sockets[0].getsockname()[1] if sockets else self.port
                    sockets.append(self._listen(family, (address[0], port, *address[2:])))
            except PortInUse as taken:
                for opened in sockets:
                    opened.close()
                problem = taken  # with port 0: free on one family only, so another is picked
            else:
                return sockets
        raise problem

    def _addresses(self) -> list[tuple[socket.AddressFamily, SocketAddress]]:
        hosts = [self.host] if self.host else [host for host in LOOPBACK_HOSTS if _exists(host)]
        found = {}
        for host in hosts:
            try:
                answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            except OSError as unknown:
                raise InvalidInput.of(
                    self.host_field, f"{host} is not an address: {unknown.strerror}"
                ) from None
            found.update({address[0]: (family, address) for family, _, _, _, address in answers})
        return list(found.values())

    def _listen(self, family: socket.AddressFamily, address: SocketAddress) -> socket.socket:
        # Without the protocol named, asyncio does not switch Nagle off and each POST takes 44 ms.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            if os.name == "posix":  # elsewhere the option lets two servers share a port
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if self.send_buffer_bytes is not None:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.send_buffer_bytes)
            listening.bind(address)
            listening.listen(BACKLOG)  # here, because only that finds a port bound but not yet listened on
        except OSError as problem:
            listening.close()
            raise self._explained(problem, address) from None
        return listening

    def _explained(self, problem: OSError, address: SocketAddress) -> PortInUse | InvalidInput:
        host, port = address[:2]
        if problem.errno == errno.EADDRINUSE:
            option = "--" + self.port_field.replace("_", "-")
            return PortInUse(
                f"Port {port} is taken on {host}. Use another one, or {option} 0 for any that is free."
            )
        field = self.port_field if problem.errno == errno.EACCES else self.host_field
        return InvalidInput.of(field, f"cannot listen on {host} port {port}: {problem.strerror}")


def _exists(host: str) -> bool:
    """Whether this machine has the address *host* at all."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True
