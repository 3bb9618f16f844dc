"""For machines that watch the server: /healthz says whether it works, /metrics how well."""

from collections.abc import Iterable
from datetime import datetime
from hmac import compare_digest

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from core.settings import settings
from ui.services.health import Health, Report

HEALTHZ = "/healthz"
METRICS = "/metrics"


class Operating:
    """Routes. The gate decides who gets to /metrics; /healthz is open and says one word."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def routes(self) -> list[Route]:
        """Both addresses."""
        return [
            Route(HEALTHZ, self.healthz, methods=["GET"]),
            Route(METRICS, self.metrics, methods=["GET"]),
        ]

    async def healthz(self, _request: Request) -> Response:
        """`ok` if the database answers, else 503."""
        try:
            await run_in_threadpool(self._health.answers)
        except Exception:  # noqa: BLE001  (whatever it is, the server does not work)
            return JSONResponse({"status": "the database does not answer"}, status_code=503)
        return JSONResponse({"status": "ok"})

    async def metrics(self, _request: Request) -> Response:
        """Numbers about the server, in the text format of Prometheus; no name among them."""
        report = await run_in_threadpool(self._health.look)
        return PlainTextResponse("\n".join(_lines(report)) + "\n")


def has_metrics_token(scope: Scope) -> bool:
    """Whether a request for /metrics shows the token that the settings hold."""
    if scope["type"] != "http" or scope["path"] != METRICS:
        return False
    token = settings().metrics_token
    shown = HTTPConnection(scope).headers.get("authorization", "")
    return bool(token) and compare_digest(shown.encode(), f"Bearer {token}".encode())


def _lines(report: Report) -> Iterable[str]:
    yield f"evicode_up_seconds {(report.at - report.started).total_seconds():.0f}"
    yield f"evicode_memory_bytes {report.memory}"
    yield f"evicode_checkpoint_usable {int(report.checkpoint.problem is None)}"
    yield f"evicode_database_bytes {report.database.size}"
    if report.database.free is not None:
        yield f"evicode_disk_free_bytes {report.database.free}"
    yield f"evicode_trail_entries {report.database.entries}"
    if report.verified is not None:
        yield f"evicode_trail_whole {int(report.verified.fault is None)}"
        yield f"evicode_trail_verified_age_seconds {_age(report, report.verified.at)}"
    if report.backs_up:
        yield f"evicode_backup_failed {int(report.backup_problem is not None)}"
    if report.backup is not None:
        yield f"evicode_backup_age_seconds {_age(report, report.backup.at)}"
    yield f"evicode_logins {len(report.sessions)}"
    yield f"evicode_errors_last_day {len(report.errors)}"
    for each in report.timings:
        call = f'call="{each.what}"'
        yield f"evicode_calls_last_hour{{{call}}} {each.calls}"
        yield f"evicode_calls_failed_last_hour{{{call}}} {each.failed}"
        yield f'evicode_call_seconds{{{call},quantile="0.5"}} {each.median:.4f}'
        yield f'evicode_call_seconds{{{call},quantile="0.95"}} {each.p95:.4f}'


def _age(report: Report, at: datetime) -> int:
    return int((report.at - at).total_seconds())
