"""All runs of an experiment, each in a process of its own; what is finished is never repeated."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from core.experiments.keeping import FAILED, RESULT, SPEC, Json, keep_json, kept
from core.experiments.run import Spec

LOG = "log.txt"
ROOT = Path(__file__).resolve().parents[2]
Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Run:
    """A cell of the experiment with one seed; `spec` is None where the cell cannot be."""

    cell: str
    seed: int
    spec: Spec | None
    refused: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run left: a result, or the reason of its failure, or neither yet."""

    result: Json | None = None
    failure: str = ""


def place(spec: Spec, folder: Path) -> Path:
    """The run's own folder; runs on other notes lie in another folder."""
    return folder / "runs" / spec.data[:12] / spec.fingerprint


def outcome(run: Run, folder: Path) -> Outcome:
    """What is on disk of the run."""
    if run.spec is None:
        return Outcome(failure=run.refused)
    where = place(run.spec, folder)
    failed = kept(where / FAILED) or {}
    return Outcome(result=kept(where / RESULT), failure=str(failed.get("reason", "")))


def run_all(
    runs: Sequence[Run], folder: Path, *, jobs: int, tell: Tell, done: Callable[[], object]
) -> None:
    """Run what has no result yet, `jobs` at a time; `done` is called after each.

    A run that failed before is tried again.
    """
    waiting = [run for run in runs if run.spec and outcome(run, folder).result is None]
    alone = list({run.spec.fingerprint: run for run in waiting if run.spec}.values())
    tell(f"{len(runs)} runs, {len(alone)} to do")
    children = _Children()
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = {pool.submit(children.run, run.spec, folder): run for run in alone if run.spec}
        try:
            for number, future in enumerate(as_completed(futures), start=1):
                future.result()
                run = futures[future]
                said = outcome(run, folder).failure or "done"
                tell(f"[{number}/{len(alone)}] {run.cell}, seed {run.seed}: {said}")
                done()
        except BaseException:  # the user stops: so do the runs, and keep their last epoch
            pool.shutdown(wait=False, cancel_futures=True)
            children.stop()
            raise


class _Children:
    """The processes at work."""

    def __init__(self) -> None:
        self._working: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def run(self, spec: Spec, folder: Path) -> None:
        """Run one to its end; how it ended is on disk then, unless it was stopped."""
        where = place(spec, folder)
        where.mkdir(parents=True, exist_ok=True)
        keep_json(where / SPEC, spec.to_json())
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
        environment = {
            **os.environ,
            "PYTHONPATH": paths,
            "OMP_NUM_THREADS": str(spec.threads),
            "TQDM_MININTERVAL": "10",  # seconds: a log is no screen
        }
        command = [sys.executable, "-m", "core.experiments.child", str(where)]
        with (where / LOG).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.PIPE,  # it closes when this process ends, and so does the run
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,  # Ctrl-C is ours to handle
            )
            self._working.add(process)
            code = process.wait()
            self._working.discard(process)
        ended = kept(where / RESULT) or kept(where / FAILED)
        if ended is None and not self._stopped:
            keep_json(where / FAILED, {"reason": _ended(code)})

    def stop(self) -> None:
        self._stopped = True
        for process in tuple(self._working):
            process.kill()


def _ended(code: int) -> str:
    if code == -9:
        return "killed (signal 9); most often the machine had no memory left"
    return f"ended with signal {-code}" if code < 0 else f"ended with status {code}; see {LOG}"
