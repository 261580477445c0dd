"""Tokens and requests as webhook.site writes them: endpoints and deliveries in the words of its API.

Source: the pages "Tokens" and "Requests" of webhook.site's API documentation. Times are UTC without a zone.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from inspector.content.charsets import safe_text
from inspector.content.decoding import decode_body
from inspector.content.forms import PairTable, read_form, read_query
from inspector.content.media_type import media_type_of
from inspector.content.multipart import read_multipart
from inspector.errors import InvalidInput
from inspector.matching.reading import text_of
from inspector.models import Delivery, Endpoint, EndpointActivity, Reply, Request
from inspector.receive.replies import check_reply
from inspector.settings import Limits
from inspector.web.fields import Fields
from inspector.web.reading import REPLY_BODY_CHARACTERS
from inspector.web.representation import Json

CONTENT_TYPE = "text/html"
TYPE_CHARACTERS = 200
FORM_TYPE = "application/x-www-form-urlencoded"

SETTABLE = ("default_status", "default_content", "default_content_type", "timeout", "cors")

THEIR_NAMES: Mapping[str, str] = {
    "reply.status": "default_status",
    "reply.headers": "default_content_type",
    "reply.body": "default_content",
    "reply.delay_seconds": "timeout",
}
"""The fields of a reply in the words of the one who sets them here."""

REFUSED: Mapping[str, str] = {
    "actions": "custom actions are not run here; script replies with /api/endpoints/{id}/replies",
    "alias": "a token has no other name here; register an endpoint at a path of your own",
    "clone_from": "tokens are not copied here; give the fields themselves",
    "group_id": "there are no groups here",
    "listen": "no reply is waited for here; hold it with /api/endpoints/{id}/replies",
}
"""Fields that would change what happens, and what to do instead. Without a value they are taken."""

_REQUEST_UUID = re.compile(r"00000000-0000-4000-8000-([0-9a-f]{12})")


def request_uuid(delivery_id: int) -> str:
    """A delivery's id in the shape of a UUID, from which it can be read back."""
    return f"00000000-0000-4000-8000-{delivery_id:012x}"


def delivery_id(text: str) -> int | None:
    """The id in what ``request_uuid`` made, or in plain digits; None in anything else."""
    if found := _REQUEST_UUID.fullmatch(text):
        return int(found[1], 16)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def new_token(values: Mapping[str, object]) -> Endpoint:
    """The endpoint of a new token with the settings in *values*. Raises InvalidInput."""
    name = str(uuid.uuid4())
    reply = Reply(headers=(("Content-Type", CONTENT_TYPE),))
    return changed_token(values, Endpoint(name, f"/{name}", datetime.now(UTC), reply=reply))


def changed_token(values: Mapping[str, object], endpoint: Endpoint) -> Endpoint:
    """*endpoint* with the settings that *values* name. Raises InvalidInput; what is unknown is ignored."""
    fields = Fields({name: value for name, value in values.items() if name in SETTABLE and value is not None})
    old = endpoint.reply
    for name, instead in REFUSED.items():
        if values.get(name):
            fields.wrong(name, instead)
    changed = replace(
        old,
        status=fields.integer("default_status", old.status, least=200, most=599),
        headers=_with_type(old, fields.text("default_content_type", _type_of(old), longest=TYPE_CHARACTERS)),
    )
    content = fields.text("default_content", "", longest=REPLY_BODY_CHARACTERS, kind="any")
    if "default_content" in fields:
        changed = replace(changed, body=content.encode("utf-8"))
    delay_seconds = fields.integer("timeout", 0, least=0, most=int(Limits().reply_delay_seconds))
    if "timeout" in fields:
        changed = replace(changed, delay_seconds=float(delay_seconds))
    cors = fields.flag("cors", endpoint.cors)
    try:
        check_reply(changed)
    except InvalidInput as error:
        for wrong in error.errors:
            fields.wrong(THEIR_NAMES[wrong.field], wrong.message)
    fields.done()
    return replace(endpoint, reply=changed, cors=cors)


