"""Answer: in words, how a delivery came by its reply, or why it got none."""

from __future__ import annotations

from inspector.models import Fault, SentReply

FAULTED = {
    Fault.RESET: "Its connection was reset in the place of a reply.",
    Fault.CLOSE: "Its connection was closed without a reply.",
    Fault.TIMEOUT: "It gets no reply, for as long as it waits.",
    Fault.GARBAGE: "It was sent bytes that are no HTTP.",
    Fault.HALF: "It was sent the first half of this reply.",
}


def is_held(sent: SentReply) -> bool:
    """Whether a reply is held, as far as is known of it: a server that was killed knows no end."""
    how = sent.scripted
    return how is not None and how.hold and how.held_seconds is None and not sent.completed


def not_sent(sent: SentReply) -> str:
    """What happened to a sender that was not answered as planned."""
    how = sent.scripted
    if how is not None and is_held(sent):
        return "Its reply is held: the sender waits until it is released."
    if how is not None and how.fault is not None:
        return FAULTED[how.fault]
    if how is not None and how.held_seconds is not None:
        return f"The sender was gone before its reply was released or sent, after {how.held_seconds:.1f} s."
    return "The sender was gone before it could be answered: this was meant for it."


def scripted(sent: SentReply) -> str:
    """What the endpoint's script had to do with a reply; empty when it had nothing."""
    how = sent.scripted
    if how is None:
        return ""
    words = [f"Entry {how.entry} of the script"]
    if how.fault is not None:
        words.append(f"with the fault {how.fault}")
    if how.held_seconds is not None:
        words.append(f"held for {how.held_seconds:.1f} s")
    return ", ".join(words) + "."
