"""The sentences of a verdict. Each stands for itself, and reads well beside the status word.

What a sender wrote is quoted as ASCII with escapes, and cut, so that a reason can be printed anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import new

from inspector.models import TimestampState
from inspector.signing.digests import written
from inspector.signing.scheme import Algorithm, Encoding, Scheme, SignatureSyntax, Unit
from inspector.signing.timestamps import Clock

_QUOTED_BYTES = 40
_QUOTED_VALUES = 4
_FAILURE_CHARACTERS = 200
_SMALL = {2: "two", 3: "three", 4: "four"}

CUT_MATCH = "The digest is right for what came, but the body is incomplete."
CUT_MISMATCH = "The body is incomplete, so it cannot give the digest that was sent."


def quoted(value: bytes) -> str:
    """The *value* in double quotes, escaped and cut to a readable length."""
    cut = value[:_QUOTED_BYTES]
    return f'"{ascii(cut.decode("latin-1"))[1:-1]}{"…" if len(value) > len(cut) else ""}"'


def sentence(clause: str) -> str:
    """The *clause* as a sentence of its own."""
    return f"{clause[:1].upper()}{clause[1:]}."


def seconds(number: float) -> str:
    """A duration in seconds, with days beside it where they say more."""
    text = f"{number:,.12g} s"
    return f"{text} ({number / 86_400:,.0f} days)" if number >= 2 * 86_400 else text


def beside(why: str, seen: Sequence[tuple[str, str]]) -> str:
    """*Why* nothing was checked, and which header came all the same, of the (name, scheme or "") *seen*."""
    if not seen:
        return f"{why}."
    header, scheme = seen[0]
    header = header if header.isprintable() else ascii(header)[1:-1]
    whose = f"a header of the scheme {scheme}" if scheme else "which no scheme known here uses"
    return f"{why}; {header} came, {whose}."


def signed_with(secret: str, clock: Clock) -> str:
    """What is said of a valid delivery."""
    age = clock.age_seconds
    if age is None:
        undated = "; no timestamp came with it" if clock.state is TimestampState.MISSING else ""
        return f"Signed with {secret}{undated}."
    if age < 0:
        return f"Signed with {secret}, dated {seconds(-age)} after it arrived."
    return f"Signed with {secret}, {seconds(age) if age else 'less than 1 s'} old when it arrived."


def time_trouble(scheme: Scheme, clock: Clock) -> str:
    """What is wrong with the timestamp, as a clause."""
    unit = scheme.timestamp.unit.word if scheme.timestamp is not None else ""
    age, limit = clock.age_seconds or 0, seconds(clock.tolerance_seconds)
    if clock.state is TimestampState.MISSING:
        return f"there is no {clock.noun} to tell its age from"
    if clock.state is TimestampState.MALFORMED:
        form = unit if unit == Unit.ISO.word else f"a whole number of {unit}"
        return f"the {clock.noun} is not {form}: {quoted(clock.raw)}"
    if clock.mistaken_unit is not None:
        mistaken = f"the timestamp {quoted(clock.raw)} is in {clock.mistaken_unit[1]}"
        return f"{mistaken}, where {scheme.sender} writes {unit}"
    if clock.state is TimestampState.FUTURE:
        return f"the timestamp lies {seconds(-age)} in the future and the limit is {limit}: a clock is wrong"
    return f"the timestamp is {seconds(age)} old and the limit is {limit}"


def time_cause(clock: Clock) -> str:
    """The code for what is wrong with the timestamp."""
    if clock.mistaken_unit is not None:
        return f"timestamp_unit_{clock.mistaken_unit[0]}"
    if clock.state is TimestampState.MISSING:
        return f"no_{clock.name}"
    codes = {TimestampState.STALE: "timestamp_old", TimestampState.FUTURE: "timestamp_future"}
    return codes.get(clock.state, "timestamp_format")


def undated(sender: str, noun: str) -> str:
    """The sender's own verifiers do not ask for a timestamp."""
    return f"There is no {noun}, so the age is unknown; {sender}'s own verifiers accept that too."


def tolerated(trouble: str, sender: str) -> str:
    """The age is beyond the tolerance, and the sender's own verifiers let it pass."""
    return f"{sentence(trouble)[:-1]}; {sender}'s own verifiers let that pass."


def unprefixed(header: str, prefix: bytes) -> str:
    """The digest came without the prefix that usually stands before it."""
    return f'{header} lacks the prefix "{prefix.decode("latin-1")}", and is accepted without.'


def repeated(header: str, values: Sequence[bytes], sender: str) -> str:
    """More signature headers came than the sender sends."""
    shown = ", ".join(quoted(value) for value in values[:_QUOTED_VALUES])
    more = f" and {len(values) - _QUOTED_VALUES} more" if len(values) > _QUOTED_VALUES else ""
    return f"{_several(header, values)} where {sender} sends one: {shown}{more}."


