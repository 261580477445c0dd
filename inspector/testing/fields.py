"""The fields of a form, whichever of the two ways it was sent in."""

from __future__ import annotations

from inspector.content.charsets import read_text
from inspector.content.forms import read_form
from inspector.content.media_type import MediaType, parse_media_type
from inspector.content.multipart import read_multipart
from inspector.testing.pairs import Pairs


def form_fields(body: bytes, media: MediaType) -> Pairs:
    """The fields in a decoded *body* of the type *media*; without a type it is taken to be URL-encoded."""
    if media.is_json or media.is_xml:
        return Pairs(())
    if media.type != "multipart":
        return Pairs((each.name, each.value) for each in read_form(body, media).pairs)
    return Pairs(
        (part.name, read_text(part.content(body), parse_media_type(part.content_type)).text)
        for part in read_multipart(body, media).parts
        if part.name is not None and part.level == 0
    )
