"""Reading what callers ask for: JSON bodies, query parameters and form posts become nouns, or InvalidInput.

The API and the page's forms go through the same functions, so both refuse the same input with the same words.
"""

from __future__ import annotations

import json
import re
import secrets
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from inspector.errors import FieldError, InvalidInput, NotFound
from inspector.models import NOTHING, Endpoint, Reply
from inspector.receive import handshakes
from inspector.receive.replies import check_reply
from inspector.signing import CATALOGUE, Schemes
from inspector.web.fields import LARGEST_ID, Fields

PATH_CHARACTERS = 1024
NAME_CHARACTERS = 200
NOTE_CHARACTERS = 10_000
URL_CHARACTERS = 2048
SECRET_CHARACTERS = 4096
REPLY_BODY_CHARACTERS = 1024 * 1024
TOLERANCE_SECONDS = 10 * 365 * 86_400
PAGE_ROWS = 50
MOST_PAGE_ROWS = 500
WAIT_SECONDS = 30
LONGEST_WAIT_SECONDS = 60

JSON_TYPE = ("Content-Type", "application/json")

SECRET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
WHOLE_NUMBER = re.compile(r"[0-9]{1,19}")
SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class SecretChoice:
    """How an endpoint gets a secret: a given value, a variable to read it from, or one that we make."""

    name: str | None = None
    value: str | None = field(default=None, repr=False)
    env: str | None = None
    generate: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """The page of deliveries asked for: newest first below ``before``, or oldest first from ``after``."""

    endpoint: str | None
    limit: int
    before: int | None
    after: int | None


