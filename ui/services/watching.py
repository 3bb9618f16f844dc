"""What the server has seen of itself since it started: calls of services, and errors by id."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core import errors
from ui.services.logs import OURS, event, fields_of

CALLS, ERRORS = 5_000, 500  # remembered; the oldest go first
DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a service: how long it took, and how it ended."""

    at: datetime
    what: str  # service and method
    seconds: float
    outcome: str  # DONE, or the type of the error


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An unexpected error, as the log has it."""

    at: datetime
    id: str
    type: str
    place: str  # the innermost line of code


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What came of checking the audit trail."""

    at: datetime
    entries: int
    fault: str | None  # None: all is as it was


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long one method took lately, in seconds."""

    what: str
    calls: int
    median: float
    p95: float
    slowest: float
    failed: int


@dataclass(kw_only=True)
class Watch:
    """Kept in memory alone, one for the whole server; safe for many threads."""

    now: Callable[[], datetime]
    started: datetime = field(init=False)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=CALLS))
    failures: deque[Failure] = field(default_factory=lambda: deque(maxlen=ERRORS))
    verified: Verified | None = None
    backup_problem: str | None = None  # of the last backup, if it was not written

    def __post_init__(self) -> None:
        self.started = self.now()

    def call(self, what: str, *, seconds: float, error: BaseException | None, user: str) -> None:
        """Keep how a call went, and log it: a refusal always, one that worked at `debug`."""
        outcome = DONE if error is None else type(error).__name__
        self.calls.append(Call(at=self.now(), what=what, seconds=seconds, outcome=outcome))
        level = logging.DEBUG if error is None else logging.INFO
        level = logging.WARNING if isinstance(error, errors.NotAllowed) else level
        event("call", level=level, what=what, ms=_ms(seconds), outcome=outcome, user=user)

    def timings(self, *, since: timedelta) -> tuple[Timing, ...]:
        """How long each method took in that time, the most called first."""
        from_then = self.now() - since
        calls: dict[str, list[Call]] = {}
        for call in tuple(self.calls):
            if call.at >= from_then:
                calls.setdefault(call.what, []).append(call)
        found = [_timing(what, made) for what, made in calls.items()]
        return tuple(sorted(found, key=lambda each: (-each.calls, each.what)))

    def errors(self, *, since: timedelta) -> tuple[Failure, ...]:
        """Errors of that time, the latest first."""
        from_then = self.now() - since
        return tuple(each for each in reversed(tuple(self.failures)) if each.at >= from_then)

    def listen(self) -> None:
        """Remember the errors that are logged from now on, in place of an earlier watch."""
        log = logging.getLogger(OURS)
        log.handlers[:] = [each for each in log.handlers if not isinstance(each, _Listener)]
        log.addHandler(_Listener(self))


class _Listener(logging.Handler):
    def __init__(self, watch: Watch) -> None:
        super().__init__(logging.ERROR)
        self._watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg != "error":
            return
        said = fields_of(record)
        place = str(said.get("at", "")).partition(" < ")[0]
        failure = Failure(
            at=self._watch.now(),
            id=str(said.get("id", "")),
            type=str(said.get("type", "")),
            place=place.rpartition("/")[2],
        )
        self._watch.failures.append(failure)


def is_our_refusal(outcome: str) -> bool:
    """Whether an outcome is an error raised on purpose: the caller's mistake, not the server's."""
    kind = getattr(errors, outcome, None)
    return isinstance(kind, type) and issubclass(kind, errors.EvicodeError)


def _timing(what: str, calls: Sequence[Call]) -> Timing:
    seconds = sorted(call.seconds for call in calls)
    return Timing(
        what=what,
        calls=len(seconds),
        median=seconds[(len(seconds) - 1) // 2],
        p95=seconds[-(-len(seconds) * 95 // 100) - 1],
        slowest=seconds[-1],
        failed=sum(call.outcome != DONE and not is_our_refusal(call.outcome) for call in calls),
    )


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
