"""The schemas of deliveries, of what is found out about them, and of what was no request."""

from __future__ import annotations

from inspector.content.json_diff import Change
from inspector.models import Framing, SignatureState, TimestampState, VerificationStatus
from inspector.receive import handshakes
from inspector.web.representation import Json
from inspector.web.shapes import (
    BASE64,
    BASE64_OR_NULL,
    BOOLEAN,
    FAULT_OR_NULL,
    INTEGER,
    INTEGER_OR_NULL,
    NUMBER,
    NUMBER_OR_NULL,
    PAIRS,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    TIME_OR_NULL,
    list_of,
    object_of,
    reference,
    words,
)

SUMMARY: dict[str, Json] = {
    "id": INTEGER,
    "endpoint_id": TEXT,
    "received_at": TIME,
    "method": TEXT,
    "path": {**TEXT, "description": "The target as sent, with its query; bytes as latin-1."},
    "content_type": TEXT_OR_NULL,
    "body_size": INTEGER,
    "complete": BOOLEAN,
    "verification": object_of(
        {
            "status": words(list(VerificationStatus)),
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
    "verification": reference("Verification"),
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
    "flags": {**list_of(TEXT), "description": "Codes for what was odd on the wire."},
    "http_version": TEXT,
    "headers": PAIRS,
    "trailers": PAIRS,
    "query": PAIRS,
    "body_base64": {**BASE64_OR_NULL, "description": "Null over 1 MiB: then /body has it."},
    "body_text": {**TEXT_OR_NULL, "description": "Decoded; null when it cannot be, or over 1 MiB."},
    "reply": reference("SentReply"),
    "handshake": {
        **object_of(
            {
                "sender": words(handshakes.SENDERS),
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
    "status": words(list(VerificationStatus)),
    "signature": words(list(SignatureState)),
    "timestamp": words(list(TimestampState)),
    "scheme": TEXT,
    "secret": TEXT_OR_NULL,
    "age_seconds": {**INTEGER_OR_NULL, "description": "Negative when the timestamp lies in the future."},
    "reason": TEXT,
    "cause": TEXT,
    "warnings": list_of(TEXT),
    "sdk": object_of({"python": BOOLEAN, "typescript": BOOLEAN}),
}

SENT_REPLY: dict[str, Json] = {
    "status": INTEGER,
    "headers": PAIRS,
    "body_base64": BASE64_OR_NULL,
    "sent_at": TIME_OR_NULL,
    "completed": BOOLEAN,
    "script": {
        **object_of(
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
    "change": words(list(Change)),
    "before": TEXT_OR_NULL,
    "after": TEXT_OR_NULL,
    "volatile": {**BOOLEAN, "description": "It differs by its nature: a time, an id, a signature."},
}

COMPARISON: dict[str, Json] = {
    "before": INTEGER,
    "after": INTEGER,
    "same": {**BOOLEAN, "description": "Nothing differs but what was to be ignored."},
    "body": {**words(["same", "json", "form", "text", "bytes"]), "description": "How they were compared."},
    "differences": list_of(reference("Difference")),
    "ignored": list_of(reference("Difference")),
    "lines": list_of(object_of({"sign": TEXT, "text": TEXT})),
    "notes": list_of(TEXT),
    "left_out": {**BOOLEAN, "description": "There are more than 500 differences."},
}

FINDING: dict[str, Json] = {
    "code": TEXT,
    "sentence": TEXT,
    "fix": TEXT,
    "matched": {**BOOLEAN, "description": "Proven: with this changed, the digest is the one that came."},
    "variant": TEXT_OR_NULL,
    "difference": {
        **object_of(
            {
                "of": words(["body", "url"]),
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
    "received": {**list_of(TEXT), "description": "The digests that the signature header claims."},
    "expected": list_of(
        object_of({"secret": TEXT, "digest": TEXT, "differs_at": INTEGER_OR_NULL, "trouble": TEXT_OR_NULL})
    ),
    "signed_base64": {**BASE64_OR_NULL, "description": "What a digest must cover; null over 1 MiB."},
    "signed_bytes": INTEGER_OR_NULL,
    "timestamp": TEXT_OR_NULL,
    "tolerance_seconds": {"type": ["number", "null"]},
}

DIAGNOSIS: dict[str, Json] = {
    "delivery_id": INTEGER,
    "status": words(list(VerificationStatus)),
    "cause": {**TEXT, "description": "The code of the first cause; unknown when none is proven."},
    "causes": list_of(object_of(FINDING)),
    "tried": list_of(object_of({"code": TEXT, "description": TEXT, "matched": BOOLEAN})),
    "facts": list_of(object_of({"code": TEXT, "sentence": TEXT})),
    "seconds": {**NUMBER, "description": "What the search took."},
    "working": {
        **object_of(WORKING),
        "type": ["object", "null"],
        "description": "What was compared; null when the endpoint is gone. It stands in no other answer.",
    },
}
