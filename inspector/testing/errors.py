"""What a test is told when the callbacks are not those that it wanted. ``str(error)`` is the whole report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

from inspector.errors import InspectorError
from inspector.testing.delivery import Delivery
from inspector.testing.match import Judged

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class CallbackError(AssertionError):
    """Base of the assertions on callbacks.

    ``expected`` says what was wanted, ``received`` is all that the endpoint had got. ``nearest`` are those
    that came closest, each with its checks; ``unverified`` those for which only the signature stood in the
    way.
    """

    def __init__(
        self,
        report: str,
        *,
        expected: str = "",
        received: Sequence[Delivery] = (),
        nearest: Sequence[Judged] = (),
    ) -> None:
        super().__init__(report)
        self.report = report
        self.expected = expected
        self.received = tuple(received)
        self.nearest = tuple(nearest)
        self.unverified = tuple(each.delivery for each in nearest if each.only_verdict_failed)

    def __str__(self) -> str:
        return self.report


class CallbackMissing(CallbackError):
    """What was to have come by now has not."""


class CallbackTimeout(CallbackMissing, TimeoutError):
    """What was waited for did not come in time."""


class UnexpectedCallback(CallbackError):
    """A callback came that should not have come, or not so: a second one, one too many, one not verified."""


class OutOfUse(RuntimeError):
    """An endpoint or inspector was used after its end: a fixture after its test, or after ``close``."""


class CallbackWarning(UserWarning):
    """Something about a test's callbacks is odd and does not fail it: a reply not used, a bad signature."""


for _each in (CallbackError, CallbackMissing, CallbackTimeout, UnexpectedCallback, OutOfUse, CallbackWarning):
    _each.__module__ = "inspector.testing"  # where tests import them from, and what their reports name


def told_at_the_call(method: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """*method*, whose failures and refusals show the line that called it and nothing of how we asked."""

    @wraps(method)
    def called(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        __tracebackhide__ = True
        try:
            return method(*args, **kwargs)
        except InspectorError as refused:
            raise refused.with_traceback(None) from None
        except CallbackError as failed:
            raise failed.with_traceback(None) from failed.__cause__

    return called
