"""A body with its Content-Encoding undone, for viewing only: what is stored stays as it was sent.

Codings are undone in reverse of the order they are listed in (RFC 9110 8.4). Nothing here raises on content:
what cannot be undone is left as it was received, and a note says why. Output is bounded, so that a bomb costs
neither time nor memory.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from types import ModuleType
from typing import Protocol

from inspector.content.charsets import known_charset
from inspector.models import HeaderPairs, header_values
from inspector.settings import MIB

DECODED_BYTES = 5 * MIB
DECODED_RATIO = 200
# A few bytes may honestly stand for many: below this size the ratio says nothing and is not applied.
SMALL_BYTES = 64 * 1024
CODINGS = 8
# Decoders are fed so little at a time that one step cannot overshoot the limit by more than a few MiB.
STEP_BYTES = 256
# The largest window a sender of `Content-Encoding: zstd` may use (RFC 9659).
ZSTD_WINDOW_LOG = 23

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class CodingState(StrEnum):
    """How far the declared Content-Encoding could be undone."""

    NONE = "none"
    DECODED = "decoded"
    CAPPED = "capped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body as far as its codings could be undone.

    ``codings`` are the declared ones, in the order applied. ``partial`` says that ``body`` is only the
    beginning of what the sender meant. Where nothing could be undone, ``body`` is as it was received.
    """

    body: bytes
    codings: tuple[str, ...] = ()
    state: CodingState = CodingState.NONE
    partial: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Step:
    """One coding undone: the output, why it is not whole, whether it was cut at the limit, what was odd."""

    output: bytes
    fault: str | None = None
    capped: bool = False
    note: str | None = None


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


class _NotInstalledError(Exception):
    """The decoder of a coding is an optional dependency that is not there."""


def content_codings(headers: HeaderPairs) -> tuple[str, ...]:
    """The codings that *headers* declare, lower case, in the order applied; ``identity`` is left out."""
    listed = b",".join(header_values(headers, b"content-encoding")).decode("latin-1")
    names = (name.strip().lower() for name in listed.split(","))
    return tuple(name for name in names if name not in {"", "identity"})


def decode_body(body: bytes, headers: HeaderPairs) -> Decoded:
    """*body* with the Content-Encoding of *headers* undone, at most 5 MiB and 200 times the body's size."""
    codings = content_codings(headers)
    if not codings or not body:
        return Decoded(body, codings)
    decoded = Decoded(body, codings, CodingState.DECODED)
    if len(codings) > CODINGS:
        return replace(
            decoded,
            state=CodingState.FAILED,
            notes=(f"{len(codings)} codings are listed: shown as received.",),
        )
    limit = min(DECODED_BYTES, max(SMALL_BYTES, DECODED_RATIO * len(body)))
    for coding in reversed(codings):
        decoded = _undo(coding, decoded, limit)
        if decoded.state is not CodingState.DECODED:
            break
    return decoded


def _undo(coding: str, decoded: Decoded, limit: int) -> Decoded:
    """*decoded* with one more *coding* undone, or with the reason why that cannot be done."""
    undo = _UNDO.get(coding)
    if undo is None:
        kind = "is a charset, not a coding" if known_charset(coding) else "is not a known coding"
        note = f"Content-Encoding names {coding!r}, which {kind}: shown as received."
        return replace(decoded, state=CodingState.UNKNOWN, notes=(*decoded.notes, note))
    try:
        step = undo(decoded.body, limit)
    except _NotInstalledError as error:
        return replace(decoded, state=CodingState.UNAVAILABLE, notes=(*decoded.notes, str(error)))
    notes = decoded.notes if step.note is None else (*decoded.notes, step.note)
    if step.fault is not None and not step.output:
        note = f"Content-Encoding says {coding}, but {step.fault}: shown as received."
        return replace(decoded, state=CodingState.FAILED, notes=(*notes, note))
    decoded = replace(decoded, body=step.output, notes=notes)
    if step.capped:
        note = f"The {coding} data unpacks to more than {len(step.output):,} bytes: only these are shown."
        return replace(decoded, state=CodingState.CAPPED, partial=True, notes=(*notes, note))
    if step.fault is not None:
        note = f"The {coding} data is damaged: {step.fault}. What came before is shown."
        return replace(decoded, state=CodingState.FAILED, partial=True, notes=(*notes, note))
    return decoded


