"""The schemas of everything that the API takes and answers, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inspector.content.json_diff import Change
from inspector.models import Fault, Framing, SignatureState, TimestampState, VerificationStatus
from inspector.receive import handshakes
from inspector.send.simulate import JSON
from inspector.send.tamper import Tamper
from inspector.web import reading, scripting, sending
from inspector.web.representation import Json

TEXT: Json = {"type": "string"}
TEXT_OR_NULL: Json = {"type": ["string", "null"]}
INTEGER: Json = {"type": "integer"}
INTEGER_OR_NULL: Json = {"type": ["integer", "null"]}
NUMBER: Json = {"type": "number"}
BOOLEAN: Json = {"type": "boolean"}
TIME: Json = {"type": "string", "format": "date-time"}
TIME_OR_NULL: Json = {"type": ["string", "null"], "format": "date-time"}
OBJECT: Json = {"type": "object"}
NUMBER_OR_NULL: Json = {"type": ["number", "null"]}
FAULT_OR_NULL: Json = {"enum": [*map(str, Fault), None]}
BASE64: Json = {"type": "string", "contentEncoding": "base64"}
BASE64_OR_NULL: Json = {"type": ["string", "null"], "contentEncoding": "base64"}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _words(words: Sequence[str]) -> Json:
    return {"type": "string", "enum": [str(word) for word in words]}


def _object(properties: Mapping[str, Json], optional: Sequence[str] = ()) -> Json:
    """An object that always has all its members but the *optional* ones, and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _input(properties: Mapping[str, Json]) -> Json:
    """An object of which any member may be left out."""
    return _object(properties, optional=tuple(properties))


def _limited(longest: int, kind: Json = TEXT) -> Json:
    return {**kind, "maxLength": longest}


