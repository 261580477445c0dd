"""A test callback in the making: what it is signed with, and what is to be sent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from inspector import signing
from inspector.models import Message
from inspector.signing import Scheme

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What sender and receiver have agreed on, and the moment the callback claims. Times in Unix seconds."""

    scheme: Scheme
    secret: str | None = field(repr=False)
    now: float
    timestamp: float
    tolerance_seconds: float | None
    url: str
    message_id: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """Body, content type and signature headers, each as it will be sent."""

    body: bytes
    content_type: str
    signature: Fields = ()

    def signed(self, terms: Terms) -> Draft:
        """This draft with the headers that *terms* give its body."""
        assert terms.secret is not None
        content_type = (b"Content-Type", self.content_type.encode("latin-1"))
        message = Message(body=self.body, headers=(content_type,), url=terms.url)
        headers = signing.sign_message(
            message,
            terms.scheme,
            terms.secret,
            timestamp=terms.timestamp,
            message_id=terms.message_id,
        )
        return replace(self, signature=tuple(headers))
