"""The documentation page of the catalogue, ``docs/schemes.md``, made from the rows themselves.

``python -m inspector.signing.scheme_page > docs/schemes.md`` writes it; a test holds it to the rows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from inspector.signing.catalog import HMAC, SENDERS
from inspector.signing.scheme import Age, Scheme, Sureness
from inspector.signing.working import describe

_HEAD = """\
# Signature schemes

How each sender signs that Callback Inspector knows. This page is made from the catalogue
(`inspector/signing/catalog`) by `python -m inspector.signing.scheme_page`.

An endpoint's scheme is one of these names, `auto` or `none`. `auto` tells the sender by a header that it
alone uses; where several use one, by their other headers and by the prefix of the signature; and last by
the shape of the body. A sender that is not here and signs by an HMAC is a scheme of your own: the generic
`hmac` with options.

A verdict is `valid` only when signature and time are right. What a scheme leaves uncovered is said below,
and beside every verdict.
"""

_EXTRA = """\
## Keys and certificates

Schemes that need `cryptography` or `rfc8785` come with the extra: `pip install
"callback-inspector[signatures]"`. Without it their verdict is `unavailable`, never `invalid`. Public keys
and certificates are pasted as an endpoint's secret, as PEM, JWK, hex or base64, and are never fetched. A
private key is taken too, so that test callbacks can be signed; a generated secret of such a scheme is
one.

A public key is no shared secret: nothing that is plainly one is ever the key of an HMAC. Of 64 hex digits
that cannot be told, so give an endpoint with Discord's key the scheme `discord`, not `auto`.

## Where the senders' own verifiers differ

- **Blaxel**: the Python SDK refuses upper-case hex and timestamps with a fraction, the TypeScript SDK
  accepts both. Here they are refused, and what each SDK would answer stands beside the verdict.
- **Stripe**, **HubSpot**: their SDKs accept any time in the future. So do we, with a warning.
- **Zoom**: Zoom's own samples verify JSON that they have parsed and written again, and look at no clock.
  Here the bytes that came are verified, within 300 seconds.
- **Discord**, **SendGrid**, **Zendesk**, **Sentry**: their verifiers look at no clock. A timestamp more
  than 300 seconds off is a warning; a tolerance that you set is held to.
- **HubSpot**: its page asks to decode some escapes in the URL, its SDKs leave that to the caller. Here
  they are decoded.
- **Inngest**: its JavaScript SDK checks the time and its Python SDK does not. Here it is checked.
- **Standard Webhooks**: SDKs take a secret that is no base64 leniently, and end with a key that can be
  guessed. Here it is refused.
- **OpenAI**: a secret without `whsec_` is taken as text, as its SDK does.
- **Twilio**: a body that is no form is valid only when `bodySHA256` in the URL binds it, as the SDKs have
  it.
- **Linear**: the time is `webhookTimestamp` in the signed body; the `linear-timestamp` header is not
  signed and ignored.
"""

_SURE = {
    Sureness.VERIFIER: "sender's verifier",
    Sureness.PUBLISHED: "published values",
    Sureness.INDEPENDENT: "another verifier",
    Sureness.DOCUMENTED: "documentation",
    Sureness.UNSURE: "unsure",
    Sureness.OWN: "you",
}


def page() -> str:
    """The whole page, in Markdown."""
    rows = sorted((*SENDERS, HMAC), key=lambda row: row.name)
    return "\n".join([_HEAD, *_table(rows), "", *_legend(), "", _EXTRA, *_details(rows)])


def _table(rows: Iterable[Scheme]) -> Iterable[str]:
    yield "| scheme | sender | signature | signed | secret | time | rests on |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for row in rows:
        cells = (
            f"[`{row.name}`](#{_anchor(row)})",
            "your own" if row is HMAC else row.sender,
            _place(row),
            describe(row).replace("|", "\\|"),
            row.secret_form.value,
            _time(row),
            _SURE[row.sure],
        )
        yield f"| {' | '.join(cells)} |"


def _legend() -> Iterable[str]:
    yield "What a row rests on:"
    yield ""
    for sureness, words in _SURE.items():
        yield f"- *{words}*: {sureness.value}"


def _details(rows: Iterable[Scheme]) -> Iterable[str]:
    yield "## Each scheme"
    for row in rows:
        yield ""
        yield f"### {row.name}"
        yield ""
        if row.docs_url:
            yield f"[{row.sender}'s documentation]({row.docs_url})"
            yield ""
        yield from (f"- {line}" for line in _facts(row))


def _facts(row: Scheme) -> Iterable[str]:
    syntax = row.signature
    yield f"Signature: {_place(row)}"
    if syntax.header.others and not syntax.header.every:
        yield f"Also under: {', '.join(f'`{name}`' for name in syntax.header.others)}"
    if syntax.header.every:
        yield "One header for each of the sender's keys; any of them may match"
    if syntax.separator is not None:
        separator = syntax.separator.decode()
        yield f"A list separated by `{separator}`; any entry that begins with the prefix may match"
    yield f"Signed: {describe(row)}"
    if row.key_note:
        yield f"Secret: {row.key_note}"
    if row.timestamp is not None:
        yield f"Time: {_time(row)}"
    if row.message_id is not None:
        yield f"Message id: `{row.message_id.own}`"
    if row.legacy is not None:
        yield f"Also takes `{row.legacy.name}` alone, with a warning"
    if row.needs:
        yield f"Needs: {', '.join(f'`{package}`' for package in row.needs)}"
    if not syntax.header.own:
        yield "Test callbacks cannot be signed: the signature stands in the body"
    yield from row.caveats


def _anchor(row: Scheme) -> str:
    """The heading's anchor, as Markdown renderers make it: dots fall away."""
    return row.name.replace(".", "")


def _place(row: Scheme) -> str:
    syntax = row.signature
    prefix = syntax.prefix.decode("latin-1")
    header = f"`{syntax.header.own}{': ' if prefix else ''}{prefix}`" if syntax.header.own else ""
    in_body = f"`{syntax.in_body}` in the body" if syntax.in_body else ""
    return " or ".join(place for place in (header, in_body) if place)


def _time(row: Scheme) -> str:
    clock = row.timestamp
    if clock is None:
        return "none"
    if clock.key:
        place = f"`{clock.key.decode()}` in the list"
    elif clock.json_path:
        place = f"`{'.'.join(clock.json_path)}` in the body"
    else:
        place = f"`{clock.claim}` in the token" if clock.claim else f"`{clock.header.own}`"
    limits = {
        Age.EXPIRES: f"{clock.tolerance_seconds} s{', the future passes' if clock.future else ''}",
        Age.WARNS: f"{clock.tolerance_seconds} s, a warning",
        Age.IGNORED: "no limit",
    }
    optional = "" if clock.required else ", may be absent"
    return f"{place}, {clock.unit.word}, {limits[clock.age]}{optional}"


if __name__ == "__main__":
    sys.stdout.write(page())
