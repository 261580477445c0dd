"""First steps: what the page tells while nothing has come yet, to reach a first callback that is valid."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inspector import signing
from inspector.errors import InvalidInput
from inspector.models import Endpoint, Secret, SecretInfo, VerificationStatus
from inspector.signing import Scheme
from inspector.signing.scheme import Algorithm, Part
from inspector.web import wording
from inspector.web.wording import Verdict


@dataclass(frozen=True, slots=True)
class SampleHeader:
    """A header of the sample command; ``quote`` is what stands around it in a shell."""

    name: str
    prefix: str
    value: str
    quote: str = "'"


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What the page tells of one endpoint.

    ``secret`` is the one that signs the sample, ``unset`` one whose variable has no value. ``headers`` are
    those of the sample; with ``signed`` it arrives as ``expected`` for ``good_for_seconds``, or for ever
    when that is None. ``public`` says that the URL is what senders elsewhere use too.
    """

    endpoint: Endpoint
    url: str
    public: bool
    scheme: str
    secret: SecretInfo | None
    unset: SecretInfo | None
    secret_env: str
    shell_url: str
    headers: tuple[SampleHeader, ...]
    body: str
    signed: bool
    good_for_seconds: int | None
    expected: Verdict
    tunnels: tuple[tuple[str, str, str], ...]


def first_steps(
    endpoint: Endpoint,
    url: str,
    local_url: str,
    infos: Sequence[SecretInfo],
    secrets: Sequence[Secret],
    secret_env: str,
    port: int,
) -> FirstSteps:
    """The first steps at *endpoint*: senders get *url*, a terminal here reaches *local_url*."""
    body = _sample_body()
    secret = secrets[0] if secrets else None
    signature, good_for = (None, None) if secret is None else _signature(endpoint, secret, body, local_url)
    info = next((info for info in infos if secret and info.name == secret.name), None)
    target = f"http://localhost:{port}"
    return FirstSteps(
        endpoint=endpoint,
        url=url,
        public=url != local_url,
        scheme=endpoint.scheme,
        secret=info,
        unset=next((info for info in infos if info.fingerprint is None), None),
        secret_env=secret_env,
        shell_url=shlex.quote(local_url),
        headers=(SampleHeader("Content-Type", "", "application/json"), *(signature or ())),
        body=body,
        signed=signature is not None,
        good_for_seconds=good_for,
        expected=wording.VERDICTS[_expected(secret is not None, signature is not None)],
        tunnels=(
            ("cloudflared", "cloudflared tunnel --url", target),
            ("ngrok", "ngrok http", str(port)),
        ),
    )


def _sample_body() -> str:
    """What Blaxel would send for an agent that answered ``{"result":"ok"}``: its four fields, compactly."""
    result = '{"result":"ok"}'
    fields: Mapping[str, object] = {
        "status_code": 200,
        "response_body": result,
        "response_length": len(result),
        "timestamp": int(time.time()),
    }
    return json.dumps(fields, separators=(",", ":"))


def _signature(
    endpoint: Endpoint, secret: Secret, body: str, url: str
) -> tuple[tuple[SampleHeader, ...] | None, int | None]:
    """The headers that sign *body*, None when the secret cannot; and for how many seconds they are good."""
    try:
        scheme = signing.find_scheme(endpoint.scheme, endpoint.scheme_options)
        if scheme.name == "auto":
            scheme = signing.find_scheme("blaxel")
        if scheme.algorithm is Algorithm.EQUALITY:
            return None, None  # the sample would show the secret itself
        signed = signing.sign(body.encode(), secret.value, scheme=scheme, url=url)
    except InvalidInput:
        return None, None
    tolerance = endpoint.tolerance_seconds
    if scheme.timestamp is not None and scheme.covers(Part.TIMESTAMP):
        good_for = scheme.timestamp.tolerance_seconds if tolerance is None else tolerance
    else:
        good_for = None
    return tuple(_header(name, value, scheme) for name, value in signed), good_for


def _header(name: str, value: str, scheme: Scheme) -> SampleHeader:
    """One header of the sample. A time that is not signed is left to the shell: it is always right."""
    timestamp = scheme.timestamp
    if timestamp is not None and name == timestamp.header.own and not scheme.covers(Part.TIMESTAMP):
        return SampleHeader(name, "", "$(date +%s)", '"')
    prefix = scheme.signature.prefix.decode("ascii") if name == scheme.signature.header.own else ""
    return SampleHeader(name, prefix, value.removeprefix(prefix))


def _expected(has_secret: bool, is_signed: bool) -> VerificationStatus:
    if not has_secret:
        return VerificationStatus.UNCONFIGURED
    return VerificationStatus.VALID if is_signed else VerificationStatus.MISSING
