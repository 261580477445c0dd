"""Who may call the inspector: judged from the head of a request alone, before anything else happens.

Every web page that a developer opens can send requests to localhost, so neither the peer's address nor the
``Host`` alone says who asks. A name that an attacker resolves to 127.0.0.1 sends neither ``Origin`` nor
``Sec-Fetch-Site``: only its ``Host`` betrays it. A page on another localhost port sends our own cookies:
only ``Origin`` and ``Sec-Fetch-Site`` betray that one. Hence all rules hold for every request, and in one
order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from inspector.errors import InvalidInput

UNSPECIFIED_HOSTS = frozenset({"0.0.0.0", "[::]", "*", ""})  # noqa: S104 - refused, never bound
"""Names that a browser takes for this machine though they name no host: never allowed."""

DEFAULT_PORTS = {"80", "443"}
"""Ports that a browser leaves out of ``Host``."""

FORWARDING_NAMES = frozenset(
    {
        b"forwarded",
        b"via",
        b"x-real-ip",
        b"x-client-ip",
        b"x-cluster-client-ip",
        b"true-client-ip",
        b"cdn-loop",
    }
)
FORWARDING_PREFIXES = (
    b"x-forwarded",
    b"x-original-",
    b"cf-",
    b"ngrok-",
    b"tailscale-",
    b"fly-",
    b"fastly-",
    b"x-envoy-",
    b"x-amzn-",
    b"x-azure-",
)
"""What tunnels and proxies add to the requests they pass on."""

FORM_TYPE = b"application/x-www-form-urlencoded"
JSON_TYPE = b"application/json"

RawHeaders = Iterable[Sequence[bytes]]
"""Header fields as pairs of name and value, in any letter case."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not let in: the rule, what was found, and which option allows it."""

    status: int
    code: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)


def host_entry(text: str) -> str:
    """*text* as an entry of the allow-list: ``host:port`` in lower case, an IPv6 address in brackets.

    Raises InvalidInput on ``allow_host`` for a wildcard, an unspecified address, or a missing port.
    """
    host, _, port = text.strip().lower().rpartition(":")
    if host in UNSPECIFIED_HOSTS:
        raise InvalidInput.of(
            "allow_host", f"{text!r} names no single host; give HOST:PORT, without a wildcard"
        )
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise InvalidInput.of("allow_host", f"{text!r} has no port; give HOST:PORT")
    if not host.isascii() or any(character in "/@?#\\ ,*" for character in host):
        raise InvalidInput.of("allow_host", f"{text!r} is not a host name; give HOST:PORT")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise InvalidInput.of("allow_host", f"{text!r}: write an IPv6 address in brackets, [ADDRESS]:PORT")
    return f"{host}:{int(port)}"


