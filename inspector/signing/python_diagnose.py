"""``diagnose`` for programs: arguments in the shapes that frameworks hand out, and the clock."""

from __future__ import annotations

from datetime import datetime

from inspector.signing import diagnose as search
from inspector.signing.arguments import (
    Headers,
    Secrets,
    message_of,
    pairs_of,
    scheme_of,
    secrets_of,
    tolerance_of,
    unix_seconds,
)
from inspector.signing.diagnosis import Diagnosis
from inspector.signing.scheme import Scheme


def diagnose(
    body: bytes,
    headers: Headers,
    secret: Secrets,
    *,
    scheme: str | Scheme = "auto",
    method: str = "POST",
    url: str | None = None,
    now: float | datetime | None = None,
    tolerance: float | None = None,
    other_secrets: Secrets = (),
) -> Diagnosis:
    """Why a signed request does not verify, proven where that can be.

    The result has ``cause`` (a code), ``causes``, ``tried`` and ``facts``. *other_secrets* are those of other
    endpoints, by name: the wrong one is a likely mistake. The other arguments, and what they raise, are those
    of ``verify``.
    """
    return search.diagnose(
        message_of(body, pairs_of(headers), method, url),
        scheme_of(scheme),
        secrets_of(secret),
        other_secrets=secrets_of(other_secrets),
        now=unix_seconds(now, "now"),
        tolerance=tolerance_of(tolerance),
    )
