"""The keys that a secret may stand for, when it is not registered as the sender uses it: likeliest first."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from inspector.signing.scheme import SecretForm

_QUOTES = "\"'`\u201c\u201d\u2018\u2019"  # the last four are what word processors make of the first two
_LARGEST = 16_384


class SecretVariant(NamedTuple):
    """A key to try: a cause's code, words behind "the secret", and the text with how it becomes the key."""

    code: str
    words: str
    value: str
    form: SecretForm


def secret_variants(value: str, form: SecretForm) -> Iterator[SecretVariant]:
    """What the sender may have used in place of *value*, whose form its scheme has as *form*. None twice."""
    if len(value) > _LARGEST:
        return
    seen = {(value, form)}
    for variant in _every(value, form):
        mark = (variant.value, variant.form)
        if variant.value and mark not in seen:
            seen.add(mark)
            yield variant


def _every(value: str, form: SecretForm) -> Iterator[SecretVariant]:
    for code, words, text in _cleaned(value):
        yield SecretVariant(code, words, text, form)
    if form in (SecretForm.PUBLIC_KEY, SecretForm.ID_AND_KEY):
        return
    text = SecretForm.TEXT
    if form is not text:
        yield SecretVariant("secret_used_as_text", "taken as text", value, text)
        bare = value.partition("_")[2] if value.startswith("whsec_") else ""
        yield SecretVariant("secret_used_as_text", "taken as text behind whsec_", bare, text)
    bare = value.strip()
    if form is not SecretForm.HEX:
        yield SecretVariant("secret_hex_decoded", "decoded from hex", bare, SecretForm.HEX)
    if bare.startswith("whsec_"):
        if form is not SecretForm.WHSEC:
            yield SecretVariant(
                "secret_base64_decode", "decoded from base64 behind whsec_", bare, SecretForm.WHSEC
            )
    elif form not in (SecretForm.BASE64, SecretForm.WHSEC):
        yield SecretVariant("secret_base64_decode", "decoded from base64", _padded(bare), SecretForm.BASE64)
    tail = bare.rpartition("_")[2] if "_" in bare else ""
    yield SecretVariant("secret_prefix", "without what stands before the last _", tail, form)
    yield SecretVariant("secret_newline_added", "with a newline behind it", f"{value}\n", form)
    data = value.encode("utf-8", "surrogatepass")
    yield SecretVariant("secret_base64_encoded", "encoded in base64", base64.b64encode(data).decode(), text)
    yield SecretVariant("secret_hex_encoded", "encoded in hex", data.hex(), text)
    yield from _recoded(bare)
    if bare.lower() != bare:
        yield SecretVariant("secret_case", "in lower case", bare.lower(), form)
    if bare.upper() != bare and bare.isalnum():
        yield SecretVariant("secret_case", "in upper case", bare.upper(), form)
    if "%" in bare:
        yield SecretVariant("secret_percent_encoded", "with its percent escapes undone", unquote(bare), form)
    yield SecretVariant("secret_html_escaped", "with its HTML entities undone", _unescaped(bare), form)
    yield SecretVariant("secret_html_escaped", "HTML-escaped", _escaped(bare), form)


def _cleaned(value: str) -> Iterator[tuple[str, str, str]]:
    """The secret without what came along when it was copied."""
    bare = value.strip().strip("\ufeff\u200b")
    yield "secret_whitespace", "without the white space around it", bare
    unquoted = bare
    while len(unquoted) > 1 and unquoted[0] in _QUOTES and unquoted[-1] in _QUOTES:
        unquoted = unquoted[1:-1]
    yield "secret_quotes", "without the quotes around it", unquoted
    yield "secret_v1_prefix", 'without the "v1," before it', unquoted.removeprefix("v1,")
    name, equals, rest = bare.removeprefix("export ").partition("=")
    if equals and rest and name.replace("_", "").replace("-", "").isalnum():
        line = rest.partition(" #")[0].strip().strip(_QUOTES)
        yield "secret_env_line", "behind the = of its line", line
    label, colon, rest = bare.partition(":")
    if colon and label.replace("_", "").replace("-", "").replace(" ", "").isalnum():
        yield "secret_env_line", "behind the : of its line", rest.strip().strip(_QUOTES)
    yield "secret_bearer", 'without the "Bearer" before it', bare.removeprefix("Bearer ").strip()
    first, _, others = bare.partition("\n")
    if others:
        yield "secret_whitespace", "its first line alone", first.strip()
    yield "secret_whitespace", "without any white space in it", "".join(bare.split())
    yield "secret_escapes", "with its \\n as newlines", bare.replace("\\n", "\n")


def _recoded(bare: str) -> Iterator[SecretVariant]:
    """The key's bytes written otherwise, and that text used as the key."""
    text = SecretForm.TEXT
    try:
        hexadecimal = binascii.unhexlify(bare)
    except ValueError:
        pass
    else:
        recoded = base64.b64encode(hexadecimal).decode()
        yield SecretVariant("secret_base64_encoded", "from hex into base64", recoded, text)
    try:
        decoded = binascii.a2b_base64(_padded(bare.removeprefix("whsec_")), strict_mode=True)
    except ValueError:
        return
    if len(decoded) >= 8:
        yield SecretVariant("secret_hex_encoded", "from base64 into hex", decoded.hex(), text)


def _padded(value: str) -> str:
    """Base64 in its common letters, with its padding."""
    plain = value.replace("-", "+").replace("_", "/").rstrip("=")
    return plain + "=" * (-len(plain) % 4)


def _unescaped(value: str) -> str:
    for entity, character in _ENTITIES:
        value = value.replace(entity, character)
    return value


def _escaped(value: str) -> str:
    for entity, character in reversed(_ENTITIES):
        value = value.replace(character, entity)
    return value


_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&"))
