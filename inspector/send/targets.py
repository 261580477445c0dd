"""Targets: where something may be sent. Pure: reads a URL and judges addresses, and asks no network.

A developer's tool that sends what it is told to is a way into everything this machine can reach, so targets
are an allow-list: this machine, and what was permitted by host and port. Some addresses are refused even
then. Every address that a name stands for is judged, and an address written in an uncommon way is refused
as it stands, because programs do not agree on what it means.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

from inspector.errors import InvalidInput, TargetRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Place = tuple[str, int]
"""A host as it stands in a URL, in lower case, without brackets, and a port."""

DEFAULT_PORTS = {"http": 80, "https": 443}

METADATA_NAMES = frozenset(
    (
        "instance-data",
        "instance-data.ec2.internal",
        "metadata",
        "metadata.goog",
        "metadata.google.internal",
        "metadata.tencentyun.com",
    )
)
"""Names under which clouds serve a machine's credentials to whatever runs on it."""

METADATA_ADDRESSES = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "100.100.100.200",  # Alibaba Cloud
        "168.63.129.16",  # Azure
        "192.0.0.192",  # Oracle Cloud
        "fd00:42::42",  # Scaleway
        "fd00:ec2::254",  # Amazon
        "fd20:ce::254",  # Google Cloud
    )
)
"""Where clouds serve it outside the link-local range, in which 169.254.169.254 lies."""

_NEVER = tuple(
    (ipaddress.ip_network(network), why)
    for network, why in (
        ("0.0.0.0/8", "an unspecified address"),
        ("::/128", "an unspecified address"),
        ("169.254.0.0/16", "a link-local address, where clouds keep credentials"),
        ("fe80::/10", "a link-local address"),
        ("224.0.0.0/4", "a multicast address"),
        ("ff00::/8", "a multicast address"),
        ("255.255.255.255/32", "the broadcast address"),
        # RFC 8215: where the IPv4 address stands in it is each network's own affair.
        ("64:ff9b:1::/48", "a translated address that cannot be judged"),
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")  # RFC 4291, 2.5.5.1
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # RFC 5214, 6.1

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^#]*)(?:#.*)?")
_PLACE = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]*))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Target:
    """A URL to send to. ``target`` is its path and query as written; ``address`` is set when no name has to
    be resolved."""

    scheme: str
    host: str
    port: int
    target: bytes
    address: Address | None = None

    @property
    def place(self) -> Place:
        return self.host, self.port

    @property
    def authority(self) -> str:
        """What ``Host`` says: host and port, the scheme's own port left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target.decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Rules:
    """What is permitted beside loopback, and the ports on which our own inspectors listen on this machine."""

    permitted: frozenset[Place] = frozenset()
    inspector_ports: frozenset[int] = frozenset()

    def permit(self, target: Target) -> Rules:
        """These rules for a person who typed *target*: that is permission for its host and port."""
        return Rules(self.permitted | {target.place}, self.inspector_ports)


def read_target(url: str) -> Target:
    """The target that *url* names.

    Raises InvalidInput on ``target`` for what is no URL, and TargetRefused for one that is never sent to:
    not HTTP, with credentials, or with a host that can be read in more than one way.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise _invalid("A target is a whole URL, like http://localhost:3000/callback.")
    scheme, authority, rest = match[1].lower(), match[2], match[3]
    if scheme not in DEFAULT_PORTS:
        raise TargetRefused(f"Targets are http or https, not {scheme}.")
    if "@" in authority:
        raise TargetRefused("A target must not hold a user name or password.")
    if not authority.isascii():
        raise TargetRefused("The host must be ASCII: write an international name in its xn-- form.")
    if not (rest.isascii() and rest.isprintable() and " " not in rest):
        raise _invalid("Path and query must be printable ASCII: percent-encode the rest.")
    place = _PLACE.fullmatch(authority.lower())
    if place is None:
        raise _invalid("The host and port of the target cannot be read.")
    port = _read_port(place[2], DEFAULT_PORTS[scheme])
    host, address = _read_host(place[1])
    target = rest if rest.startswith("/") else f"/{rest}"
    return Target(scheme, host, port, target.encode("ascii"), address)


def _read_port(text: str | None, default: int) -> int:
    if not text:
        return default
    if len(text) > 5 or int(text) > 65535:
        raise _invalid("A port is a number up to 65535.")
    if int(text) == 0:
        raise TargetRefused("Port 0 is no port that anything listens on.")
    return int(text)


def _read_host(text: str) -> tuple[str, Address | None]:
    """The host as it is compared with what is permitted, and the address when it is one."""
    if not text:
        raise _invalid("The target has no host.")
    if text.startswith("["):
        return _read_ipv6(text[1:-1])
    if text.endswith("."):
        raise TargetRefused(f"Write the host without the dot at its end: {text.rstrip('.')}.")
    labels = text.split(".")
    if len(text) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _invalid("The target's host is no name that could be looked up.")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            address = ipaddress.IPv4Address(text)
        except ValueError:
            raise TargetRefused(f"Write an address as four decimal numbers; {text} is not.") from None
        return str(address), address
    if text in METADATA_NAMES:
        raise TargetRefused(f"{text} is a cloud's metadata service, which is never a target.")
    return text, None


def _read_ipv6(text: str) -> tuple[str, Address]:
    if "%" in text:
        raise TargetRefused("An address with a zone is link-local, which is never a target.")
    try:
        address = plain(ipaddress.IPv6Address(text))
    except ValueError:
        raise _invalid(f"[{text}] is no IPv6 address.") from None
    return str(address), address


def plain(address: Address) -> Address:
    """*address*, or the IPv4 address that an IPv4-mapped one is just another way to reach."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def judge(address: Address, target: Target, rules: Rules, *, is_here: bool) -> None:
    """Raise TargetRefused unless something may be sent to *address*, which *target*'s host stands for.

    *address* is ``plain``; *is_here* says that it belongs to this machine.
    """
    shown = str(address) if target.address is not None else f"{target.host} ({address})"
    for reached in (address, *_embedded(address)):
        why = _never(reached)
        if why is not None:
            meant = f"is {why}" if reached == address else f"leads to {reached}, {why}"
            raise TargetRefused(f"{shown} {meant}. That is never a target.")
    if is_here and target.port in rules.inspector_ports:
        raise TargetRefused("That is the inspector itself, which is never a target.")
    if not address.is_loopback and target.place not in rules.permitted:
        raise TargetRefused(f"{shown} is not on this machine, and nobody permitted {target.authority}.")


def _never(address: Address) -> str | None:
    """What *address* is that no permission covers; None when it is nothing of the kind."""
    if address in METADATA_ADDRESSES:
        return "a cloud's metadata service"
    return next((why for network, why in _NEVER if address in network), None)


def _embedded(address: Address) -> Iterator[Address]:
    """The IPv4 addresses that a gateway between IPv6 and IPv4 would send to on behalf of *address*."""
    if isinstance(address, ipaddress.IPv4Address) or address.is_loopback or address.is_unspecified:
        return
    low = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    interface = int(address) >> 32 & 0xFFFF_FFFF
    if address in _NAT64 or address in _IPV4_COMPATIBLE or interface in _ISATAP:
        yield low
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo


def _invalid(message: str) -> InvalidInput:
    return InvalidInput.of("target", message)