def json_object(body: bytes) -> Mapping[str, object]:
    """The JSON object that *body* holds, an empty body being an empty object. Strict: UTF-8, finite numbers,
    no name twice. Raises InvalidInput on ``body``."""
    if not body.strip():
        return NOTHING
    try:
        value = json.loads(
            body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_without_repeats
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise InvalidInput.of("body", "is nested too deeply") from None
    except UnicodeEncodeError:
        raise InvalidInput.of("body", "holds half of a surrogate pair, which is no character") from None
    except ValueError as error:
        raise InvalidInput.of("body", f"is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise InvalidInput.of("body", "must be a JSON object")
    return value


def delivery_id(text: str) -> int:
    """The id that a path names. Raises NotFound for what cannot be one."""
    number = _whole_number(text)
    if number is None:
        raise NotFound("There is no delivery with that id.")
    return number


def malformed_id(text: str) -> int:
    """The id of a malformed request that a path names. Raises NotFound for what cannot be one."""
    number = _whole_number(text)
    if number is None:
        raise NotFound("There is no malformed request with that id.")
    return number


def part_number(text: str) -> int:
    """The number of a part that a path names. Raises NotFound for what cannot be one."""
    number = _whole_number(text)
    if number is None:
        raise NotFound("There is no part with that number.")
    return number


def listing(query: Mapping[str, str]) -> Listing:
    """The parameters of a list of deliveries."""
    errors: list[FieldError] = []
    limit = _parameter(query, "limit", errors, least=1, most=MOST_PAGE_ROWS)
    before = _parameter(query, "before", errors)
    after = _parameter(query, "after", errors)
    if "before" in query and "after" in query:
        errors.append(FieldError("after", "cannot be combined with before"))
    if errors:
        raise InvalidInput(*errors)
    return Listing(query.get("endpoint"), PAGE_ROWS if limit is None else limit, before, after)


def cursor(query: Mapping[str, str], name: str = "after") -> int | None:
    """The id in parameter *name*, None when it is absent."""
    errors: list[FieldError] = []
    number = _parameter(query, name, errors)
    if errors:
        raise InvalidInput(*errors)
    return number


def wait(query: Mapping[str, str]) -> tuple[int, int, float]:
    """The parameters of a wait: how many deliveries, after which id, for how many seconds."""
    errors: list[FieldError] = []
    count = _parameter(query, "count", errors, least=1, most=MOST_PAGE_ROWS)
    after = _parameter(query, "after", errors)
    seconds = query.get("timeout", str(WAIT_SECONDS))
    if not SECONDS.fullmatch(seconds) or float(seconds) > LONGEST_WAIT_SECONDS:
        errors.append(FieldError("timeout", f"must be a number of seconds from 0 to {LONGEST_WAIT_SECONDS}"))
    if errors:
        raise InvalidInput(*errors)
    return (1 if count is None else count), after or 0, float(seconds)


def header_cursor(text: str) -> int | None:
    """The id in a ``Last-Event-ID``, None when it holds none of ours."""
    return _whole_number(text)


def flag(query: Mapping[str, str], name: str) -> bool:
    """The boolean in parameter *name*, false when it is absent."""
    value = query.get(name, "false")
    if value not in ("true", "false"):
        raise InvalidInput.of(name, "must be true or false")
    return value == "true"


def delivery_changes(values: Mapping[str, object]) -> tuple[str | None, bool | None]:
    """The new note and whether to pin, each None when it stays as it is."""
    fields = Fields(values)
    note = fields.text("note", "", longest=NOTE_CHARACTERS, kind="lines") if "note" in fields else None
    pinned = fields.flag("pinned", False) if "pinned" in fields else None
    fields.done()
    return note, pinned


def new_endpoint(
    values: Mapping[str, object], schemes: Schemes = CATALOGUE
) -> tuple[Endpoint, SecretChoice | None]:
    """The endpoint that *values* describe, on an unguessable path if none is given, and its first secret.

    Its scheme is one of *schemes*.
    """
    fields = Fields(values)
    path = f"/{secrets.token_hex(16)}"
    blank = Endpoint(id=secrets.token_hex(8), path=path, created_at=datetime.now(UTC))
    endpoint = _endpoint(fields, blank, schemes)
    choice = _secret_choice(fields, {"value": "secret", "env": "secret_env", "generate": "generate_secret"})
    fields.done()
    return endpoint, choice


def changed_endpoint(
    values: Mapping[str, object], endpoint: Endpoint, schemes: Schemes = CATALOGUE
) -> Endpoint:
    """*endpoint* with the fields that *values* name replaced whole; its scheme is one of *schemes*."""
    fields = Fields(values)
    changed = _endpoint(fields, endpoint, schemes)
    fields.done()
    return changed


def new_secret(values: Mapping[str, object]) -> SecretChoice:
    """A further secret for an endpoint."""
    fields = Fields(values)
    choice = _secret_choice(fields, {"value": "secret", "env": "env", "generate": "generate"})
    name = fields.optional_text("name", None, longest=64)
    if name is not None and not SECRET_NAME.fullmatch(name):
        fields.wrong("name", "must be up to 64 letters, digits, dots, dashes or underscores")
    if choice is None:
        fields.wrong("secret", "is needed, or env, or generate")
    fields.done()
    return replace(choice or SecretChoice(), name=name)


def _endpoint(fields: Fields, base: Endpoint, schemes: Schemes) -> Endpoint:
    scheme = fields.text("scheme", base.scheme, longest=NAME_CHARACTERS)
    # Options mean nothing to another scheme than the one that they were given for.
    options = base.scheme_options if scheme == base.scheme else NOTHING
    changed = replace(
        base,
        path=_path(fields, base.path),
        name=fields.text("name", base.name, longest=NAME_CHARACTERS),
        scheme=scheme,
        scheme_options=dict(fields.mapping("scheme_options", options)),
        tolerance_seconds=fields.optional_integer(
            "tolerance_seconds", base.tolerance_seconds, least=0, most=TOLERANCE_SECONDS
        ),
        public_url=_public_url(fields, base.public_url),
        reject_invalid=fields.flag("reject_invalid", base.reject_invalid),
        cors=fields.flag("cors", base.cors),
        handshake=_handshake(fields, base.handshake),
        verify_token=fields.optional_text("verify_token", base.verify_token, longest=NAME_CHARACTERS) or None,
        reply=_reply(fields, base.reply),
    )
    try:
        schemes.find(changed.scheme, changed.scheme_options)
    except InvalidInput as error:
        fields.adopt(error)
    return changed


def _handshake(fields: Fields, default: str) -> str:
    choice = fields.text("handshake", default, longest=NAME_CHARACTERS)
    if choice not in handshakes.CHOICES:
        fields.wrong("handshake", f"must be one of {', '.join(handshakes.CHOICES)}")
    return choice


def _path(fields: Fields, default: str) -> str:
    path = fields.text("path", default, longest=PATH_CHARACTERS)
    if not path.startswith("/"):
        fields.wrong("path", "must begin with /")
    elif not all("!" <= character <= "~" for character in path):
        fields.wrong(
            "path", "must be printable ASCII without blanks; write other characters as percent escapes"
        )
    elif "?" in path or "#" in path:
        fields.wrong("path", "must not have a query or a fragment; deliveries with any query arrive there")
    # Paths match on a / boundary: /a receives /a/ too, and a slash at its end would only hide /a itself.
    return path.rstrip("/") or "/"


def _public_url(fields: Fields, default: str | None) -> str | None:
    url = fields.optional_text("public_url", default, longest=URL_CHARACTERS)
    if url is not None and not _is_web_address(url):
        fields.wrong("public_url", "must be an address that begins with http:// or https://, or null")
    return url


def _is_web_address(url: str) -> bool:
    if not all("!" <= character <= "~" for character in url) or "#" in url:
        return False
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.port != 0
            and "@" not in parts.netloc
        )
    except ValueError:
        return False


def _reply(fields: Fields, default: Reply) -> Reply:
    if "reply" not in fields:
        return default
    values = fields.mapping("reply", NOTHING)
    inner = Fields(values, within="reply")
    reply = reply_of(inner, "reply")
    try:
        inner.done()
    except InvalidInput as error:
        fields.adopt(error)
    return reply


def reply_of(fields: Fields, within: str, *, with_json: bool = False) -> Reply:
    """The reply that members of *fields* describe, which are *within* the input; *with_json* its body too."""
    blank = Reply()
    status = fields.integer("status", blank.status, least=200, most=599)
    headers = fields.pairs("headers", blank.headers)
    if with_json and "json" in fields and not any(name.lower() == "content-type" for name, _ in headers):
        headers = (JSON_TYPE, *headers)
    reply = Reply(
        status=status,
        headers=headers,
        body=_json_body(fields) if with_json and "json" in fields else _reply_body(fields),
        delay_seconds=fields.number("delay_seconds", blank.delay_seconds),
    )
    try:
        check_reply(reply, within)
    except InvalidInput as error:
        fields.adopt(error)
    return reply


def _json_body(fields: Fields) -> bytes:
    for other in ("body", "body_base64"):
        if other in fields:
            fields.value(other)
            fields.wrong("json", f"cannot be combined with {other}")
    return json.dumps(fields.value("json"), ensure_ascii=False).encode("utf-8")


def _reply_body(inner: Fields) -> bytes:
    text = inner.text("body", "", longest=REPLY_BODY_CHARACTERS, kind="any")
    encoded = inner.optional_text("body_base64", None, longest=REPLY_BODY_CHARACTERS)
    if encoded is None:
        return text.encode("utf-8")
    if "body" in inner:
        inner.wrong("body_base64", "cannot be combined with body")
    try:
        return b64decode(encoded, validate=True)
    except ValueError:
        inner.wrong("body_base64", "is not base64")
        return b""


def _secret_choice(fields: Fields, names: Mapping[str, str]) -> SecretChoice | None:
    """The one way that is chosen, by the names that these inputs have; None when none is."""
    value = fields.optional_text(names["value"], None, longest=SECRET_CHARACTERS)
    env = fields.optional_text(names["env"], None, longest=SECRET_CHARACTERS)
    generate = fields.flag(names["generate"], False)
    if env is not None and not VARIABLE_NAME.fullmatch(env):
        fields.wrong(names["env"], "must be the name of an environment variable")
    chosen = [
        name
        for name, given in zip(names.values(), (value is not None, env is not None, generate), strict=True)
        if given
    ]
    if len(chosen) > 1:
        fields.wrong(chosen[1], f"cannot be combined with {chosen[0]}")
    return SecretChoice(value=value, env=env, generate=generate) if chosen else None


def _parameter(
    query: Mapping[str, str], name: str, errors: list[FieldError], *, least: int = 0, most: int = LARGEST_ID
) -> int | None:
    if name not in query:
        return None
    number = _whole_number(query[name])
    if number is None or not least <= number <= most:
        errors.append(FieldError(name, f"must be a whole number from {least:,} to {most:,}"))
    return number


def _whole_number(text: str) -> int | None:
    if not WHOLE_NUMBER.fullmatch(text):
        return None
    number = int(text)
    return number if number <= LARGEST_ID else None


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number that JSON knows")


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return members
