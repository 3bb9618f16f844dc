"""How long a lead waits for the figures of many finished charts: `python -m benchmarks.insights`.

Charts are made up by lot, in a database of their own; seconds are of this machine, one thread.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import db
from core.metrics import insights
from tests.ui.finished import finish_charts
from ui.services.drift import Drift
from ui.services.insights import Insights

T = TypeVar("T")


def main() -> None:
    """Fill a database, ask for every kind of figure, and say how long each took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--charts", type=int, default=5_000)
    parser.add_argument("--words", type=int, default=400, help="words of a note, about")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = db.connect(Path(folder) / "evicode.sqlite")
        db.migrate(engine)
        finish_charts(engine, options.charts, words=options.words)
        service = Insights(engine=engine)
        _timed("asking whether anything changed", service.state)
        found = _timed(f"reading {options.charts:,} finished charts", service.frames)
        _timed("rates by code", lambda: insights.rates(found.decided, by="code"))
        _timed(
            "the model over time", lambda: insights.model_over_time(found.suggested, found.finals)
        )
        drift = Drift(engine=engine, vocabulary={"fever", "cough"})
        _timed("drift by month", lambda: drift.incoming(period="MS"))
        _timed("drift by week", lambda: drift.incoming(period="W"))
        engine.dispose()


def _timed(what: str, ask: Callable[[], T]) -> T:
    start = time.perf_counter()
    answer = ask()
    sys.stdout.write(f"{what}: {time.perf_counter() - start:.2f} s\n")
    return answer


if __name__ == "__main__":
    main()
