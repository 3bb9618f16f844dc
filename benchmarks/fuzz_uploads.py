"""Damaged uploads by the ten thousand: does anything but a note or a refusal come out?

    python -m benchmarks.fuzz_uploads [--count 10000] [--formats pdf,docx] [--out build/fuzz.json]

Each file is damaged with a seed of its own (format and number) and read as an upload is: in a child
process with limits. What came of it is counted; a failure of this process, the server's stand-in,
ends the run with the seed in the message. Repeat the command and it goes on where it stopped.
"""

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from core.errors import BadInput
from core.notes import Reading
from core.notes.apart import read_apart
from tests.uploads import damaged, one_of_each

KEPT = Path(__file__).parents[1] / "build" / "fuzz_uploads.json"
BATCH = 200  # files that share a child, and are lost when the run is stopped
OUTCOMES = ("read", "refused", "damaged", "limit", "crashed")


def main() -> None:
    """Go on until every format has its count, kept after each batch; print the table."""
    asked = _arguments()
    counts = json.loads(asked.out.read_text()) if asked.out.exists() else {}
    whole = one_of_each()
    for ending in asked.formats.split(",") if asked.formats else whole:
        done = counts.setdefault(ending, dict.fromkeys((*OUTCOMES, "files", "seconds"), 0))
        while done["files"] < asked.count:
            numbers = range(done["files"], min(done["files"] + BATCH, asked.count))
            started = time.monotonic()
            done |= Counter(done) + Counter(_outcomes(ending, whole[ending], numbers))
            done["files"] = numbers.stop
            done["seconds"] = round(done["seconds"] + time.monotonic() - started, 1)
            asked.out.parent.mkdir(parents=True, exist_ok=True)
            asked.out.write_text(json.dumps(counts, indent=1))
        print(_line(ending, done), flush=True)  # noqa: T201
    print(f"\n{table(counts)}")  # noqa: T201


def table(counts: dict[str, dict[str, float]]) -> str:
    """The counts as a Markdown table, for docs/benchmarks/safety.md."""
    head = f"| format | files | {' | '.join(OUTCOMES)} | ms a file |"
    rule = f"|---|{'---:|' * (len(OUTCOMES) + 2)}"
    return "\n".join([head, rule, *(_line(ending, done) for ending, done in counts.items())])


def _outcomes(ending: str, data: bytes, numbers: range) -> Iterator[str]:
    files = [
        (f"{number}.{ending}", damaged(data, random.Random(f"{ending} {number}")))  # noqa: S311
        for number in numbers
    ]
    outcomes = read_apart(files)
    for number in numbers:
        try:
            outcome = next(outcomes)
        except Exception as error:
            raise SystemExit(f"the server failed at {ending} {number}: {error!r}") from error
        yield _kind(outcome)


def _kind(outcome: Reading | BadInput) -> str:
    if isinstance(outcome, Reading):
        return "read" if outcome.notes else "refused"
    said = str(outcome)
    for words, kind in (("its reader stopped", "damaged"), ("reading it took", "limit")):
        if words in said:
            return kind
    return "crashed" if "its reader broke off" in said else "refused"


def _line(ending: str, done: dict[str, float]) -> str:
    numbers = " | ".join(f"{done.get(outcome, 0):,.0f}" for outcome in OUTCOMES)
    pace = 1000 * done["seconds"] / max(1, done["files"])
    return f"| {ending} | {done['files']:,.0f} | {numbers} | {pace:.1f} |"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--count", type=int, default=10_000, help="files of each format")
    parser.add_argument("--formats", default="", help="comma between them; default: all")
    parser.add_argument("--out", type=Path, default=KEPT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
