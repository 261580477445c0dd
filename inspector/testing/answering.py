"""Answering at an endpoint: what senders get from it during a test."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal, Self

from inspector.client import Client
from inspector.testing.durations import Duration
from inspector.testing.errors import told_at_the_call
from inspector.testing.replies import NOT_GIVEN, Fault, Headers, Reply, Script, Unused


class Gate:
    """Replies that wait until the test lets them go: the callback is there to be seen, its sender waits."""

    def __init__(self, endpoint: Answering) -> None:
        self._endpoint = endpoint

    @property
    def held(self) -> int:
        """How many replies are held at the moment."""
        return self._endpoint._script.held(self._endpoint._client())

    def release(self) -> int:
        """Let go of every held reply, and of those that would be held; how many it was."""
        return self._endpoint._script.release(self._endpoint._client())

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class Answering(ABC):
    """What senders are answered at an endpoint."""

    _script: Script

    @property
    @abstractmethod
    def id(self) -> str:
        """The endpoint's id on its server."""

    @abstractmethod
    def _client(self) -> Client:
        """A client for one call."""

    @told_at_the_call
    def reply(
        self,
        status: int = 200,
        *,
        json: object = NOT_GIVEN,
        body: bytes | str | None = None,
        headers: Headers = (),
        delay: Duration = 0.0,
        times: int | None = None,
        when: str | None = None,
        fault: Fault | None = None,
    ) -> Self:
        """Answer callbacks so from now on; with *times* only so many, with *when* only those that it means.

        Replies with *times* or *when* queue up and are tried in the order given; one without either stays, in
        the place of the one before. *fault* breaks the connection in its own way in place of the reply.
        Raises InvalidInput for a reply that cannot be sent.
        """
        self._script.add(self._client(), Reply(status, json, body, headers, delay, times, when, fault))
        return self

    @told_at_the_call
    def reply_sequence(self, *replies: int | Reply) -> Self:
        """Answer callbacks one after the other so; the last reply stays. In the place of all others."""
        self._script.replace(self._client(), replies)
        return self

    @told_at_the_call
    def hold(
        self,
        status: int = 200,
        *,
        json: object = NOT_GIVEN,
        body: bytes | str | None = None,
        headers: Headers = (),
    ) -> Gate:
        """Hold the replies to all callbacks until the gate is released; they can be seen meanwhile."""
        self._script.replace(self._client(), [Reply(status, json, body, headers, hold=True)])
        return Gate(self)

    @told_at_the_call
    def verify_replies(self, mode: Literal["reject", "accept"] = "reject") -> Self:
        """Answer 401 to callbacks that are not verified, as a real receiver would; ``accept`` ends that."""
        if mode not in ("reject", "accept"):
            raise ValueError(f"verify_replies takes 'reject' or 'accept', not {mode!r}")
        self._client().send("PATCH", f"/api/endpoints/{self.id}", {"reject_invalid": mode == "reject"})
        return self

    def unused_replies(self) -> list[Unused]:
        """Scripted replies that were to be given a number of times and were not."""
        return self._script.unused(self._client())