def _unpack(
    new: Callable[[], _Decompressor], errors: type[Exception], magic: bytes, data: bytes, limit: int
) -> _Step:
    """*data* through a decompressor made by *new*, a fresh one for every member that starts with *magic*."""
    output = bytearray()
    stream = new()
    position = 0
    while True:
        chunk = data[position : position + STEP_BYTES]
        if not chunk:
            return _Step(bytes(output), fault="it ends too early")
        try:
            output += stream.decompress(chunk)
        except errors as error:
            return _Step(bytes(output), fault=f"the bytes are not that ({error})")
        if len(output) > limit:
            return _Step(bytes(output[:limit]), capped=True)
        position += len(chunk)
        if stream.eof:
            position -= len(stream.unused_data)
            if magic and data.startswith(magic, position):
                stream = new()
            else:
                return _Step(bytes(output), note=_left_over(data[position:]))


def _left_over(rest: bytes) -> str | None:
    """The note on bytes after the compressed data; padding with zeros is usual and needs none."""
    return f"{len(rest):,} more bytes follow the compressed data." if rest.strip(b"\0") else None


def _undo_gzip(data: bytes, limit: int) -> _Step:
    if not data.startswith(GZIP_MAGIC):
        return _Step(b"", fault="the bytes do not start like gzip")
    return _unpack(lambda: zlib.decompressobj(31), zlib.error, GZIP_MAGIC, data, limit)


def _undo_deflate(data: bytes, limit: int) -> _Step:
    """``deflate`` is zlib's format (RFC 9110 8.4.1.2), but some senders leave out its two-byte header."""
    has_header = len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
    if has_header:
        step = _unpack(zlib.decompressobj, zlib.error, b"", data, limit)
        if step.fault is None or step.output:
            return step
    step = _unpack(lambda: zlib.decompressobj(-15), zlib.error, b"", data, limit)
    if step.fault is not None:
        return _Step(b"", fault="the bytes are not that")  # any bytes unpack to something for a while
    return replace(step, note=step.note or "The deflate data has no zlib header.")


def _undo_zstd(data: bytes, limit: int) -> _Step:
    if standard := _optional("compression.zstd"):
        options = {standard.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG}
        return _unpack(
            lambda: _decompressor(standard.ZstdDecompressor(options=options)),
            standard.ZstdError,
            ZSTD_MAGIC,
            data,
            limit,
        )
    if package := _optional("zstandard"):
        factory = package.ZstdDecompressor(max_window_size=1 << ZSTD_WINDOW_LOG)
        return _unpack(
            lambda: _decompressor(factory.decompressobj()), package.ZstdError, ZSTD_MAGIC, data, limit
        )
    raise _NotInstalledError(_needs_extra("zstd"))


def _decompressor(stream: _Decompressor) -> _Decompressor:
    """*stream*, told to the type checker: the optional packages are imported by name."""
    return stream


def _undo_brotli(data: bytes, limit: int) -> _Step:
    package = _optional("brotli")
    # Before 1.2 there was no bound on what one step puts out, and with it no defence against a bomb.
    if package is None or not hasattr(package.Decompressor, "can_accept_more_data"):
        raise _NotInstalledError(_needs_extra("br"))
    stream = package.Decompressor()
    output = bytearray()
    pending = data
    try:
        while not stream.is_finished() and len(output) <= limit:
            produced = stream.process(pending, output_buffer_limit=SMALL_BYTES)
            pending = b""
            output += produced
            if not produced and stream.can_accept_more_data():
                break
    except package.error as error:
        return _Step(bytes(output[:limit]), fault=f"the bytes are not that ({error})")
    if len(output) > limit:
        return _Step(bytes(output[:limit]), capped=True)
    return _Step(bytes(output), fault=None if stream.is_finished() else "it ends too early")


def _optional(module: str) -> ModuleType | None:
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


def _needs_extra(coding: str) -> str:
    extra = "the extra `decode` (pip install 'callback-inspector[decode]')"
    return f"Undoing {coding} needs {extra}: shown as received."


_UNDO: dict[str, Callable[[bytes, int], _Step]] = {
    "gzip": _undo_gzip,
    "x-gzip": _undo_gzip,
    "deflate": _undo_deflate,
    "br": _undo_brotli,
    "zstd": _undo_zstd,
}
