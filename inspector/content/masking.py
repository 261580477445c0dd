"""Credentials in a request, found by the names they stand under, and left out of what is copied or exported.

Masked are the values of headers and query parameters that carry credentials. Signatures are evidence and
stay, and so do bodies: a body with a hole in it would no longer be the one that was signed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from inspector.models import HeaderPairs, Request

MASK = "[masked]"

_HEADER = re.compile(
    r"(^|[-_])(authorization|cookie2?|secrets?|passwords?|passwd|tokens?|api-?keys?|access-?key|auth-?key"
    r"|credentials?|jwt|session(-?id)?)($|[-_])"
)
_PARAMETER = re.compile(
    r"(^|[-_.])(tokens?|secrets?|passwords?|passwd|pwd|api_?keys?|access_?key|auth_?key|credentials?|jwt"
    r"|session(_?id)?|(access|refresh|id|auth|bearer)token|authorization|auth)($|[-_.])"
)
_AUTHORIZATION = re.compile(rb"[A-Za-z][A-Za-z0-9_-]{1,31}(?= +[^ ])")
_COOKIE = re.compile(rb"(;?\s*[^=;]+=)([^;]*)")


@dataclass(frozen=True, slots=True)
class Hidden:
    """A value that is left out: where it stood, and the variable that a copied command reads it from."""

    section: str
    name: str
    variable: str


Value = tuple[bytes | Hidden, ...]
"""Bytes with holes where credentials stood."""


@dataclass(frozen=True, slots=True)
class MaskedRequest:
    """A request's target and headers without their credentials, and the list of what was left out.

    ``revealed`` says that nothing was to be left out.
    """

    target: Value
    headers: tuple[tuple[bytes, Value], ...]
    hidden: tuple[Hidden, ...] = ()
    revealed: bool = False


def is_credential_header(name: str) -> bool:
    """Whether values of the header *name* are credentials."""
    return bool(_HEADER.search(name.lower()))


def is_credential_parameter(name: str) -> bool:
    """Whether values of the query parameter or form field *name* are credentials."""
    return bool(_PARAMETER.search(name.lower()))


def mask_request(request: Request, *, reveal: bool = False) -> MaskedRequest:
    """*request* with its credentials left out, or with *reveal* as it is."""
    if reveal:
        headers = tuple((name, (value,)) for name, value in request.headers)
        return MaskedRequest((request.target,), headers, revealed=True)
    masker = _Masker()
    target = masker.target(request.target)
    kept = tuple((name, masker.header(name, value)) for name, value in request.headers)
    return MaskedRequest(target, kept, tuple(masker.hidden))


def mask_headers(headers: HeaderPairs) -> HeaderPairs:
    """*headers* with ``[masked]`` for every credential."""
    masker = _Masker()
    return tuple((name, masked_bytes(masker.header(name, value))) for name, value in headers)


def mask_head(head: bytes) -> bytes:
    """The exact bytes of a request's *head* with ``[masked]`` for every credential, all else as it is."""
    masker = _Masker()
    fields: list[list[bytes]] = []
    for line in head.split(b"\n"):
        if line.startswith((b" ", b"\t")) and fields:
            fields[-1].append(line)  # a value that goes on in a further line
        else:
            fields.append([line])
    # Blank lines may come before the request line.
    first = next((number for number, [line, *_] in enumerate(fields) if line.rstrip(b"\r")), 0)
    masked = [
        _masked_request_line(masker, lines) if number == first else _masked_field(masker, lines)
        for number, lines in enumerate(fields)
    ]
    return b"\n".join(masked)


def _masked_request_line(masker: _Masker, lines: list[bytes]) -> bytes:
    method, blank, rest = lines[0].partition(b" ")
    target, last_blank, version = rest.rpartition(b" ")
    line = method + blank + masked_bytes(masker.target(target)) + last_blank + version
    return b"\n".join([line, *lines[1:]])


def _masked_field(masker: _Masker, lines: list[bytes]) -> bytes:
    """The *lines* of one field; when a credential is in it, one line with that left out."""
    as_sent = b"\n".join(lines)
    name, colon, value = as_sent.partition(b":")
    content = value.rstrip(b"\r")
    blanks = content[: len(content) - len(content.lstrip(b" \t"))]
    before = len(masker.hidden)
    masked = masker.header(name.strip(b" \t"), b" ".join(content.split()))
    if len(masker.hidden) == before:
        return as_sent
    return name + colon + blanks + masked_bytes(masked) + value[len(content) :]


def masked_bytes(value: Value) -> bytes:
    """*value* with ``[masked]`` in its holes."""
    return b"".join(MASK.encode() if isinstance(piece, Hidden) else piece for piece in value)


class _Masker:
    """Collects what it hides, and gives each a variable of its own."""

    def __init__(self) -> None:
        self.hidden: list[Hidden] = []
        self._used: Counter[str] = Counter()

    def hide(self, section: str, name: str) -> Hidden:
        variable = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").upper() or "CREDENTIAL"
        if variable[0].isdigit():
            variable = f"_{variable}"
        self._used[variable] += 1
        if self._used[variable] > 1:
            variable = f"{variable}_{self._used[variable]}"
        hidden = Hidden(section, name, variable)
        self.hidden.append(hidden)
        return hidden

    def header(self, raw_name: bytes, value: bytes) -> Value:
        name = raw_name.decode("latin-1")
        if not value.strip() or not is_credential_header(name):
            return (value,)
        if name.lower() in {"cookie", "set-cookie"}:
            return self._cookies(name, value)
        if name.lower().endswith("authorization") and (kind := _AUTHORIZATION.match(value)):
            return (kind[0] + b" ", self.hide("header", name))
        return (self.hide("header", name),)

    def _cookies(self, name: str, value: bytes) -> Value:
        """Cookies without their values; in ``Set-Cookie`` all after the first pair are attributes."""
        pieces: list[bytes | Hidden] = []
        position = 0
        for match in _COOKIE.finditer(value):
            pieces.append(value[position : match.end(1)])
            pieces.append(self.hide("header", f"{name} {match[1].strip(b'; =').decode('latin-1')}"))
            position = match.end()
            if name.lower() == "set-cookie":
                break
        pieces.append(value[position:])
        return joined(pieces) if position else (self.hide("header", name),)

    def target(self, target: bytes) -> Value:
        path, mark, query = target.partition(b"?")
        if not mark:
            return (target,)
        pieces: list[bytes | Hidden] = [path + mark]
        for index, parameter in enumerate(query.split(b"&")):
            name, equals, value = parameter.partition(b"=")
            decoded = name.decode("latin-1")
            pieces.append(b"&" * bool(index) + name + equals)
            hides = value and is_credential_parameter(decoded)
            pieces.append(self.hide("query", decoded) if hides else value)
        return joined(pieces)


def joined(pieces: Iterable[bytes | Hidden]) -> Value:
    """*pieces* with neighbouring bytes made one, and empty ones left out."""
    together: list[bytes | Hidden] = []
    for piece in pieces:
        last = together[-1] if together else None
        if isinstance(piece, bytes) and isinstance(last, bytes):
            together[-1] = last + piece
        elif piece:
            together.append(piece)
    return tuple(together)
