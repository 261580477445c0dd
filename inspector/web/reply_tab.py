"""The Reply tab: what a delivery was answered, when, and whether its sender was still there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from inspector.content.charsets import read_text
from inspector.content.kinds import is_binary
from inspector.content.media_type import parse_media_type
from inspector.models import Delivery, VerificationStatus
from inspector.receive.handshakes import recognise
from inspector.receive.replies import DELIVERY_HEADER, INVALID_SIGNATURE
from inspector.web import answer
from inspector.web.wording import age

SHOWN_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class ReplyTab:
    """The reply as it was sent, or planned. ``text`` is None for a body that is none.

    ``sentence`` says how it went, ``why`` where the reply is not the endpoint's own. ``release_url``
    is where a held one can be let go.
    """

    sentence: str
    completed: bool
    why: str
    status_line: str
    headers: tuple[tuple[str, str], ...]
    text: str | None
    body_bytes: int
    left_out: int
    sent_at: datetime | None
    took: str
    release_url: str = ""


def reply_tab(delivery: Delivery, now: datetime, *, names_delivery: bool, holding: bool = False) -> ReplyTab:
    """The reply that *delivery* got; with *names_delivery* the header that names it was sent too.

    *holding* says that the endpoint's script holds replies at the moment.
    """
    sent, request = delivery.sent, delivery.request
    reply = sent.reply
    declared = next((value for name, value in reply.headers if name.lower() == "content-type"), None)
    shown = reply.body[:SHOWN_BYTES]
    text = read_text(shown, parse_media_type(declared), whole=len(shown) == len(reply.body)).marked
    rejected = reply == INVALID_SIGNATURE and delivery.verification.status is not VerificationStatus.VALID
    seconds = None if sent.sent_at is None else (sent.sent_at - request.received_at).total_seconds()
    return ReplyTab(
        sentence=_sentence(delivery, now),
        completed=sent.completed,
        why="The endpoint rejects deliveries that are not valid."
        if rejected
        else _answered(delivery) or answer.scripted(sent),
        status_line=f"HTTP/1.1 {reply.status} {phrase(reply.status)}".rstrip() if reply.status else "",
        headers=(
            *reply.headers,
            *(() if reply.status in (0, 204, 304) else (("Content-Length", str(len(reply.body))),)),
            *(((DELIVERY_HEADER, str(delivery.id)),) if names_delivery and reply.status else ()),
        ),
        text=None if is_binary(text[:4096]) else text,
        body_bytes=len(reply.body),
        left_out=len(reply.body) - len(shown),
        sent_at=sent.sent_at,
        took="" if seconds is None else _duration(seconds),
        release_url=f"/endpoints/{delivery.endpoint_id}/release" if holding and answer.is_held(sent) else "",
    )


def _answered(delivery: Delivery) -> str:
    """That the reply answers a handshake, if it does."""
    asked = recognise(delivery.request)
    if asked is None or not asked.is_answered_by(delivery.sent.reply):
        return ""
    return f"It answers a handshake. {asked.asks}"


def phrase(status: int) -> str:
    """The standard phrase of *status*, empty where there is none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _sentence(delivery: Delivery, now: datetime) -> str:
    sent = delivery.sent
    if not sent.completed:
        return answer.not_sent(sent)
    if sent.sent_at is not None and sent.sent_at > now:
        return "The sender is still waiting: this is what it will get."
    return "The sender was still there, and was sent this."


def _duration(seconds: float) -> str:
    if seconds < 0.001:
        return "less than 1 ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else age(seconds)
