"""The schemas of everything that the API takes and answers, by name."""

from __future__ import annotations

from inspector.models import VerificationStatus
from inspector.receive import handshakes
from inspector.send.simulate import JSON
from inspector.send.tamper import Tamper
from inspector.web import reading, scripting, sending
from inspector.web.delivery_schemas import (
    COMPARISON,
    DELIVERY,
    DIAGNOSIS,
    DIFFERENCE,
    MALFORMED,
    SENT_REPLY,
    SUMMARY,
    VERIFICATION,
)
from inspector.web.representation import Json
from inspector.web.shapes import (
    BASE64,
    BOOLEAN,
    FAULT_OR_NULL,
    INTEGER,
    INTEGER_OR_NULL,
    NUMBER,
    OBJECT,
    PAIRS,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    TIME_OR_NULL,
    input_of,
    limited,
    list_of,
    object_of,
    reference,
    words,
)

REPLY: dict[str, Json] = {
    "status": {"type": "integer", "minimum": 200, "maximum": 599, "default": 200},
    "headers": PAIRS,
    "body": limited(reading.REPLY_BODY_CHARACTERS),
    "body_base64": BASE64,
    "delay_seconds": {"type": "number", "minimum": 0, "default": 0},
}

SCRIPT_ENTRY: dict[str, Json] = {
    **REPLY,
    "times": {**INTEGER_OR_NULL, "minimum": 1, "maximum": scripting.MOST_TIMES},
    "when": limited(scripting.FILTER_CHARACTERS, TEXT_OR_NULL),
    "fault": FAULT_OR_NULL,
    "hold": {**BOOLEAN, "default": False},
}

SECRET_INFO: dict[str, Json] = {
    "name": TEXT,
    "source": words(["stored", "env"]),
    "env": TEXT_OR_NULL,
    "fingerprint": TEXT_OR_NULL,
    "created_at": TIME,
}

SETTABLE: dict[str, Json] = {
    "path": limited(reading.PATH_CHARACTERS),
    "name": limited(reading.NAME_CHARACTERS),
    "scheme": TEXT,
    "scheme_options": OBJECT,
    "tolerance_seconds": {**INTEGER_OR_NULL, "minimum": 0, "maximum": reading.TOLERANCE_SECONDS},
    "public_url": limited(reading.URL_CHARACTERS, TEXT_OR_NULL),
    "reject_invalid": BOOLEAN,
    "handshake": {**words(handshakes.CHOICES), "default": handshakes.AUTO},
    "verify_token": limited(reading.NAME_CHARACTERS, TEXT_OR_NULL),
    "reply": reference("Reply"),
    "cors": {**BOOLEAN, "description": "Let every web page call it: answer what its browser asks first."},
}

ENDPOINT: dict[str, Json] = {
    "id": TEXT,
    **SETTABLE,
    "url": TEXT,
    "secrets": list_of(reference("SecretInfo")),
    "deliveries": INTEGER,
    "last_received_at": TIME_OR_NULL,
    "rechecking": {
        **object_of({"done": INTEGER, "total": INTEGER}),
        "type": ["object", "null"],
        "description": "While its deliveries are judged anew, since a secret or the scheme changed.",
    },
}

_TAMPER = "; ".join(f"{kind}: {kind.done}" for kind in Tamper)

ONCE: Json = {**TEXT, "description": "The generated secret; told in this answer only."}
GIVEN_SECRET = limited(reading.SECRET_CHARACTERS)