class Admission:
    """The rules of one listener. *hosts* are ``HOST:PORT``; *scheme* is how browsers reach it.

    ``behind_proxy`` says that a proxy in front is wanted: forwarding headers are let through, and its
    ``X-Forwarded-Proto`` names the scheme.
    """

    def __init__(self, hosts: Iterable[str], scheme: str = "http", behind_proxy: bool = False) -> None:
        entries = {host_entry(host) for host in hosts}
        bare = {
            host for host, _, port in (entry.rpartition(":") for entry in entries) if port in DEFAULT_PORTS
        }
        self._hosts = frozenset(entries | bare)
        self._scheme = scheme
        self._behind_proxy = behind_proxy

    def judge(
        self, method: str, path: str, headers: RawHeaders, *, any_content: bool = False
    ) -> Refusal | None:
        """The first rule that a request breaks, or None. *path* is decoded, without query. Never raises.

        *any_content* leaves out the rule of the content type, for what is a callback.
        """
        fields: dict[bytes, list[bytes]] = {}
        for name, value in headers:
            fields.setdefault(name.lower(), []).append(value.strip(b" \t"))
        return (
            self._judge_host(fields)
            or self._judge_forwarding(fields)
            or self._judge_origin(fields)
            or self._judge_fetch_site(method, path, fields)
            or (None if any_content else self._judge_content_type(method, path, fields))
        )

    def scheme_of(self, fields: Mapping[bytes, Sequence[bytes]]) -> str:
        """How the browser reached us: our own scheme, or the one that the wanted proxy names."""
        if self._behind_proxy:
            named = fields.get(b"x-forwarded-proto", [])
            if len(named) == 1 and named[0] in (b"http", b"https"):
                return named[0].decode("ascii")
        return self._scheme

    def _judge_host(self, fields: Mapping[bytes, Sequence[bytes]]) -> Refusal | None:
        hosts = fields.get(b"host", [])
        if len(hosts) == 1 and _text(hosts[0]).lower() in self._hosts:
            return None
        found = " and ".join(_shown(host) for host in hosts) or "none"
        return Refusal(
            421,
            "host-refused",
            f"Rule Host: this inspector answers only to its own names with its own port, and got {found}. "
            "Open it as localhost, or start it with --allow-host HOST:PORT to add a name.",
        )

    def _judge_forwarding(self, fields: Mapping[bytes, Sequence[bytes]]) -> Refusal | None:
        if self._behind_proxy:
            return None
        for name in fields:
            if name in FORWARDING_NAMES or name.startswith(FORWARDING_PREFIXES):
                return Refusal(
                    403,
                    "forwarded-refused",
                    f"Rule Forwarding: the header {_shown(name)} says that a tunnel or proxy passed this on. "
                    "Tunnels belong on the callback port; start with --behind-proxy if a proxy in front of "
                    "the inspector is wanted.",
                )
        return None

    def _judge_origin(self, fields: Mapping[bytes, Sequence[bytes]]) -> Refusal | None:
        origins = fields.get(b"origin", [])
        if not origins or (len(origins) == 1 and _text(origins[0]).lower() == self._own_origin(fields)):
            return None
        found = " and ".join(_shown(origin) for origin in origins)
        return Refusal(
            403,
            "origin-refused",
            f"Rule Origin: in a browser only our own page may call the inspector, and this came from {found}."
            " No option allows another origin; --allow-host HOST:PORT adds a name to open the page under.",
        )

    def _own_origin(self, fields: Mapping[bytes, Sequence[bytes]]) -> str:
        return f"{self.scheme_of(fields)}://{_text(fields[b'host'][0]).lower()}"

    def _judge_fetch_site(
        self, method: str, path: str, fields: Mapping[bytes, Sequence[bytes]]
    ) -> Refusal | None:
        sites = fields.get(b"sec-fetch-site", [])
        reading = method in ("GET", "HEAD")
        if not sites or sites == [b"same-origin"] or (reading and sites == [b"none"]):
            return None
        followed_link = fields.get(b"sec-fetch-mode") == [b"navigate"] and fields.get(b"sec-fetch-dest") == [
            b"document"
        ]
        if reading and followed_link and not is_api(path):
            return None
        found = " and ".join(_shown(site) for site in sites)
        return Refusal(
            403,
            "fetch-site-refused",
            f"Rule Sec-Fetch-Site: the browser says that another site asked ({found}). Links to pages work "
            "from anywhere, everything else only from the inspector's own page; no option changes that.",
        )

    def _judge_content_type(
        self, method: str, path: str, fields: Mapping[bytes, Sequence[bytes]]
    ) -> Refusal | None:
        if method in ("GET", "HEAD") or not _has_body(fields):
            return None
        types = [value.partition(b";")[0].strip().lower() for value in fields.get(b"content-type", [])]
        if types == [JSON_TYPE]:
            return None
        from_our_page = bool(fields.get(b"origin")) or fields.get(b"sec-fetch-site") == [b"same-origin"]
        if types == [FORM_TYPE] and from_our_page and not is_api(path):
            return None
        found = " and ".join(_shown(value) for value in fields.get(b"content-type", [])) or "none"
        return Refusal(
            415,
            "content-type-refused",
            "Rule Content-Type: a body has to be application/json, since only the page itself posts forms, "
            f"and got {found}. No option changes that; send the header Content-Type: application/json.",
        )


def is_api(path: str) -> bool:
    """Whether *path* is part of the API, which no link from another site may reach."""
    return path.lstrip("/").partition("/")[0].lower() == "api"


def _has_body(fields: Mapping[bytes, Sequence[bytes]]) -> bool:
    lengths = fields.get(b"content-length", [])
    return b"transfer-encoding" in fields or any(length.strip(b"0") for length in lengths)


def _text(value: bytes) -> str:
    return value.decode("latin-1")


def _shown(value: bytes) -> str:
    """Bytes of a stranger as short printable text, in quotes."""
    text = value[:80].decode("ascii", "backslashreplace")
    return '"' + "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text) + '"'
