"""The Verification tab: why, the evidence, what was tried, the other attempts, what one can try oneself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inspector.errors import InvalidInput, NotFound
from inspector.models import Delivery, DeliverySummary, Endpoint, VerificationStatus
from inspector.receive.handshakes import Handshake, recognise
from inspector.web import registering
from inspector.web.causes import read_causes
from inspector.web.context import Context
from inspector.web.conversation import MOST_TURNS, Conversation, conversation
from inspector.web.evidence import key_form, working_of
from inspector.web.guessing import Guessed
from inspector.web.place import Place
from inspector.web.proof import Proof, Trial, Tried, proof, tried
from inspector.web.trials_api import check_secret

Data = dict[str, object]


@dataclass(frozen=True, slots=True)
class Findings:
    """What took longer than to read it, and was found before the tab is made.

    ``diagnosis`` says why the delivery did not verify. ``trial`` is what someone wants to be tried, and
    ``guessed`` what came of it when that was to guess the scheme.
    """

    diagnosis: Mapping[str, object]
    trial: Trial | None = None
    guessed: Guessed | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of guessing the scheme: its name and options, empty where none fits."""

    sentence: str
    scheme: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Greeting:
    """The handshake that a delivery is, and what came of it.

    ``caution`` says why not to do at once what it leaves to a person; empty where its signature is valid.
    ``kept_as`` is the name of the endpoint's secret that is what it handed over; empty where none is.
    """

    handshake: Handshake
    outcome: str
    answered: bool
    caution: str
    kept_as: str


def verification_tab(
    context: Context,
    shown: Delivery,
    endpoint: Endpoint | None,
    place: Place,
    attempts: Sequence[DeliverySummary],
    findings: Findings,
) -> Data:
    """What the template shows. Reads the database."""
    trial = findings.trial
    return {
        "proof": _proof(context, shown, endpoint, findings.diagnosis),
        "greeting": _greeting(context, shown),
        "conversation": _conversation(context, shown, place, attempts),
        "tried": _tried(context, shown, trial) if trial and not trial.guess else None,
        "guessed": _guessed(trial, findings.guessed) if trial and trial.guess else None,
        "schemes": context.store.schemes.names,
        "scheme": trial.scheme if trial else "",
        "endpoint": endpoint,
    }


def _proof(
    context: Context, shown: Delivery, endpoint: Endpoint | None, diagnosis: Mapping[str, object]
) -> Proof:
    infos = () if endpoint is None else context.store.secrets.infos(endpoint.id)
    causes = read_causes(diagnosis)
    working = working_of(context, shown)
    told = proof(shown, endpoint, infos, working, causes, key_form=key_form(context, endpoint, working))
    asked = recognise(shown.request)
    if asked and not asked.signed and shown.verification.status is VerificationStatus.MISSING:
        return replace(told, fix="Senders do not sign a handshake like this one.", causes=None)
    return told


def _greeting(context: Context, shown: Delivery) -> Greeting | None:
    asked, reply = recognise(shown.request), shown.sent.reply
    if asked is None:
        return None
    kept_as = registering.name_of_secret(context, shown.endpoint_id, asked.token)
    caution = "" if kept_as else _caution(asked, shown)
    return Greeting(asked, asked.outcome(reply), asked.is_answered_by(reply), caution, kept_as)


def _caution(asked: Handshake, shown: Delivery) -> str:
    if not asked.todo or shown.verification:
        return ""
    if asked.signed:
        return "No valid signature: whoever knows this address can have sent it."
    return "It is not signed: whoever knows this address can have sent it. Go on if you just set it up."


def _conversation(
    context: Context, shown: Delivery, place: Place, attempts: Sequence[DeliverySummary]
) -> Conversation | None:
    whole = []
    for attempt in attempts[-MOST_TURNS:]:
        try:
            whole.append(context.store.delivery(attempt.id))
        except NotFound:  # removed in between
            continue
    urls = [place.delivery_url(attempt.id) for attempt in whole]
    return conversation(whole, shown.id, urls, max(0, len(attempts) - MOST_TURNS))


def _tried(context: Context, shown: Delivery, trial: Trial) -> Tried:
    """What the secret of *trial* would have made of *shown*. It is used here, and kept nowhere."""
    try:
        return tried(check_secret(context, shown, trial.secret, trial.scheme or None))
    except InvalidInput as error:
        return Tried(str(error))


def _guessed(trial: Trial, found: Guessed | None) -> Outcome:
    """The scheme that fits the secret of *trial*, or those of the endpoint when it has none."""
    if found is None:
        with_what = "this secret" if trial.secret else "the endpoint's secrets"
        return Outcome(f"No header of this delivery holds a digest that {with_what} would give.")
    guess = found.guess
    taken_off = f" Register the secret without {guess.secret_prefix}." if guess.secret_prefix else ""
    return Outcome(f"{guess.sentence}{taken_off}", guess.scheme, tuple(guess.options.items()))