def one_of_several(header: str, values: Sequence[bytes], digest: bytes) -> str:
    """One of several signature headers is right."""
    place = 1 + next(place for place, value in enumerate(values) if digest in value)
    return f"{_several(header, values)}; number {place} is right, and who reads another one refuses."


def _several(header: str, values: Sequence[bytes]) -> str:
    return f"{_SMALL.get(len(values), f'{len(values):,}').capitalize()} {header} headers came"


def upper_case(sender: str) -> str:
    """The digest is right, and its hex digits are in upper case where that is refused."""
    return f"The digest is right, but in upper case, and not every verifier reads what {sender} never writes."


def not_as_written(sender: str) -> str:
    """The digest is right, in other letter case or padding than the sender's."""
    return f"The digest is not spelled as {sender} spells it: a verifier that compares text refuses it."


def empty_body(sender: str) -> str:
    """The digest is that of an empty body where an empty body is refused."""
    return f"The digest is right, but the body is empty, and {sender}'s own verifiers refuse that."


def unreadable(noun: str, value: bytes, syntax: SignatureSyntax) -> str:
    """Why no signature can be read from the *value* that stands in the place called *noun*."""
    prefix = syntax.prefix.decode("latin-1")
    if not value:
        return f"The {noun} is empty."
    if not value.isascii():
        return f"The {noun} holds bytes that are not ASCII: {quoted(value)}."
    if syntax.separator is None and b"," in value:
        return f"The {noun} holds more than one value: {quoted(value)}."
    if syntax.separator is None and any(blank in value for blank in (b" ", b"\t", b"\r", b"\n")):
        return f"The {noun} has white space where none belongs: {quoted(value)}."
    behind = f' behind "{prefix}"' if prefix else ""
    return f"The {noun} holds no {syntax.encoding} digest{behind}: {quoted(value)}."


def wrong_length(noun: str, digest: bytes, scheme: Scheme) -> str:
    """The digest has the letters of its encoding, but not as many as any hash gives."""
    wanted = len(written(bytes(new(scheme.hash).digest_size), scheme.signature.encoding))
    return f"The {noun} holds {len(digest)} characters where {sha(scheme.hash)} gives {wanted}."


def mismatch(secrets: Sequence[str], algorithm: Algorithm) -> str:
    """No secret gives the signature, and nothing cheap tells why."""
    whose = f"not that of {secrets[0]}" if len(secrets) == 1 else f"of none of the {len(secrets)} secrets"
    if algorithm is Algorithm.EQUALITY:
        return f"What came is {whose}: the sender has another."
    what = "signature" if algorithm.asymmetric else "digest"
    return f"The {what} is {whose}: another secret signed it, or the body was changed since."


def public_key_under_auto(scheme: Scheme) -> str:
    """A public key stands where any scheme may use it as a shared secret."""
    return (
        "The key is public, and the scheme is auto: whoever knows the key could sign with it as another "
        f"sender does. Name the scheme {scheme.name}."
    )


def unavailable(scheme: Scheme, packages: Sequence[str], remedy: str) -> str:
    """A package of the extra is missing."""
    needed = " and ".join(packages)
    return f"Checking what {scheme.sender} signs needs {needed}, which is not installed: {remedy}."


def could_not_check(failure: str) -> str:
    """Our own code failed on what came."""
    return f"Could not check: {ascii(failure)[1:-1][:_FAILURE_CHARACTERS]}."


def padded(secret: str) -> str:
    """The secret that matched is registered with white space around it."""
    return f"There is white space around {secret}, and the sender signs with it: likely a slip on both sides."


def white_space_around(secret: str) -> str:
    """The digest is that of the secret without the white space it is registered with."""
    return f"The digest is right once the white space around {secret} is taken off: register it without."


def other_spelling(secret: str, encoding: Encoding, sender: str) -> str:
    """The digest is right, but in another encoding than the sender's, or in an odd form of its own."""
    return f"The digest is that of {secret}, but written in {encoding} as {sender} never writes it."


def other_hash(secret: str, name: str, scheme: Scheme) -> str:
    """The digest is right for another hash."""
    return f"Signed with {secret}, but by {sha(name)}, where {scheme.sender} signs by {sha(scheme.hash)}."


def timestamp_signed(secret: str, sender: str) -> str:
    """The digest covers the timestamp as well, where the sender signs the body alone."""
    return f"Signed with {secret}, but over timestamp.body, as Stripe does; {sender} signs the body alone."


def sha(name: str) -> str:
    """The hash's name as people write it: SHA-256."""
    return f"SHA-{name.removeprefix('sha')}"
