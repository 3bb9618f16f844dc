"""`python -m core suggest`: a file of notes in, a file of suggestions with evidence out."""

import argparse
import sys

from tqdm import tqdm

from core.scoring import Hands, Job, Served, score

STOPPED = 130  # by Ctrl-C, as shells have it


def suggest(options: argparse.Namespace) -> int:
    """Serve every readable note; report the others by number. 0 also when some were refused.

    The output appears under its name only when it is complete; a command that was stopped goes
    on where it stood when it is repeated.
    """
    job = Job(
        source=options.source,
        out=options.out,
        checkpoint=options.checkpoint,
        top=options.top,
        evidence=options.evidence,
        coverage=options.coverage,
        device=options.device,
    )
    done = watched(job, Hands(workers=options.workers, ray=options.ray))
    if done is None:
        return STOPPED
    for number, why in done.refused:
        sys.stderr.write(f"line {number}: {why}\n")
    lines = len(done.refused)
    sys.stderr.write(f"{done.served} notes served, {lines} lines refused; wrote {options.out}\n")
    return 0


def watched(job: Job, hands: Hands) -> Served | None:
    """Score with a bar on a terminal; None, with a word, if Ctrl-C stopped it."""
    try:
        with tqdm(unit=" notes", disable=not sys.stderr.isatty()) as bar:
            return score(job, hands, progress=lambda count: _tell(bar, count))
    except KeyboardInterrupt:
        sys.stderr.write("stopped; what is done is kept: repeat the command to go on\n")
        return None


def _tell(bar: "tqdm[None]", count: int) -> None:
    bar.update(count)
