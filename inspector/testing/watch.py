"""Watching one endpoint: waiting for callbacks, asserting on those that came, and telling what was wrong.

Everything here blocks. Endpoints call it as it is, their ``aio`` twins in a thread of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import NoReturn

from inspector.client import Client
from inspector.errors import NotFound
from inspector.settings import KIB
from inspector.testing import report
from inspector.testing.delivery import Delivery
from inspector.testing.durations import shown_seconds
from inspector.testing.errors import CallbackError, CallbackMissing, CallbackTimeout, UnexpectedCallback
from inspector.testing.log import Log
from inspector.testing.match import Judged, Match
from inspector.testing.report import Report
from inspector.testing.surroundings import Surroundings
from inspector.testing.watched import Watched

DIAGNOSED_BYTES = 256 * KIB
DIAGNOSING_SECONDS = 0.2
"""A failure waits for no diagnosis of longer bodies, nor for a further one after so long: a time-out is to be
kept. The page that it links to has them all."""

EXACTLY_THERE = Match(path="/")
"""Callbacks to an endpoint's URL itself."""


class Watch:
    """One question about an endpoint, asked over a client of its own, so that it can be given up."""

    def __init__(self, watched: Watched, client: Client, surroundings: Surroundings) -> None:
        self._watched = watched
        self._client = client
        self._surroundings = surroundings
        paths = {watched.id: watched.path}
        self._log = Log(client, surroundings.callback_url, watched.id, paths, watched.known)
        self._began = datetime.now(UTC)
        self._diagnosing_seconds = 0.0
        self._raised: Judged | None = None

    def give_up(self) -> None:
        """End the question from another thread."""
        self._client.hang_up()

    def deliveries(self) -> list[Delivery]:
        """Everything that came, oldest first."""
        return list(self._log.after(0))

    def last_id(self) -> int:
        """The highest id that any delivery ever had."""
        return self._log.last_id()

    def wait_for(self, match: Match, seconds: float, after: int) -> Delivery:
        """The first delivery after *after* that is meant. Raises CallbackTimeout, UnexpectedCallback."""
        __tracebackhide__ = True
        return self.wait_for_all(match, 1, seconds, after, None)[0]

    def wait_for_all(
        self, match: Match, count: int, seconds: float, after: int, settle: float | None
    ) -> list[Delivery]:
        """The first *count* deliveries that are meant. With *settle* no more may come for so many seconds."""
        __tracebackhide__ = True
        match = self._own(match)
        meant = islice(self._meant(match, after, time.monotonic() + seconds), count)
        found = sorted(meant, key=lambda each: each.id)
        if len(found) < count:
            # All of it anew: verdicts may have changed that no filter tells apart, and they wake nobody.
            received = list(self._log.after(after))
            found = [each for each in received if match.judge(each).matches][:count]
            if len(found) < count:
                self._time_out(match, count, len(found), seconds, received)
        for delivery in found:
            self._claim(match, delivery)
        if settle is not None:
            self._raised = None
            further = next(self._meant(match, found[-1].id, time.monotonic() + settle), None)
            if further is not None:
                self._too_many(match, count, [*found, further], after)
            self._no_rule_may_have_raised(match)
        return found

    def expect_none(self, match: Match, seconds: float, after: int) -> None:
        """Fail with UnexpectedCallback as soon as a delivery comes that is meant."""
        __tracebackhide__ = True
        match = self._own(match)
        deadline = time.monotonic() + seconds
        for delivery in self._meant(match, after, deadline):
            self._watched.claimed.add(delivery.id)
            text = Report(f"A callback came that was not to come at {self._watched.url}")
            text.add("unwanted", [str(match)])
            text.add("came", [report.title_line(delivery, self._began), *self._about(delivery)])
            self._fail(UnexpectedCallback, text, match, [delivery])
        self._no_rule_may_have_raised(match)

    def assert_received(self, match: Match, count: int | None, after: int) -> list[Delivery]:
        """The deliveries that came by now and are meant: *count* of them, or at least one."""
        __tracebackhide__ = True
        match = self._own(match)
        received = list(self._log.after(after))
        found = [each for each in received if match.judge(each).matches]
        if count is not None and len(found) > count:
            self._too_many(match, count, found, after)
        if len(found) < (1 if count is None else count):
            at = f"at {self._watched.url}"
            title = (
                f"{len(found)} of {count} callbacks matched {at}" if found else f"No callback matched {at}"
            )
            self._miss(CallbackMissing, title, match, received)
        if count is not None:
            self._raised = next((each for each in map(match.judge, received) if each.raised), None)
            self._no_rule_may_have_raised(match)
        return [self._claim(match, each) for each in found]

    def assert_order(self, matches: Sequence[Match], after: int) -> list[Delivery]:
        """The first deliveries that are meant by *matches*, one after the other."""
        __tracebackhide__ = True
        matches = [self._own(match) for match in matches]
        received = list(self._log.after(after))
        found: list[Delivery] = []
        for match in matches:
            rest = [each for each in received if not found or each.id > found[-1].id]
            meant = next((each for each in rest if match.judge(each).matches), None)
            if meant is None:
                self._out_of_order(matches, found, received)
            found.append(meant)
        return [self._claim(match, each) for match, each in zip(matches, found, strict=True)]

    def assert_all_verified(self) -> list[Delivery]:
        """Everything that came, every signature of which has to be valid."""
        __tracebackhide__ = True
        received = self.deliveries()
        bad = [each for each in received if not each.verification]
        if bad:
            verb = "is" if len(bad) == 1 else "are"
            text = Report(
                f"{len(bad)} of {len(received)} callbacks {verb} not verified at {self._watched.url}"
            )
            for each in bad[: report.NEAREST]:
                text.add("unverified", [report.title_line(each, self._began), *self._why(each)])
            text.add("open", [bad[0].url])
            self._fail(UnexpectedCallback, text, Match(verified=True), received)
        self._watched.judged.update(each.id for each in received)
        return received

    def assert_no_duplicates(self) -> list[Delivery]:
        """Everything that came, no message of which may have come twice."""
        __tracebackhide__ = True
        received = self.deliveries()
        repeated = [each for each in received if each.attempt > 1]
        if repeated:
            text = Report(f"A message came more than once at {self._watched.url}")
            for again in repeated[: report.ROWS_SHOWN]:
                same = [
                    each for each in received if each.message_id == again.message_id and each.id < again.id
                ]
                first = f", first as #{same[0].id}" if same else ""
                text.add(
                    "repeated", [f"{report.title_line(again, self._began)}: attempt {again.attempt}{first}"]
                )
            text.add("open", [repeated[-1].url])
            self._fail(UnexpectedCallback, text, Match(attempt=1), received)
        return received

    def _own(self, match: Match) -> Match:
        """*match* of the callbacks that count as the endpoint's own."""
        return match & EXACTLY_THERE if self._watched.strict_path else match

    def _meant(self, match: Match, cursor: int, deadline: float) -> Iterator[Delivery]:
        """What comes and is meant until *deadline*, and what comes to be by a verdict that changes."""
        for delivery in self._log.arrivals(cursor, deadline):
            judged = match.judge(delivery)
            if judged.matches:
                yield delivery
            elif judged.raised is not None:
                self._raised = judged
            elif judged.only_verdict_failed and match.verdict:
                # What is meant but for its verdict may be judged anew, when a secret is added.
                turned = self._log.turned(delivery.id - 1, deadline, match.verdict)
                yield from (each for each in turned if match.judge(each).matches)
                return

    def _no_rule_may_have_raised(self, match: Match) -> None:
        """Fail when nobody knows whether a callback was one that must not come."""
        __tracebackhide__ = True
        judged = self._raised
        if judged is None:
            return
        text = Report(f"Whether a callback was not to come is not known at {self._watched.url}")
        text.add("unwanted", [str(match)])
        text.add("came", report.near_miss(judged, self._began, None))
        text.add("open", [judged.delivery.url])
        self._fail(UnexpectedCallback, text, match, [judged.delivery], [judged], judged.raised)

    def _claim(self, match: Match, delivery: Delivery) -> Delivery:
        """Take *delivery* as what was wanted; on a strict endpoint it has to be verified for that."""
        __tracebackhide__ = True
        self._watched.claimed.add(delivery.id)
        if match.asks_for_verdict:
            self._watched.judged.add(delivery.id)
        elif self._watched.strict and not delivery.verification:
            text = Report(f"A callback matched and is not verified at {self._watched.url}")
            text.add("wanted", [str(match)])
            text.add("came", [report.title_line(delivery, self._began), *self._why(delivery)])
            text.add("open", [delivery.url])
            self._watched.judged.add(delivery.id)
            self._fail(UnexpectedCallback, text, match, [delivery])
        return delivery

    def _time_out(
        self, match: Match, count: int, matched: int, seconds: float, received: Sequence[Delivery]
    ) -> NoReturn:
        __tracebackhide__ = True
        within = f"within {shown_seconds(seconds)} at {self._watched.url}"
        if not received:
            title = f"No callback came {within}"
        elif count > 1:
            title = f"{matched} of {count} callbacks matched {within}"
        else:
            title = f"No callback matched {within}"
        self._miss(CallbackTimeout, title, match, received)

    def _miss(
        self, kind: type[CallbackError], title: str, match: Match, received: Sequence[Delivery]
    ) -> NoReturn:
        """Fail for want of what *match* means, with what came instead."""
        __tracebackhide__ = True
        judged = [match.judge(each) for each in received]
        nearest = report.ranked(judged)
        text = Report(title)
        text.add("wanted", [str(match)])
        text.add("received", [report.came(len(received), sum(each.matches for each in judged))])
        matched = [each.delivery for each in judged if each.matches]
        if matched:
            text.add("matched", report.rows(matched, self._began))
        for number, each in enumerate(nearest[: report.NEAREST]):
            diagnosis = self._diagnosis(each.delivery) if each.only_verdict_failed else None
            text.add("nearest" if number == 0 else "also", report.near_miss(each, self._began, diagnosis))
        if not received:
            for label, lines in self._surroundings.hints(self._client, self._watched.made_at):
                text.add(label, lines)
        text.add("open", [nearest[0].delivery.url if nearest else self._watched.page_url])
        raised = next((each.raised for each in nearest if each.raised is not None), None)
        self._fail(kind, text, match, received, nearest, raised)

    def _too_many(self, match: Match, count: int, found: Sequence[Delivery], after: int) -> NoReturn:
        __tracebackhide__ = True
        self._watched.claimed.update(each.id for each in found)
        exactly = {0: "none was", 1: "exactly 1 was"}.get(count, f"exactly {count} were")
        what = "1 callback" if len(found) == 1 else f"{len(found)} callbacks"
        text = Report(f"{what} matched where {exactly} wanted at {self._watched.url}")
        text.add("wanted", [str(match)])
        text.add("matched", report.rows(found, self._began))
        text.add("open", [found[count].url])
        self._fail(UnexpectedCallback, text, match, list(self._log.after(after)))

    def _out_of_order(
        self, matches: Sequence[Match], found: Sequence[Delivery], received: Sequence[Delivery]
    ) -> NoReturn:
        __tracebackhide__ = True
        missing = matches[len(found)]
        text = Report(f"The callbacks did not come in the order wanted at {self._watched.url}")
        wanted = []
        for number, match in enumerate(matches):
            state = f"is #{found[number].id}" if number < len(found) else "missing after that"
            wanted.append(f"{number + 1}. {match}: {state if number <= len(found) else 'not looked for'}")
        text.add("wanted", wanted)
        judged = [missing.judge(each) for each in received]
        early = [each.delivery for each in judged if each.matches]
        raising = next((each for each in judged if each.raised is not None), None)
        if early:
            text.add("early", report.rows(early, self._began))
        if raising is not None:
            text.add("raised", report.near_miss(raising, self._began, None))
        text.add("received", report.rows(received, self._began) or ["nothing"])
        text.add("open", [self._watched.page_url])
        self._fail(
            CallbackMissing, text, missing, received, raised=None if raising is None else raising.raised
        )

    def _about(self, delivery: Delivery) -> list[str]:
        return [f"body {report.body_line(delivery)}", report.verdict_lines(delivery, None)[0], delivery.url]

    def _why(self, delivery: Delivery) -> list[str]:
        return report.verdict_lines(delivery, self._diagnosis(delivery))

    def _diagnosis(self, delivery: Delivery) -> str | None:
        """The likeliest cause of a failed verification, in a sentence, where the server soon finds one."""
        if len(delivery.body) > DIAGNOSED_BYTES or self._diagnosing_seconds > DIAGNOSING_SECONDS:
            return None
        began = time.monotonic()
        try:
            found = self._client.get(f"/api/deliveries/{delivery.id}/diagnosis")
        except NotFound:  # deleted meanwhile
            return None
        self._diagnosing_seconds += time.monotonic() - began
        causes = found.get("causes") or ()
        return str(causes[0]["sentence"]) if causes else None

    def _fail(
        self,
        kind: type[CallbackError],
        text: Report,
        match: Match,
        received: Sequence[Delivery],
        nearest: Sequence[Judged] = (),
        raised: Exception | None = None,
    ) -> NoReturn:
        __tracebackhide__ = True
        raise kind(str(text), expected=str(match), received=received, nearest=nearest) from raised
