"""What the copy menu of a delivery offers: links that download, which scripts copy instead."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.content.curl import ARGUMENT_BYTES, INLINE_BYTES
from inspector.content.export import Format
from inspector.content.masking import mask_request
from inspector.models import Delivery

NAMED_CREDENTIALS = 3

FORMATS = (
    (Format.CURL, "curl"),
    (Format.HTTPIE, "HTTPie"),
    (Format.PYTHON, "Python"),
    (Format.HTTP, "Raw HTTP"),
    (Format.HAR, "HAR"),
    (Format.PYTEST, "pytest assertion"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to copy: what is fetched from ``url``, or ``text`` as it stands, which ``url`` leads to."""

    id: str
    label: str
    url: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class CopyMenu:
    """The entries, and sentences on what is left out of them or has to be done first."""

    entries: tuple[Entry, ...]
    notes: tuple[str, ...]


def copy_menu(delivery: Delivery, callback_url: str, link: str, *, body_is_text: bool) -> CopyMenu:
    """The menu of *delivery*, with its endpoint's *callback_url* and the *link* to its page."""
    exports = f"/api/deliveries/{delivery.id}/export"
    body = (Entry("body", "Body", f"/deliveries/{delivery.id}/text"),) if body_is_text else ()
    entries = (
        Entry("url", "Callback URL", text=callback_url),
        *(Entry(form, label, f"{exports}/{form}") for form, label in FORMATS[:4]),
        *body,
        Entry("link", "Link", f"/deliveries/{delivery.id}", text=link),
        *(Entry(form, label, f"{exports}/{form}") for form, label in FORMATS[4:]),
    )
    return CopyMenu(entries, tuple(_notes(delivery)))


def _notes(delivery: Delivery) -> list[str]:
    notes = []
    hidden = list(dict.fromkeys(credential.name for credential in mask_request(delivery.request).hidden))
    if hidden:
        more = len(hidden) - NAMED_CREDENTIALS
        named = ", ".join(hidden[:NAMED_CREDENTIALS]) + (f" and {more} more" if more > 0 else "")
        verb = "is" if len(hidden) == 1 else "are"
        notes.append(f"Masked: {named} {verb} left out; commands read variables instead.")
    size = len(delivery.request.body)
    if size > INLINE_BYTES:
        notes.append(f"Commands read the body from delivery-{delivery.id}.body: download it first.")
    elif size > ARGUMENT_BYTES:
        notes.append("Commands hold the long body in base64.")
    return notes
