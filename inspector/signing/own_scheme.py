"""A scheme made from options: the generic ``hmac`` row with its parameters.

Options, all text: ``header``, ``prefix``, ``hash`` (sha1, sha256, sha384, sha512), ``encoding`` (hex,
base64), ``key`` (text, hex, base64: how the secret becomes the key), ``content`` (a template of ``{body}``,
``{timestamp}``, ``{id}``, ``{method}``, ``{url}``, where ``{{`` is a brace), ``timestamp_header``,
``timestamp_unit`` (s, ms), ``id_header``.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from inspector.errors import FieldError, InvalidInput
from inspector.signing.catalog import HMAC, NO_TIME
from inspector.signing.digests import HASH_SIZES
from inspector.signing.scheme import Encoding, HeaderName, Part, Scheme, SecretForm, TimestampSyntax, Unit

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a field name, RFC 9110, section 5.6.2
_HASHES = {name: name for name in HASH_SIZES.values()}
_ENCODINGS = {encoding.value: encoding for encoding in Encoding}
_KEYS = {form.value: form for form in (SecretForm.TEXT, SecretForm.HEX, SecretForm.BASE64)}
_UNITS = {unit.value: unit for unit in Unit}
_PARTS = {part.value: part for part in (Part.BODY, Part.TIMESTAMP, Part.ID, Part.METHOD, Part.URL)}
_OPTIONS = "header, prefix, hash, encoding, key, content, timestamp_header, timestamp_unit, id_header"

T = TypeVar("T")


def hmac_scheme(options: Mapping[str, object]) -> Scheme:
    """The ``hmac`` scheme with *options*. Raises ``InvalidInput`` on each ``scheme_options.KEY`` at fault."""
    texts = tuple((key, value) for key, value in options.items() if isinstance(value, str))
    if len(texts) < len(options):
        raise InvalidInput(
            *(_error(key, "The value must be text.") for key in options.keys() - dict(texts).keys())
        )
    return _scheme_of(texts)


class _Options:
    """The options on their way into a row; what cannot be used is collected, not raised one by one."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        self.texts = dict(texts)
        self.errors: list[FieldError] = []

    def take(self, key: str, default: T, read: Callable[[str], T]) -> T:
        """The value of *key* as *read* makes it from its text; *default* where it is not given or refused."""
        if key not in self.texts:
            return default
        try:
            return read(self.texts.pop(key))
        except ValueError as problem:
            self.errors.append(_error(key, str(problem)))
            return default


@lru_cache(maxsize=256)
def _scheme_of(texts: tuple[tuple[str, str], ...]) -> Scheme:
    options = _Options(texts)
    signature = replace(
        HMAC.signature,
        header=options.take("header", HMAC.signature.header, _header),
        prefix=options.take("prefix", b"", _prefix),
        encoding=options.take("encoding", Encoding.HEX, _one_of(_ENCODINGS)),
    )
    hash_name = options.take("hash", HMAC.hash, _one_of(_HASHES))
    content = options.take("content", HMAC.content, _template)
    timestamp = options.take("timestamp_header", None, lambda text: TimestampSyntax(header=_header(text)))
    unit = options.take("timestamp_unit", Unit.SECONDS, _one_of(_UNITS))
    form = options.take("key", SecretForm.TEXT, _one_of(_KEYS))
    message_id = options.take("id_header", HMAC.message_id, _header)
    if timestamp is not None:
        timestamp = replace(timestamp, unit=unit)
    elif Part.TIMESTAMP in content:
        options.errors.append(_error("timestamp_header", "The content holds {timestamp}: name its header."))
    unknown = f"There is no such option; there are {_OPTIONS}."
    options.errors += [_error(key, unknown) for key in options.texts]
    if options.errors:
        raise InvalidInput(*options.errors)
    return replace(
        HMAC,
        signature=signature,
        hash=hash_name,
        content=content,
        timestamp=timestamp,
        message_id=message_id,
        secret_form=form,
        caveats=tuple(_caveats(hash_name, content, timestamp)),
    )


def _caveats(
    hash_name: str, content: tuple[Part | bytes | HeaderName, ...], timestamp: TimestampSyntax | None
) -> Iterable[str]:
    if Part.BODY not in content:
        yield "The body is not covered by the signature: it could be anybody's."
    if timestamp is not None and Part.TIMESTAMP not in content:
        yield f"The {timestamp.header.own} header is not covered by the signature: anyone can write another."
    if timestamp is None:
        yield NO_TIME
    if hash_name == "sha1":
        yield "The signature rests on SHA-1."


def _error(key: str, message: str) -> FieldError:
    return FieldError(f"scheme_options.{key}", message)


def _one_of(words: Mapping[str, T]) -> Callable[[str], T]:
    def read(text: str) -> T:
        if text not in words:
            raise ValueError(f"The value must be one of {', '.join(words)}.")
        return words[text]

    return read


def _header(text: str) -> HeaderName:
    if not _TOKEN.fullmatch(text):
        raise ValueError("The value must be the name of a header.")
    return HeaderName(text)


def _prefix(text: str) -> bytes:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("The prefix must be printable ASCII.")
    return text.encode("ascii")


def _template(text: str) -> tuple[Part | bytes, ...]:
    names = ", ".join(f"{{{name}}}" for name in _PARTS)
    content: list[Part | bytes] = []
    try:
        for literal, name, spec, conversion in string.Formatter().parse(text):
            if literal:
                content.append(literal.encode("utf-8"))
            if name is not None:
                content.append(_PARTS[f"{name}{spec or ''}{conversion or ''}"])
    except (KeyError, ValueError):  # an unknown name; a brace left open, or half a character
        raise ValueError(f"The content may hold {names} and text, with a brace written twice.") from None
    if not any(isinstance(part, Part) for part in content):
        raise ValueError(f"The content must hold one of {names}.")
    return tuple(content)
