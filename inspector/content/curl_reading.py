"""A curl command read back as the request that it sends, for every option that a request depends on.

Source: curl's manual page. What curl would add by itself and no signature covers (User-Agent, Accept) is
left out.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes

from inspector.content.shell_words import shell_words
from inspector.content.written_request import WrittenRequest, written
from inspector.errors import InvalidInput

ReadFile = Callable[[str], bytes]

FORM_TYPE = b"application/x-www-form-urlencoded"

SHORT = {
    "X": "request",
    "H": "header",
    "d": "data",
    "G": "get",
    "I": "head",
    "A": "user-agent",
    "e": "referer",
    "b": "cookie",
    "u": "user",
    "F": "form",
    "T": "upload-file",
    "0": "http1.0",
    "o": "output",
    "m": "max-time",
    "x": "proxy",
    "E": "cert",
    "w": "write-out",
    "D": "dump-header",
    "c": "cookie-jar",
    "K": "config",
    "U": "proxy-user",
    "Y": "speed-limit",
    "y": "speed-time",
}

DATA = ("data", "data-ascii", "data-raw", "data-binary", "data-urlencode", "json")

MEANT = frozenset(
    (
        *DATA,
        "request",
        "header",
        "user-agent",
        "referer",
        "cookie",
        "user",
        "upload-file",
        "url",
        "request-target",
    )
)
"""Options with a value that the request depends on."""

WITHOUT_EFFECT = frozenset(
    (
        *("output", "max-time", "connect-timeout", "limit-rate", "speed-limit", "speed-time"),
        *("proxy", "proxy-user", "resolve", "connect-to", "interface", "unix-socket"),
        *("cert", "key", "cacert", "capath", "ciphers", "tls-max"),
        *("write-out", "dump-header", "cookie-jar", "stderr", "trace", "trace-ascii"),
        *("retry", "retry-delay", "retry-max-time", "max-redirs", "expect100-timeout"),
    )
)
"""Options with a value that the request does not depend on."""

FLAGS = frozenset(("get", "head", "http1.0"))

TOO_MUCH = {
    "form": "curl picks a boundary by chance for each form: save the raw request and verify that",
    "config": "options in a file are not read: write them into the command",
}

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(slots=True)
class _Command:
    """What the options of a command said so far."""

    given: dict[str, bytes] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    headers: list[bytes] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    is_json: bool = False


def is_curl(text: str) -> bool:
    """Whether *text* looks like a curl command."""
    return re.match(r"\s*(\$ )?curl(\.exe)?\s", text) is not None


def read_curl_command(text: str, variables: Mapping[str, str], read_file: ReadFile) -> WrittenRequest:
    """The request that the command *text* sends.

    ``$NAME`` in it is read from *variables*, files it names by *read_file*. Raises InvalidInput on ``curl``
    for what cannot be known without running it, and whatever *read_file* raises.
    """
    words = shell_words(re.sub(r"^\s*\$ ", "", text), variables)
    if not words or words[0] not in (b"curl", b"curl.exe"):
        raise InvalidInput.of("curl", "the command does not begin with curl")
    command = _Command()
    for option, value in _options(words[1:]):
        _take(command, option, value, read_file)
    return _request(command, read_file)


def _options(words: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """The options by long name, with their value; a word that is none is the URL."""
    rest = iter(words)
    only_urls = False
    for word in rest:
        if only_urls or word == b"-" or not word.startswith(b"-"):
            yield "url", word
        elif word == b"--":
            only_urls = True
        elif word.startswith(b"--"):
            name = word[2:].decode("utf-8", "replace")
            yield name, _value(name, rest) if _takes_value(name) else b""
        else:
            yield from _short_options(word[1:].decode("utf-8", "surrogateescape"), rest)


def _short_options(letters: str, rest: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    """The options of ``-sSXPOST``: a value stands behind its letter, or is the next word."""
    for at, letter in enumerate(letters, 1):
        name = SHORT.get(letter, letter)
        if not _takes_value(name):
            yield name, b""
            continue
        behind = letters[at:].encode("utf-8", "surrogateescape")
        yield name, behind or _value(name, rest)
        return


def _takes_value(name: str) -> bool:
    return name in MEANT or name in WITHOUT_EFFECT or name in TOO_MUCH


def _value(name: str, rest: Iterator[bytes]) -> bytes:
    value = next(rest, None)
    if value is None:
        raise InvalidInput.of("curl", f"--{name} wants a value")
    return value


def _take(command: _Command, option: str, value: bytes, read_file: ReadFile) -> None:
    if option in TOO_MUCH:
        raise InvalidInput.of("curl", f"--{option}: {TOO_MUCH[option]}")
    if option in DATA:
        command.data.append(_data(option, value, read_file))
        command.is_json = command.is_json or option == "json"
    elif option == "header":
        if value.startswith(b"@"):
            command.headers += read_file(_name(value[1:])).splitlines()
        else:
            command.headers.append(value)
    elif option == "url" and "url" in command.given:
        raise InvalidInput.of("curl", "the command has two addresses: give one request at a time")
    elif option in MEANT:
        command.given[option] = value
    elif option in FLAGS:
        command.flags.add(option)


def _data(option: str, value: bytes, read_file: ReadFile) -> bytes:
    """What a data option adds to the body."""
    if option == "data-urlencode":
        return _encoded(value, read_file)
    if option == "data-raw" or not value.startswith(b"@"):
        return value
    content = read_file(_name(value[1:]))
    # Only --data-binary and --json keep the line ends of a file.
    return content if option in ("data-binary", "json") else content.translate(None, b"\r\n\0")


def _encoded(value: bytes, read_file: ReadFile) -> bytes:
    found = re.match(rb"([^=@]*)([=@])", value)
    if found is None:
        return _escaped(value)
    name, content = found[1], value[found.end() :]
    if found[2] == b"@":
        content = read_file(_name(content))
    escaped = _escaped(content)
    return name + b"=" + escaped if name else escaped


def _escaped(content: bytes) -> bytes:
    """Percent escapes as curl writes them since version 7.86: a blank is a plus."""
    return quote_from_bytes(content, safe="").encode("ascii").replace(b"%20", b"+")


def _name(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _request(command: _Command, read_file: ReadFile) -> WrittenRequest:
    given = command.given
    url = _name(given.get("url", b""))
    if not url:
        raise InvalidInput.of("curl", "the command has no address")
    url = url if _SCHEME.match(url) else f"http://{url}"
    # --json is the one kind whose pieces are joined without an ampersand.
    body = (b"" if command.is_json else b"&").join(command.data)
    method = "POST" if command.data else "GET"
    if "get" in command.flags:
        url, body, method = _with_query(url, body), b"", "GET"
    if "head" in command.flags:
        method = "HEAD"
    if "upload-file" in given:
        body, method = read_file(_name(given["upload-file"])), "PUT"
    if "request" in given:
        method = _name(given["request"])
    authority, target = _parts(url)
    defaults = [(b"Host", authority)]
    if "user" in given:
        defaults.append((b"Authorization", b"Basic " + base64.b64encode(given["user"])))
    for option, name in (("user-agent", b"User-Agent"), ("referer", b"Referer"), ("cookie", b"Cookie")):
        if option in given:
            defaults.append((name, given[option]))
    if command.is_json:
        defaults += [(b"Content-Type", b"application/json"), (b"Accept", b"application/json")]
    elif command.data and "get" not in command.flags:
        defaults.append((b"Content-Type", FORM_TYPE))
    if body:
        defaults.append((b"Content-Length", b"%d" % len(body)))
    headers = _headers(defaults, command.headers)
    sent = given.get("request-target", target)
    version = "1.0" if "http1.0" in command.flags else "1.1"
    return WrittenRequest(written(method, sent, headers, body, version=version), url.partition("#")[0])


def _with_query(url: str, query: bytes) -> str:
    base, hash_mark, fragment = url.partition("#")
    separator = "&" if "?" in base else "?"
    return f"{base}{separator}{_name(query)}{hash_mark}{fragment}"


def _parts(url: str) -> tuple[bytes, bytes]:
    """The host and the target in *url*."""
    rest = url.partition("://")[2].partition("#")[0].encode("utf-8", "surrogateescape")
    authority = re.split(rb"[/?]", rest, maxsplit=1)[0]
    target = rest[len(authority) :]
    return authority.rpartition(b"@")[2], target if target.startswith(b"/") else b"/" + target


def _headers(defaults: list[tuple[bytes, bytes]], given: list[bytes]) -> tuple[tuple[bytes, bytes], ...]:
    """The fields that are sent: curl's own where the command neither replaces nor removes them."""
    fields: list[tuple[bytes, bytes]] = []
    named: set[bytes] = set()
    for line in given:
        name, colon, value = line.partition(b":")
        bare = name.strip()
        if colon:
            named.add(bare.lower())
            if value.strip():
                fields.append((bare, value.strip()))
        elif bare.endswith(b";"):
            named.add(bare[:-1].lower())
            fields.append((bare[:-1], b""))
        elif bare:
            shown = bare[:60].decode("ascii", "backslashreplace")
            raise InvalidInput.of("curl", f"the header {shown!r} has no colon")
    return (*(pair for pair in defaults if pair[0].lower() not in named), *fields)
