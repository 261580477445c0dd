"""The ways to spoil a test callback, each named and explained."""

from __future__ import annotations

from enum import StrEnum


class Tamper(StrEnum):
    """One thing that is wrong, or only unusual, about a test callback.

    ``done`` says what was done, as a clause; ``why`` who does the same in earnest, as a sentence.
    """

    done: str
    why: str

    # The defaults are for the call by value alone, Tamper("stale").
    def __new__(cls, value: str, done: str = "", why: str = "") -> Tamper:
        member = str.__new__(cls, value)
        member._value_ = value
        member.done = done
        member.why = why
        return member

    STALE = (
        "stale",
        "dated further back than the tolerance and signed rightly",
        "So looks a callback that a queue held up, or one that somebody captured and sends again.",
    )
    FUTURE = (
        "future",
        "dated further ahead than the tolerance and signed rightly",
        "A sender does this whose clock runs ahead.",
    )
    MISSING_TIMESTAMP = (
        "missing-timestamp",
        "signed rightly and sent without the timestamp header",
        "Whoever sends a captured callback again may drop the header to avoid the check of its age.",
    )
    WRONG_SECRET = (
        "wrong-secret",
        "signed with another secret",
        "So signs a sender whose secret was rotated, and whoever is not the sender.",
    )
    BODY = (
        "body",
        "changed in one byte of its body after signing",
        "This is what a signature is there to catch.",
    )
    SIGNATURE = (
        "signature",
        "changed in one character of its digest",
        "A receiver that compares only a part of the digest takes it.",
    )
    UPPER_HEX = (
        "upper-hex",
        "signed rightly, with the digest in upper-case hex",
        "Blaxel's Python SDK refuses it and its TypeScript SDK does not.",
    )
    NO_PREFIX = (
        "no-prefix",
        "signed rightly, without the prefix before the digest",
        "Blaxel's SDKs take it; a receiver that cuts off the first characters unseen does not.",
    )
    DUPLICATE_HEADER = (
        "duplicate-header",
        "signed rightly, with the signature header sent twice",
        "Frameworks take the first, or the last, or join them: a proxy that adds one shows which.",
    )
    CONTENT_TYPE = (
        "content-type",
        "signed rightly and sent as text/plain",
        "A receiver that parses by content type, as Blaxel's Express example does, finds no body.",
    )
    LARGE = (
        "large",
        "signed rightly, with a body of more than 100 KiB",
        "Express answers 413 above 102,400 bytes unless it is told otherwise.",
    )
    TRUNCATED = (
        "truncated",
        "cut at the end after signing, with a Content-Length that fits what is left",
        "A proxy or a queue with a size limit does this.",
    )
    STRIPE_STYLE = (
        "stripe-style",
        "signed over the timestamp, a dot and the body, as Stripe does",
        "The common wrong guess at how Blaxel signs.",
    )
    RESERIALISED = (
        "reserialised",
        "parsed and written again after signing, with the same content in other bytes",
        "Whatever hands on the parsed body in place of the bytes that came does this.",
    )