PAIRS = _list({"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2})

SUMMARY: dict[str, Json] = {
    "id": INTEGER,
    "endpoint_id": TEXT,
    "received_at": TIME,
    "method": TEXT,
    "path": {**TEXT, "description": "The target as sent, with its query; bytes as latin-1."},
    "content_type": TEXT_OR_NULL,
    "body_size": INTEGER,
    "complete": BOOLEAN,
    "verification": _object(
        {
            "status": _words(list(VerificationStatus)),
            "reason": TEXT,
            "warned": {**BOOLEAN, "description": "One of its warnings is about this delivery itself."},
        }
    ),
    "reply_status": INTEGER,
    "message_id": TEXT_OR_NULL,
    "attempt": INTEGER,
    "client": TEXT,
    "note": TEXT,
    "pinned": BOOLEAN,
}

DELIVERY: dict[str, Json] = {
    **SUMMARY,
    "verification": _ref("Verification"),
    "incomplete_reason": {**TEXT_OR_NULL, "description": "Why the body is not whole; null: it is."},
    "received_ns": {
        **INTEGER,
        "description": "When the head was complete, in nanoseconds since 1970; more than a double can hold.",
    },
    "head_base64": {
        **BASE64_OR_NULL,
        "description": "The exact bytes of request line and header fields; null where they are not known.",
    },
    "framing": {
        "type": ["string", "null"],
        "enum": [*map(str, Framing), None],
        "description": "How the end of the body was told; null where that is not known.",
    },
    "chunks": {**INTEGER, "description": "How many chunks a chunked body came in."},
    "flags": {**_list(TEXT), "description": "Codes for what was odd on the wire."},
    "http_version": TEXT,
    "headers": PAIRS,
    "trailers": PAIRS,
    "query": PAIRS,
    "body_base64": {**BASE64_OR_NULL, "description": "Null over 1 MiB: then /body has it."},
    "body_text": {**TEXT_OR_NULL, "description": "Decoded; null when it cannot be, or over 1 MiB."},
    "reply": _ref("SentReply"),
    "handshake": {
        **_object(
            {
                "sender": _words(handshakes.SENDERS),
                "answered": {**BOOLEAN, "description": "The reply is the answer that the sender wants."},
                "reason": TEXT,
                "todo": {**TEXT_OR_NULL, "description": "What is left to a person."},
                "link": {**TEXT_OR_NULL, "description": "The address to open; it is never fetched."},
                "token": {**TEXT_OR_NULL, "description": "The value to copy."},
            }
        ),
        "type": ["object", "null"],
        "description": "What the sender asked before it delivers, null for any other request.",
    },
}

VERIFICATION: dict[str, Json] = {
    "status": _words(list(VerificationStatus)),
    "signature": _words(list(SignatureState)),
    "timestamp": _words(list(TimestampState)),
    "scheme": TEXT,
    "secret": TEXT_OR_NULL,
    "age_seconds": {**INTEGER_OR_NULL, "description": "Negative when the timestamp lies in the future."},
    "reason": TEXT,
    "cause": TEXT,
    "warnings": _list(TEXT),
    "sdk": _object({"python": BOOLEAN, "typescript": BOOLEAN}),
}

SENT_REPLY: dict[str, Json] = {
    "status": INTEGER,
    "headers": PAIRS,
    "body_base64": BASE64_OR_NULL,
    "sent_at": TIME_OR_NULL,
    "completed": BOOLEAN,
    "script": {
        **_object(
            {
                "entry": {**INTEGER, "description": "Which entry of the endpoint's script, from 1."},
                "fault": FAULT_OR_NULL,
                "hold": BOOLEAN,
                "held_seconds": {**NUMBER_OR_NULL, "description": "Null while it is held."},
            }
        ),
        "type": ["object", "null"],
    },
}

REPLY: dict[str, Json] = {
    "status": {"type": "integer", "minimum": 200, "maximum": 599, "default": 200},
    "headers": PAIRS,
    "body": _limited(reading.REPLY_BODY_CHARACTERS),
    "body_base64": BASE64,
    "delay_seconds": {"type": "number", "minimum": 0, "default": 0},
}

SCRIPT_ENTRY: dict[str, Json] = {
    **REPLY,
    "times": {**INTEGER_OR_NULL, "minimum": 1, "maximum": scripting.MOST_TIMES},
    "when": _limited(scripting.FILTER_CHARACTERS, TEXT_OR_NULL),
    "fault": FAULT_OR_NULL,
    "hold": {**BOOLEAN, "default": False},
}

MALFORMED: dict[str, Json] = {
    "id": INTEGER,
    "received_at": TIME,
    "client": TEXT,
    "listener": {**INTEGER_OR_NULL, "description": "The port that it came to."},
    "reason": {**TEXT, "description": "Why it is no request, in a sentence."},
    "reply_status": {**INTEGER_OR_NULL, "description": "Null: the sender was gone."},
    "size": {**INTEGER, "description": "How many bytes came."},
    "raw_base64": {**BASE64, "description": "The first of them, 64 KiB at most."},
}

DIFFERENCE: dict[str, Json] = {
    "section": TEXT,
    "where": TEXT,
    "change": _words(list(Change)),
    "before": TEXT_OR_NULL,
    "after": TEXT_OR_NULL,
    "volatile": {**BOOLEAN, "description": "It differs by its nature: a time, an id, a signature."},
}

COMPARISON: dict[str, Json] = {
    "before": INTEGER,
    "after": INTEGER,
    "same": {**BOOLEAN, "description": "Nothing differs but what was to be ignored."},
    "body": {**_words(["same", "json", "form", "text", "bytes"]), "description": "How they were compared."},
    "differences": _list(_ref("Difference")),
    "ignored": _list(_ref("Difference")),
    "lines": _list(_object({"sign": TEXT, "text": TEXT})),
    "notes": _list(TEXT),
    "left_out": {**BOOLEAN, "description": "There are more than 500 differences."},
}

FINDING: dict[str, Json] = {
    "code": TEXT,
    "sentence": TEXT,
    "fix": TEXT,
    "matched": {**BOOLEAN, "description": "Proven: with this changed, the digest is the one that came."},
    "variant": TEXT_OR_NULL,
    "difference": {
        **_object(
            {
                "of": _words(["body", "url"]),
                "offset": {**INTEGER, "description": "Of the first byte that differs."},
                "here": TEXT,
                "signed": TEXT,
                "here_bytes": INTEGER,
                "signed_bytes": INTEGER,
            }
        ),
        "type": ["object", "null"],
    },
}

WORKING: dict[str, Json] = {
    "scheme": TEXT,
    "description": TEXT,
    "headers": PAIRS,
    "received": {**_list(TEXT), "description": "The digests that the signature header claims."},
    "expected": _list(
        _object({"secret": TEXT, "digest": TEXT, "differs_at": INTEGER_OR_NULL, "trouble": TEXT_OR_NULL})
    ),
    "signed_base64": {**BASE64_OR_NULL, "description": "What a digest must cover; null over 1 MiB."},
    "signed_bytes": INTEGER_OR_NULL,
    "timestamp": TEXT_OR_NULL,
    "tolerance_seconds": {"type": ["number", "null"]},
}

DIAGNOSIS: dict[str, Json] = {
    "delivery_id": INTEGER,
    "status": _words(list(VerificationStatus)),
    "cause": {**TEXT, "description": "The code of the first cause; unknown when none is proven."},
    "causes": _list(_object(FINDING)),
    "tried": _list(_object({"code": TEXT, "description": TEXT, "matched": BOOLEAN})),
    "facts": _list(_object({"code": TEXT, "sentence": TEXT})),
    "seconds": {**NUMBER, "description": "What the search took."},
    "working": {
        **_object(WORKING),
        "type": ["object", "null"],
        "description": "What was compared; null when the endpoint is gone. It stands in no other answer.",
    },
}

SECRET_INFO: dict[str, Json] = {
    "name": TEXT,
    "source": _words(["stored", "env"]),
    "env": TEXT_OR_NULL,
    "fingerprint": TEXT_OR_NULL,
    "created_at": TIME,
}

SETTABLE: dict[str, Json] = {
    "path": _limited(reading.PATH_CHARACTERS),
    "name": _limited(reading.NAME_CHARACTERS),
    "scheme": TEXT,
    "scheme_options": OBJECT,
    "tolerance_seconds": {**INTEGER_OR_NULL, "minimum": 0, "maximum": reading.TOLERANCE_SECONDS},
    "public_url": _limited(reading.URL_CHARACTERS, TEXT_OR_NULL),
    "reject_invalid": BOOLEAN,
    "handshake": {**_words(handshakes.CHOICES), "default": handshakes.AUTO},
    "verify_token": _limited(reading.NAME_CHARACTERS, TEXT_OR_NULL),
    "reply": _ref("Reply"),
    "cors": {**BOOLEAN, "description": "Let every web page call it: answer what its browser asks first."},
}

ENDPOINT: dict[str, Json] = {
    "id": TEXT,
    **SETTABLE,
    "url": TEXT,
    "secrets": _list(_ref("SecretInfo")),
    "deliveries": INTEGER,
    "last_received_at": TIME_OR_NULL,
    "rechecking": {
        **_object({"done": INTEGER, "total": INTEGER}),
        "type": ["object", "null"],
        "description": "While its deliveries are judged anew, since a secret or the scheme changed.",
    },
}

_TAMPER = "; ".join(f"{kind}: {kind.done}" for kind in Tamper)

ONCE: Json = {**TEXT, "description": "The generated secret; told in this answer only."}
GIVEN_SECRET = _limited(reading.SECRET_CHARACTERS)

SCHEMAS: dict[str, Json] = {
    "Deliveries": _object({"deliveries": _list(_ref("DeliverySummary")), "cursor": INTEGER, "more": BOOLEAN}),
    "DeliverySummary": _object(SUMMARY),
    "Delivery": _object(DELIVERY),
    "DeliveryChanges": _input(
        {"note": _limited(reading.NOTE_CHARACTERS), "pinned": BOOLEAN},
    ),
    "Malformed": _object(MALFORMED),
    "MalformedList": _object(
        {
            "malformed": _list(_ref("Malformed")),
            "cursor": INTEGER,
            "more": BOOLEAN,
            "total": {**INTEGER, "description": "How many ever came; the newest 500 at most are kept."},
        }
    ),
    "Deleted": _object({"deleted": INTEGER}),
    "Count": _object({"count": INTEGER, "complete": BOOLEAN}),
    "Verification": _object(VERIFICATION, optional=("sdk",)),
    "SentReply": _object(SENT_REPLY),
    "Reply": _object(REPLY, optional=tuple(REPLY)),
    "NewScript": _object(
        {
            "replies": {
                **_list(_object({**SCRIPT_ENTRY, "json": {}}, optional=(*SCRIPT_ENTRY, "json"))),
                "maxItems": scripting.MOST_ENTRIES,
            }
        }
    ),
    "Script": _object(
        {
            "replies": _list(
                _object({**SCRIPT_ENTRY, "used": INTEGER, "held": INTEGER}, optional=("body", "body_base64"))
            )
        }
    ),
    "Nothing": _object({}),
    "Released": _object({"released": INTEGER}),
    "Endpoints": _object({"endpoints": _list(_ref("Endpoint"))}),
    "Endpoint": _object(ENDPOINT),
    "CreatedEndpoint": _object({**ENDPOINT, "secret": ONCE}, optional=("secret",)),
    "NewEndpoint": _input(
        {**SETTABLE, "secret": GIVEN_SECRET, "secret_env": TEXT, "generate_secret": BOOLEAN},
    ),
    "EndpointChanges": _input(SETTABLE),
    "SecretInfo": _object(SECRET_INFO),
    "NewSecret": _input({"name": TEXT, "secret": GIVEN_SECRET, "env": TEXT, "generate": BOOLEAN}),
    "CreatedSecret": _object({**SECRET_INFO, "secret": ONCE}, optional=("secret",)),
    "Schemes": _object({"schemes": _list(_ref("Scheme"))}),
    "Scheme": _object(
        {
            "name": TEXT,
            "sender": TEXT,
            "own": {**BOOLEAN, "description": "It is the user's, from the configuration."},
            "docs_url": TEXT_OR_NULL,
            "description": {**TEXT_OR_NULL, "description": "What is signed and how, in a few words."},
            "signature_header": TEXT_OR_NULL,
            "signature_place": {**TEXT_OR_NULL, "description": "Where in the body the signature may stand."},
            "prefix": TEXT_OR_NULL,
            "timestamp_header": TEXT_OR_NULL,
            "message_id_header": TEXT_OR_NULL,
            "algorithm": TEXT_OR_NULL,
            "hash": TEXT_OR_NULL,
            "encoding": TEXT_OR_NULL,
            "secret_form": {**TEXT_OR_NULL, "description": "How the secret becomes the key."},
            "secret_note": {**TEXT_OR_NULL, "description": "Which of the sender's secrets it is."},
            "tolerance_seconds": INTEGER_OR_NULL,
            "needs": {**_list(TEXT), "description": "Packages of the extra signatures."},
            "basis": {**TEXT_OR_NULL, "description": "How sure the row is."},
            "caveats": _list(TEXT),
        }
    ),
    "Status": _object(
        {
            "version": TEXT,
            "callback_url": TEXT,
            "inspector_url": TEXT,
            "instance": TEXT,
            "database": TEXT_OR_NULL,
            "database_bytes": INTEGER,
            "deliveries": INTEGER,
            "malformed": {**INTEGER, "description": "How many malformed requests ever came."},
            "arrivals": _list(_ref("Arrivals")),
            "cursor": INTEGER,
            "generation": INTEGER,
            "revision": INTEGER,
            "fault": TEXT_OR_NULL,
            "streams": INTEGER,
            "waits": INTEGER,
            "limits": _object({"body_bytes": INTEGER, "streams": INTEGER}),
            "retention": _object({"deliveries": INTEGER, "bytes": INTEGER, "days": NUMBER}),
        }
    ),
    "Arrivals": _object({"minute": TIME, "deliveries": INTEGER, "not_valid": INTEGER}),
    "Comparison": _object(COMPARISON),
    "Difference": _object(DIFFERENCE),
    "Diagnosis": _object(DIAGNOSIS),
    "Guess": _input({"secret": _limited(reading.SECRET_CHARACTERS, TEXT_OR_NULL)}),
    "Guessed": _object(
        {
            "guess": {
                **_object(
                    {
                        "scheme": TEXT,
                        "scheme_options": OBJECT,
                        "secret": {**TEXT, "description": "The name of the secret that it fits with."},
                        "secret_prefix": {**TEXT, "description": "What is to be taken off it first."},
                        "sentence": TEXT,
                    }
                ),
                "type": ["object", "null"],
            }
        }
    ),
    "SecretTrial": _object({"secret": GIVEN_SECRET, "scheme": TEXT_OR_NULL}, optional=("scheme",)),
    "TestCallback": _input(
        {
            "json": {},
            "body": _limited(sending.BODY_CHARACTERS),
            "body_base64": _limited(sending.BODY_CHARACTERS, BASE64),
            "content_type": {**_limited(sending.CONTENT_TYPE_CHARACTERS), "default": JSON},
            "tamper": {"enum": [*map(str, Tamper), None], "description": _TAMPER},
            "timestamp": {**NUMBER, "description": "Unix seconds, in place of now."},
        }
    ),
    "SentTest": _object(
        {
            "status": {**INTEGER_OR_NULL, "description": "The reply's; null when none came."},
            "delivery_id": INTEGER_OR_NULL,
            "tamper": TEXT_OR_NULL,
            "done": TEXT,
            "expected": _words(list(VerificationStatus)),
            "error": {**_object({"class": TEXT, "message": TEXT}), "type": ["object", "null"]},
        }
    ),
    "Archive": {**OBJECT, "description": "A HAR file; or JSON Lines, one whole delivery in each."},
    "Outcome": _object({"imported": INTEGER, "first_id": INTEGER_OR_NULL, "last_id": INTEGER_OR_NULL}),
    "Health": _object({"status": TEXT}),
    "Problem": _object(
        {
            "type": TEXT,
            "title": TEXT,
            "status": INTEGER,
            "detail": TEXT,
            "code": TEXT,
            "errors": _list(_object({"field": TEXT, "message": TEXT})),
            "position": {**INTEGER, "description": "Where a filter cannot be read, counted from 0."},
            "received": {**INTEGER, "description": "Of a wait: how many came after the id, all in all."},
            "nearest": {**_list(_ref("NearMiss")), "description": "Of a wait: what came closest to it."},
        },
        optional=("errors", "position", "received", "nearest"),
    ),
    "Awaited": _object({"deliveries": _list(_ref("Delivery")), "cursor": INTEGER}),
    "NearMiss": _object(
        {
            "id": INTEGER,
            "held": {**INTEGER, "description": "How many of the filter's conditions it meets."},
            "failed": _list(_object({"condition": TEXT, "wanted": TEXT, "got": TEXT})),
        }
    ),
    "Events": {**TEXT, "description": "Server-sent events whose data is JSON."},
    "Bytes": {**TEXT, "format": "binary"},
    "Text": TEXT,
    "Description": OBJECT,
}