SCHEMAS: dict[str, Json] = {
    "Deliveries": object_of(
        {"deliveries": list_of(reference("DeliverySummary")), "cursor": INTEGER, "more": BOOLEAN}
    ),
    "DeliverySummary": object_of(SUMMARY),
    "Delivery": object_of(DELIVERY),
    "DeliveryChanges": input_of(
        {"note": limited(reading.NOTE_CHARACTERS), "pinned": BOOLEAN},
    ),
    "Malformed": object_of(MALFORMED),
    "MalformedList": object_of(
        {
            "malformed": list_of(reference("Malformed")),
            "cursor": INTEGER,
            "more": BOOLEAN,
            "total": {**INTEGER, "description": "How many ever came; the newest 500 at most are kept."},
        }
    ),
    "Deleted": object_of({"deleted": INTEGER}),
    "Count": object_of({"count": INTEGER, "complete": BOOLEAN}),
    "Verification": object_of(VERIFICATION, optional=("sdk",)),
    "SentReply": object_of(SENT_REPLY),
    "Reply": object_of(REPLY, optional=tuple(REPLY)),
    "NewScript": object_of(
        {
            "replies": {
                **list_of(object_of({**SCRIPT_ENTRY, "json": {}}, optional=(*SCRIPT_ENTRY, "json"))),
                "maxItems": scripting.MOST_ENTRIES,
            }
        }
    ),
    "Script": object_of(
        {
            "replies": list_of(
                object_of(
                    {**SCRIPT_ENTRY, "used": INTEGER, "held": INTEGER}, optional=("body", "body_base64")
                )
            )
        }
    ),
    "Nothing": object_of({}),
    "Released": object_of({"released": INTEGER}),
    "Endpoints": object_of({"endpoints": list_of(reference("Endpoint"))}),
    "Endpoint": object_of(ENDPOINT),
    "CreatedEndpoint": object_of({**ENDPOINT, "secret": ONCE}, optional=("secret",)),
    "NewEndpoint": input_of(
        {**SETTABLE, "secret": GIVEN_SECRET, "secret_env": TEXT, "generate_secret": BOOLEAN},
    ),
    "EndpointChanges": input_of(SETTABLE),
    "SecretInfo": object_of(SECRET_INFO),
    "NewSecret": input_of({"name": TEXT, "secret": GIVEN_SECRET, "env": TEXT, "generate": BOOLEAN}),
    "CreatedSecret": object_of({**SECRET_INFO, "secret": ONCE}, optional=("secret",)),
    "Schemes": object_of({"schemes": list_of(reference("Scheme"))}),
    "Scheme": object_of(
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
            "needs": {**list_of(TEXT), "description": "Packages of the extra signatures."},
            "basis": {**TEXT_OR_NULL, "description": "How sure the row is."},
            "caveats": list_of(TEXT),
        }
    ),
    "Status": object_of(
        {
            "version": TEXT,
            "callback_url": TEXT,
            "inspector_url": TEXT,
            "instance": TEXT,
            "database": TEXT_OR_NULL,
            "database_bytes": INTEGER,
            "deliveries": INTEGER,
            "malformed": {**INTEGER, "description": "How many malformed requests ever came."},
            "arrivals": list_of(reference("Arrivals")),
            "cursor": INTEGER,
            "generation": INTEGER,
            "revision": INTEGER,
            "fault": TEXT_OR_NULL,
            "streams": INTEGER,
            "waits": INTEGER,
            "limits": object_of({"body_bytes": INTEGER, "streams": INTEGER}),
            "retention": object_of({"deliveries": INTEGER, "bytes": INTEGER, "days": NUMBER}),
        }
    ),
    "Arrivals": object_of({"minute": TIME, "deliveries": INTEGER, "not_valid": INTEGER}),
    "Comparison": object_of(COMPARISON),
    "Difference": object_of(DIFFERENCE),
    "Diagnosis": object_of(DIAGNOSIS),
    "Guess": input_of({"secret": limited(reading.SECRET_CHARACTERS, TEXT_OR_NULL)}),
    "Guessed": object_of(
        {
            "guess": {
                **object_of(
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
    "SecretTrial": object_of({"secret": GIVEN_SECRET, "scheme": TEXT_OR_NULL}, optional=("scheme",)),
    "TestCallback": input_of(
        {
            "json": {},
            "body": limited(sending.BODY_CHARACTERS),
            "body_base64": limited(sending.BODY_CHARACTERS, BASE64),
            "content_type": {**limited(sending.CONTENT_TYPE_CHARACTERS), "default": JSON},
            "tamper": {"enum": [*map(str, Tamper), None], "description": _TAMPER},
            "timestamp": {**NUMBER, "description": "Unix seconds, in place of now."},
            "signed": {**BOOLEAN, "default": True, "description": "False leaves the signature out."},
        }
    ),
    "SentTest": object_of(
        {
            "status": {**INTEGER_OR_NULL, "description": "The reply's; null when none came."},
            "delivery_id": INTEGER_OR_NULL,
            "tamper": TEXT_OR_NULL,
            "done": TEXT,
            "expected": words(list(VerificationStatus)),
            "error": {**object_of({"class": TEXT, "message": TEXT}), "type": ["object", "null"]},
        }
    ),
    "Archive": {**OBJECT, "description": "A HAR file; or JSON Lines, one whole delivery in each."},
    "Outcome": object_of({"imported": INTEGER, "first_id": INTEGER_OR_NULL, "last_id": INTEGER_OR_NULL}),
    "Health": object_of({"status": TEXT}),
    "Problem": object_of(
        {
            "type": TEXT,
            "title": TEXT,
            "status": INTEGER,
            "detail": TEXT,
            "code": TEXT,
            "errors": list_of(object_of({"field": TEXT, "message": TEXT})),
            "position": {**INTEGER, "description": "Where a filter cannot be read, counted from 0."},
            "received": {**INTEGER, "description": "Of a wait: how many came after the id, all in all."},
            "nearest": {
                **list_of(reference("NearMiss")),
                "description": "Of a wait: what came closest to it.",
            },
        },
        optional=("errors", "position", "received", "nearest"),
    ),
    "Awaited": object_of({"deliveries": list_of(reference("Delivery")), "cursor": INTEGER}),
    "NearMiss": object_of(
        {
            "id": INTEGER,
            "held": {**INTEGER, "description": "How many of the filter's conditions it meets."},
            "failed": list_of(object_of({"condition": TEXT, "wanted": TEXT, "got": TEXT})),
        }
    ),
    "Events": {**TEXT, "description": "Server-sent events whose data is JSON."},
    "Bytes": {**TEXT, "format": "binary"},
    "Text": TEXT,
    "Description": OBJECT,
}
