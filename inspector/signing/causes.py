"""Every cause that a diagnosis can name: one sentence that says what happened, and what to do about it.

``docs/diagnosis.md`` shows this table. A code that is not in it belongs to the longest family that begins it.
"""

from __future__ import annotations

from typing import NamedTuple


class Explanation(NamedTuple):
    """A sentence and a fix, with ``{words}`` for what was changed and ``{detail}`` for what follows a colon.

    ``{secret}``, ``{sender}``, ``{scheme}`` and ``{header}`` are names.
    """

    sentence: str
    fix: str


_RAW_BYTES = (
    "Verify the raw bytes before anything parses them (Flask request.get_data(), FastAPI await "
    "request.body(), Express express.raw()), and send exactly the bytes that were signed."
)
_PASTED = "Register it again as the sender shows it: nothing before it, nothing behind it, no quotes."
_PUBLIC_URL = "Set the endpoint's public URL to the one that the sender was given, letter for letter."

EXPLANATIONS: dict[str, Explanation] = {
    "other_secret": Explanation(
        "Signed with the secret {detail}, which is registered elsewhere and not for this endpoint.",
        "Register {detail} here too, or point the sender at the endpoint that it belongs to.",
    ),
    "secret_whitespace": Explanation(
        "The secret {secret} is registered with white space; the sender uses it {words}.",
        _PASTED,
    ),
    "secret_quotes": Explanation(
        "The secret {secret} is registered with quotes; the sender uses it {words}.", _PASTED
    ),
    "secret_env_line": Explanation(
        "The secret {secret} is a whole line of settings; the sender signs with what stands {words}.",
        _PASTED,
    ),
    "secret_v1_prefix": Explanation(
        'The secret {secret} begins with "v1,", which belongs to signatures: the secret begins behind it.',
        'Register it again from "whsec_" on.',
    ),
    "secret_used_as_text": Explanation(
        "The sender signs with the text of {secret} as it stands, where {sender} decodes it to the key.",
        "Decode the base64 behind whsec_ in the sender, or choose a scheme here whose key is text.",
    ),
    "secret_hex_decoded": Explanation(
        "The sender signs with the bytes that {secret} gives decoded from hex; {sender} takes its text.",
        "Use the text of the secret as the key in the sender, without decoding it.",
    ),
    "secret_base64_decode": Explanation(
        "The sender signs with the bytes that {secret} gives decoded from base64; {sender} takes its text.",
        "Use the text of the secret as the key in the sender, prefix included, without decoding it.",
    ),
    "secret_format": Explanation(
        "The secret cannot be a key of this scheme.",
        "Register the secret in the form that the sender shows it in.",
    ),
    "secret_unusable": Explanation(
        "The secret cannot be a key of this scheme.",
        "Register the secret in the form that the sender shows it in.",
    ),
    "secret": Explanation("The sender signs with the secret {secret} {words}.", _PASTED),
    "encoding": Explanation(
        "The digest is right, but written {words}, where {sender} writes it otherwise.",
        "Encode the digest in the sender as {sender} does, or describe the scheme here as it really is.",
    ),
    "hash": Explanation(
        "Signed with {secret}, but {words}, where {sender} signs otherwise.",
        "Choose the hash in the sender that {sender} uses, or describe the scheme here as it really is.",
    ),
    "hash_without_key": Explanation(
        "The signature is a bare hash, {words}, and no HMAC: such hashes can be forged.",
        "Compute an HMAC with the secret as its key in the sender.",
    ),
    "signature": Explanation(
        "The {header} header cannot be read as {sender} writes it; {words}, its digest is right.",
        "Write the header in the sender exactly as {sender} does.",
    ),
    "signature_format": Explanation(
        "The {header} header holds no digest as {sender} writes it.",
        "Write the header in the sender exactly as {sender} does: prefix, digest, nothing else.",
    ),
    "signature_length": Explanation(
        "The digest in the {header} header has a length that no hash gives.",
        "Send the whole digest: look for a cut column, a short buffer, or a copy by hand.",
    ),
    "signature_case": Explanation(
        "The digest is right, but written in upper-case hex.",
        "Write hex digits in lower case in the sender: not every verifier reads upper case.",
    ),
    "signature_repeated": Explanation(
        "The {header} header came more than once.",
        "Set the header once in the sender; look for a proxy or middleware that adds it again.",
    ),
    "prefix_missing": Explanation(
        "The digest came without the prefix that {sender} always writes.",
        "Write the prefix in the sender.",
    ),
    "url_proxy": Explanation(
        "The sender signed the URL {words}; here another one is seen, as a proxy stands in between.",
        _PUBLIC_URL,
    ),
    "url_scheme": Explanation(
        "The sender signed the URL {words}; TLS ends before the request arrives here.", _PUBLIC_URL
    ),
    "url": Explanation("The sender signed the URL {words}.", _PUBLIC_URL),
    "body_newline_added": Explanation(
        "What was signed is this body {words}: it was added on the way.",
        "Send the file without the newline that editors and heredocs add, with curl --data-binary for bytes.",
    ),
    "body_newline_removed": Explanation(
        "What was signed is this body {words}: it was lost on the way.",
        "Send every byte that was signed: curl -d @FILE and .strip() drop newlines, --data-binary does not.",
    ),
    "body_newline": Explanation("What was signed is this body {words}.", _RAW_BYTES),
    "body_whitespace_trimmed": Explanation(
        "What was signed is this body {words}: it was added on the way, or trimmed before signing.",
        "Sign the very bytes that are sent.",
    ),
    "body_crlf_to_lf": Explanation(
        "What was signed is this body {words}: its line ends were changed.",
        "Send and read the body as bytes, not as text: text mode and git change line ends.",
    ),
    "body_lf_to_crlf": Explanation(
        "What was signed is this body {words}: its line ends were changed.",
        "Send and read the body as bytes, not as text: text mode and git change line ends.",
    ),
    "body_bom": Explanation(
        "What was signed is this body {words}.",
        "Write and read the body as UTF-8 without a byte order mark (not utf-8-sig).",
    ),
    "body_charset": Explanation(
        "What was signed is this body {words}: its charset was changed on the way.",
        "Encode the text to UTF-8 once, sign those bytes and send those bytes.",
    ),
    "body_unicode_form": Explanation(
        "What was signed is this body {words}: its characters were composed otherwise.",
        "Sign the text after it is normalised, and send those bytes.",
    ),
    "body_json_double_encoded": Explanation(
        "What was signed is this body {words}: it was encoded as JSON twice.",
        "Hand the HTTP client the object (json=) or the finished text (data=), not the text as an object.",
    ),
    "body_json_string": Explanation(
        "What was signed is this body {words}: it was encoded as JSON twice before signing.",
        "Sign the text that is sent, not its JSON encoding.",
    ),
    "body_json_sorted": Explanation(
        "What was signed is this body {words}; what came has its keys in another order.",
        "Sign the very text that is sent: serialise once, and sign the result.",
    ),
    "body_json": Explanation(
        "What was signed is this body {words}: it was parsed and written again on one of both sides.",
        _RAW_BYTES,
    ),
    "body_base64": Explanation(
        "What was signed is this body {words}: a gateway passed it on in base64.",
        "Decode the body where isBase64Encoded is true, before anything else.",
    ),
    "body_base64_encoded": Explanation(
        "What was signed is this body {words}.", "Sign the bytes that are sent, not their base64 form."
    ),
    "body_gateway_event": Explanation(
        "What was signed is this body {words}: the whole event was passed on in its place.",
        "Verify event.body (decoded where isBase64Encoded is true), not the event.",
    ),
    "body_compressed": Explanation(
        "What was signed is this body {words}: it was compressed after it was signed.",
        "Decompress before verifying, or sign what travels.",
    ),
    "body_form_decoded": Explanation(
        "What was signed is this JSON {words}: the form was unwrapped before it was hashed.",
        "Verify the raw form body, percent escapes and payload= included; parse it afterwards.",
    ),
    "body_form": Explanation(
        "What was signed is this body {words}: the form was read and written again.",
        _RAW_BYTES,
    ),
    "body_as_object": Explanation(
        "What was signed is this body {words}, and not the bytes that were sent.",
        "Sign the serialised bytes: keep the text that is sent in a variable, and sign that.",
    ),
    "body_empty": Explanation(
        "The signature is that of an empty body: its stream was read before, or not yet there, when signed.",
        "Sign the bytes that are sent: read a stream once and keep what it gave.",
    ),
    "body_length": Explanation(
        "The body is not as long as its head declares: bytes are missing or too many.",
        "Look for what cuts bodies on the way here: a size limit, a time-out, a wrong Content-Length.",
    ),
    "body_incomplete": Explanation(
        "Only a part of the body came.", "Let the sender send it again; look for a time-out or a size limit."
    ),
    "body": Explanation("What was signed is this body {words}.", _RAW_BYTES),
    "content_body_only": Explanation(
        "Signed over the body alone; {sender} signs more than that.",
        "Build the signed text in the sender as {sender} documents it.",
    ),
    "content": Explanation(
        "Signed over {words}; {sender} signs something else.",
        "Build the signed text in the sender as {sender} documents it, or describe the scheme here as it is.",
    ),
    "other_scheme": Explanation(
        "The message is signed as the scheme {detail} signs.",
        "Set the endpoint's scheme to {detail}, or to auto.",
    ),
    "scheme_guessed": Explanation(
        "The {header} header holds a digest that this secret gives: {words}.",
        "Set the endpoint's scheme to hmac with the options that were found.",
    ),
    "no_signature_header": Explanation(
        "There is no signature header.",
        "Set a secret at the sender: many sign nothing without. Then look for a proxy that drops headers.",
    ),
    "no_secret": Explanation(
        "There is no secret to check with.", "Register the sender's secret for this endpoint."
    ),
    "no_url": Explanation("The URL is signed, and not known here.", _PUBLIC_URL),
    "scheme_none": Explanation(
        "The scheme none checks nothing.", "Choose the sender's scheme, or auto, for this endpoint."
    ),
    "no": Explanation(
        "A part of what is signed did not come.",
        "Let the sender send every header that it signs, and look for a proxy that drops them.",
    ),
    "timestamp_old": Explanation(
        "The signature is right, but older than allowed.",
        "For a replay or a queue, raise the tolerance; else set the clocks by NTP and look for delays.",
    ),
    "timestamp_future": Explanation(
        "The signature is right, but dated in the future.",
        "A clock is wrong: set the clocks of sender and receiver by NTP.",
    ),
    "timestamp_unit": Explanation(
        "The signature is right, but its timestamp is in another unit.",
        "Write the timestamp in the unit of {sender}; for seconds floor time.time() or Date.now() / 1000.",
    ),
    "timestamp": Explanation(
        "The signature is right, but its timestamp cannot be read.",
        "Write the timestamp as {sender} does: a plain whole number, mostly.",
    ),
    "empty_body": Explanation(
        "The digest is right, but the body is empty, which {sender}'s own verifiers refuse.",
        "Send a body; an empty JSON object will do.",
    ),
    "needs_extra": Explanation(
        "The signature cannot be checked by what is installed.",
        "Install the extra: pip install 'callback-inspector[signatures]'.",
    ),
    "could_not_check": Explanation(
        "Checking failed on what came.",
        "Compare the delivery with what {sender} documents: some part of it is not as it should be.",
    ),
    "token_issuer": Explanation(
        "The token is signed, but issued by somebody else.",
        "Look at who issued it: another service of the sender, or one that only looks alike.",
    ),
    "body_unbound": Explanation(
        "The URL is signed, but nothing binds the body to it.",
        "Let the sender put bodySHA256 into the URL, or send a form.",
    ),
    "unknown": Explanation(
        "Nothing that was tried gives the digest: another secret signed it, or the body was changed in a way "
        "that cannot be undone. The two cannot be told apart.",
        "Compare the secret with the sender's, character for character, then have a delivery sent straight "
        "here, past every proxy.",
    ),
}


def explanation_of(code: str) -> Explanation:
    """What is said of the cause *code*: its own sentence, else that of the longest family it belongs to."""
    family = code.partition(":")[0]
    while family not in EXPLANATIONS:
        family, _, _ = family.rpartition("_")
        if not family:
            return EXPLANATIONS["unknown"]
    return EXPLANATIONS[family]