def token(endpoint: Endpoint, activity: EndpointActivity | None, latest: int | None = None) -> Json:
    """A token with its settings; *latest* is the id of its newest delivery."""
    activity = activity or EndpointActivity()
    created, last = moment(endpoint.created_at), activity.last_received_at
    return {
        "uuid": endpoint.id,
        "redirect": False,
        "alias": None,
        "actions": False,
        "cors": endpoint.cors,
        "expiry": False,
        "timeout": round(endpoint.reply.delay_seconds),
        "listen": 0,
        "premium": True,
        "user_id": None,
        "password": False,
        "ip": None,
        "user_agent": None,
        "default_content": text_of(endpoint.reply.body),
        "default_status": endpoint.reply.status,
        "default_content_type": _type_of(endpoint.reply),
        "request_limit": None,
        "premium_expires_at": None,
        "created_at": created,
        "updated_at": created,
        "expires_at": None,
        "group_id": None,
        "latest_request_id": request_uuid(latest) if latest else None,
        "latest_request_at": moment(last) if last else None,
        "requests": activity.deliveries,
    }


def request(delivery: Delivery, url: str) -> Json:
    """A delivery as a request. *url* is where it was sent to."""
    sent = delivery.request
    received = moment(sent.received_at)
    headers: dict[str, list[str]] = {}
    for name, value in sent.headers:
        headers.setdefault(text_of(name).lower(), []).append(text_of(value))
    form, files = _form(sent)
    return {
        "uuid": request_uuid(delivery.id),
        "type": "web",
        "token_id": delivery.endpoint_id,
        "ip": sent.client.rpartition(":")[0].strip("[]") or sent.client,
        "hostname": headers.get("host", [""])[0].partition(":")[0],
        "method": sent.method,
        "user_agent": headers.get("user-agent", [None])[0],
        "content": sent.body.decode("utf-8", "replace"),
        "query": _mapping(read_query(sent.target)) or None,
        "request": form or None,
        "files": files or None,
        "headers": headers,
        "url": url,
        "size": len(sent.body),
        "note": delivery.note or None,
        "time": _seconds(delivery),
        "created_at": received,
        "updated_at": received,
        "sorting": sent.received_ns // 1000,
        "custom_action_output": [],
        "custom_action_errors": [],
    }


def moment(at: datetime) -> str:
    """*at* as ``yyyy-MM-dd HH:mm:ss``, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _type_of(reply: Reply) -> str:
    return next((value for name, value in reply.headers if name.lower() == "content-type"), CONTENT_TYPE)


def _with_type(reply: Reply, content_type: str) -> tuple[tuple[str, str], ...]:
    others = (pair for pair in reply.headers if pair[0].lower() != "content-type")
    return (("Content-Type", content_type), *others)


def _seconds(delivery: Delivery) -> float | None:
    sent_at = delivery.sent.sent_at
    return (sent_at - delivery.request.received_at).total_seconds() if sent_at else None


def _form(sent: Request) -> tuple[Json, Json]:
    """The fields and the files of a form; none of any other body."""
    media = media_type_of(sent.headers)
    if media.full == FORM_TYPE:
        return _mapping(read_form(sent.body, media)), {}
    if media.type != "multipart":
        return {}, {}
    form: Json = {}
    files: Json = {}
    body = decode_body(sent.body, sent.headers).body
    for part in read_multipart(body, media).parts:
        name = part.name or str(part.number)
        if part.filename is None:
            form[name] = part.content(body).decode("utf-8", "replace")
        else:
            files[name] = {
                "id": str(part.number),
                "filename": part.filename,
                "size": part.size_bytes,
                "content_type": part.content_type,
            }
    return form, files


def _mapping(table: PairTable) -> Json:
    """Fields by name; of repeated ones the last, as there."""
    return {safe_text(pair.name): safe_text(pair.value) for pair in table.pairs}
