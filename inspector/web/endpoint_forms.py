"""The forms of the endpoints pages: what stands in their fields, and how a post becomes the API's fields."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from inspector.errors import Conflict, InvalidInput
from inspector.models import Endpoint, Reply
from inspector.web import wording

OPTIONS = (
    ("header", "Header", "X-Signature"),
    ("prefix", "Prefix", "none, or sha256="),
    ("hash", "Hash", "sha256"),
    ("encoding", "Encoding", "hex, or base64"),
    ("key", "Key", "text, or hex, or base64"),
    ("content", "Content", "{body}, or {timestamp}.{body}"),
    ("timestamp_header", "Time header", "none"),
    ("timestamp_unit", "Time unit", "s, or ms"),
    ("id_header", "Id header", "none"),
)
"""The options of the scheme ``hmac``: name, label, and what holds when a field is left empty."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is shown: what stands in its fields, and what is wrong with them."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    OPTIONS = OPTIONS

    def value(self, name: str, default: str = "") -> str:
        return self.values.get(name, default)

    def error(self, name: str) -> str:
        return self.errors.get(name, "")


def secret_choice(form: Mapping[str, str], env_field: str, generate_field: str) -> dict[str, str]:
    """*form* with the one way to get a secret that its radio buttons choose."""
    chosen = form.get("secret_from", "none")
    dropped = {"secret_from"}
    if chosen != "paste":
        dropped.add("secret")
    if chosen != "env":
        dropped.add(env_field)
    fields = {name: value for name, value in form.items() if name not in dropped}
    return {**fields, generate_field: "on"} if chosen == "generate" else fields


def with_type(form: Mapping[str, str]) -> dict[str, str]:
    """*form* with its field for the content type as the first of the headers."""
    fields = dict(form)
    content_type = fields.pop("reply.type", "").strip()
    if content_type:
        fields["reply.headers"] = f"Content-Type: {content_type}\n{fields.get('reply.headers', '')}"
    return fields


def field_errors(error: InvalidInput | Conflict, conflicting: str) -> dict[str, str]:
    """What to say beside each field; a conflict is about the field *conflicting*."""
    if isinstance(error, Conflict):
        return {conflicting: str(error)}
    messages: dict[str, str] = {}
    for wrong in error.errors:
        message = wrong.message[:1].upper() + wrong.message[1:]
        messages[wrong.field] = f"{messages[wrong.field]} {message}" if wrong.field in messages else message
    return messages


def settings_form(endpoint: Endpoint, errors: Mapping[str, str] | None = None) -> Form:
    tolerance = endpoint.tolerance_seconds
    values = {
        "path": endpoint.path,
        "name": endpoint.name,
        "scheme": endpoint.scheme,
        "tolerance_seconds": "" if tolerance is None else str(tolerance),
        "public_url": endpoint.public_url or "",
        "reject_invalid": "on" if endpoint.reject_invalid else "",
        "handshake": endpoint.handshake,
        "verify_token": endpoint.verify_token or "",
        **{f"scheme_options.{name}": str(value) for name, value in endpoint.scheme_options.items()},
    }
    return Form(values, errors or {})


def reply_form(endpoint: Endpoint) -> Form:
    reply = endpoint.reply
    types = [value for name, value in reply.headers if name.lower() == "content-type"]
    apart = len(types) == 1
    others = [pair for pair in reply.headers if not (apart and pair[0].lower() == "content-type")]
    return Form(
        {
            "reply.status": str(reply.status),
            "reply.delay_seconds": f"{reply.delay_seconds:g}",
            "reply.type": types[0] if apart else "",
            "reply.headers": "\n".join(f"{name}: {value}" for name, value in others),
            "reject_invalid": "on" if endpoint.reject_invalid else "",
            "cors": "on" if endpoint.cors else "",
            **_body_values(reply),
        }
    )


def _body_values(reply: Reply) -> dict[str, str]:
    try:
        return {"reply.body": reply.body.decode("utf-8")}
    except UnicodeDecodeError:
        return {
            "reply.body_base64": b64encode(reply.body).decode("ascii"),
            "reply.body_size": wording.size(len(reply.body)),
        }
