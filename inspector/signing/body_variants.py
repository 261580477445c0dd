"""The bodies that a sender may have signed, when what came is not what was signed: likeliest first.

Every variant is made from what came by undoing one thing that frameworks, proxies and gateways do to
bodies, or by doing one that senders do before they sign.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, quote_plus, unquote_to_bytes, urlencode

from inspector.signing.json_fields import as_bytes
from inspector.signing.json_forms import JsonText, json_forms

LARGEST_BYTES = 1 << 20
"""Bodies above this are not varied: parsing and hashing them over and over takes seconds."""

_MOST_TIMES_LONGER = 8
_BOM = b"\xef\xbb\xbf"
_GZIP, _ZLIB = b"\x1f\x8b", (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_BLANKS = b" \t\r\n"


class BodyVariant(NamedTuple):
    """A body that may have been signed: a cause's code, what it is in words, the bytes."""

    code: str
    words: str
    body: bytes


def body_variants(
    body: bytes, given: JsonText | None, is_over: Callable[[], bool] = lambda: False
) -> Iterator[BodyVariant]:
    """What may have been signed in place of *body*, which is *given* as JSON when it is that. None twice.

    *is_over* is asked after each that was made: many may come out as one before, and are not heard of.
    """
    if len(body) > LARGEST_BYTES:
        return
    seen = {hash(body)}
    with suppress(RecursionError):  # JSON that can just be read can be too deep to be written
        for variant in _every(body, given):
            if is_over():
                return
            mark = hash(variant.body)
            if mark not in seen and len(variant.body) <= _MOST_TIMES_LONGER * LARGEST_BYTES:
                seen.add(mark)
                yield variant


def _every(body: bytes, given: JsonText | None) -> Iterator[BodyVariant]:
    yield from _newlines(body)
    if body.startswith(_BOM):
        yield BodyVariant("body_bom", "without its byte order mark", body[len(_BOM) :])
    if not body.isascii():
        yield from _charsets(body)
    if given is not None:
        yield from _json(given)
        if isinstance(given.value, str):
            yield BodyVariant(
                "body_json_double_encoded",
                "taken out of its JSON string",
                as_bytes(given.value),
            )
    yield from _wrapped(body, given)
    yield from _forms(body, given)
    yield BodyVariant("body_bom_removed", "behind a byte order mark", _BOM + body)
    yield BodyVariant("body_empty", "as an empty one", b"")
    yield from _misread(body, given)


def _newlines(body: bytes) -> Iterator[BodyVariant]:
    if body.endswith(b"\r\n"):
        yield BodyVariant("body_newline_added_crlf", "without its final CRLF", body[:-2])
    elif body.endswith(b"\n"):
        yield BodyVariant("body_newline_added", "without its final newline", body[:-1])
    yield BodyVariant("body_newline_removed", "with a final newline", body + b"\n")
    yield BodyVariant("body_newline_removed_crlf", "with a final CRLF", body + b"\r\n")
    if b"\r\n" in body:
        yield BodyVariant("body_crlf_to_lf", "with LF for each CRLF", body.replace(b"\r\n", b"\n"))
    if b"\n" in body:
        unix = body.replace(b"\r\n", b"\n")
        yield BodyVariant("body_lf_to_crlf", "with CRLF for each LF", unix.replace(b"\n", b"\r\n"))
        yield BodyVariant("body_newlines_removed", "without any newline", unix.replace(b"\n", b""))
    if body[-1:] in _BLANKS or body[:1] in _BLANKS:
        yield BodyVariant("body_whitespace_trimmed", "without white space at its end", body.rstrip(_BLANKS))
        yield BodyVariant("body_whitespace_trimmed", "without white space around it", body.strip(_BLANKS))


def _charsets(body: bytes) -> Iterator[BodyVariant]:
    for charset, name in (("latin-1", "ISO-8859-1"), ("cp1252", "Windows-1252")):
        yield from _recoded(body, "utf-8", charset, f"in {name}, or not taken for it")
        yield from _recoded(body, charset, "utf-8", f"in UTF-8, read as {name}")
    try:
        text = body.decode("utf-8")
    except UnicodeError:
        for charset in ("utf-16", "utf-16-le", "utf-16-be"):
            yield from _recoded(body, charset, "utf-8", f"in UTF-8, not {charset.upper()}")
        return
    for form in ("NFC", "NFD"):
        normal = unicodedata.normalize(form, text).encode("utf-8")
        yield BodyVariant("body_unicode_form", f"in Unicode's form {form}", normal)
    replaced = body.decode("ascii", "replace").encode("utf-8")
    yield BodyVariant("body_charset", "decoded as ASCII, with U+FFFD for the rest", replaced)
    yield BodyVariant(
        "body_charset", "with ? for each character outside ASCII", text.encode("ascii", "replace")
    )


def _recoded(body: bytes, read_as: str, write_as: str, words: str) -> Iterator[BodyVariant]:
    with suppress(UnicodeError):
        yield BodyVariant("body_charset", words, body.decode(read_as).encode(write_as))


def _json(given: JsonText) -> Iterator[BodyVariant]:
    for form in json_forms(given):
        body = as_bytes(form.text)
        yield BodyVariant(f"body_json_{form.code}", f"as JSON {form.words}", body)
        yield BodyVariant(
            f"body_json_{form.code}_newline", f"as JSON {form.words}, with a final newline", body + b"\n"
        )


def _wrapped(body: bytes, given: JsonText | None) -> Iterator[BodyVariant]:
    """Bodies inside or around the body."""
    inner = _from_base64(body)
    if inner is not None:
        yield BodyVariant("body_base64", "decoded from base64", inner)
    inflated = _inflated(body)
    if inflated is not None:
        yield BodyVariant("body_compressed", "decompressed", inflated)
    if given is not None and isinstance(given.value, dict) and isinstance(given.value.get("body"), str):
        event = as_bytes(given.value["body"])
        yield BodyVariant("body_gateway_event", "taken out of a gateway's event", event)
        inner = _from_base64(event)
        if inner is not None:
            yield BodyVariant("body_gateway_event", "taken out of a gateway's event, from base64", inner)
    yield BodyVariant("body_base64_encoded", "in base64", base64.b64encode(body))
    try:
        text = body.decode("utf-8")
    except UnicodeError:
        return
    quoted = json.dumps(text, ensure_ascii=False)
    yield BodyVariant("body_json_string", "as a JSON string", as_bytes(quoted))
    if "&" in text:
        yield BodyVariant(
            "body_html_entities", "with its HTML entities undone", as_bytes(html.unescape(text))
        )


def _from_base64(body: bytes) -> bytes | None:
    text = body.strip(_BLANKS)
    if len(text) < 8:
        return None
    try:
        return binascii.a2b_base64(
            text.translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(text) % 4), strict_mode=True
        )
    except ValueError:
        return None


def _inflated(body: bytes) -> bytes | None:
    if not (body.startswith(_GZIP) or body[:2] in _ZLIB):
        return None
    try:
        return zlib.decompressobj(wbits=47).decompress(body, LARGEST_BYTES)
    except zlib.error:
        return None


def _forms(body: bytes, given: JsonText | None) -> Iterator[BodyVariant]:
    """Form against JSON: GitHub's ``payload`` field, and forms that were read and written again."""
    if given is not None:
        field = quote_plus(body).encode("ascii")
        yield BodyVariant("body_form_decoded", "as the form field payload", b"payload=" + field)
        percent = field.replace(b"+", b"%20")
        yield BodyVariant(
            "body_form_decoded", "as the form field payload, blanks as %20", b"payload=" + percent
        )
        return
    if b"=" not in body or b"\n" in body.strip(_BLANKS) or not body.isascii():
        return
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        return
    for name, value in fields:
        if name == "payload":
            yield BodyVariant("body_form_encoded", "taken out of the form field payload", as_bytes(value))
    yield BodyVariant("body_form_rewritten", "as a form written again", urlencode(fields).encode())
    percent = urlencode(fields, quote_via=quote).encode()
    yield BodyVariant("body_form_rewritten", "as a form written again, blanks as %20", percent)
    yield BodyVariant("body_form_sorted", "as a form with sorted fields", urlencode(sorted(fields)).encode())
    yield BodyVariant(
        "body_percent_decoded", "with its percent escapes undone", unquote_to_bytes(body.replace(b"+", b" "))
    )
    json_text = json.dumps(dict(fields), separators=(",", ":"), ensure_ascii=False)
    yield BodyVariant("body_form_as_json", "as JSON of its fields", as_bytes(json_text))


def _misread(body: bytes, given: JsonText | None) -> Iterator[BodyVariant]:
    """What a program hashes when it takes a value for its text."""
    if given is not None:
        yield BodyVariant("body_as_object", "as the text of a Python value", as_bytes(repr(given.value)))
    yield BodyVariant("body_as_object", "as the text [object Object]", b"[object Object]")
    yield BodyVariant("body_as_object", "as the text of Python bytes", repr(body).encode("ascii"))
