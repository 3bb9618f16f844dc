"""docs/benchmarks/learning.md from the runs there are."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks import learning_active, scale
from benchmarks.report import header

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "learning.md"
Json = Mapping[str, Any]  # Any: plain JSON
LEAST_AFTER_100, MOST_BEHIND = 0.45, 0.01
MOST_FORGOTTEN, MOST_FOR_WRONG = 0.01, 0.02


def page(runs: Path) -> str:
    """The whole page."""
    parts = [header("Learning from coders", "make bench-learning"), _RULES]
    parts += _curve(_found(runs, "stream"), _found(runs, "everything"))
    parts += _decisions(_found(runs, "stream"), _found(runs, "decisions"))
    parts += _wrong(_found(runs, "decisions"), _found(runs, "decisions-wrong"))
    parts += _forgetting(runs)
    parts += [f"\n{made.section(runs)}" for made in (learning_active, scale)]
    return "".join(parts)


def _found(runs: Path, name: str) -> Json | None:
    path = runs / f"{name}.json"
    found: Json | None = json.loads(path.read_text()) if path.exists() else None
    return found


def _curve(stream: Json | None, everything: Json | None) -> Iterator[str]:
    yield "\n## From an empty label set\n\n"
    if stream is None:
        yield "Not run yet.\n"
        return
    yield "| notes | memory only | fine-tuning only | both | both, procedures |\n"
    yield "|---|---|---|---|---|\n"
    for each in stream["rounds"]:
        cells = [each["memory"]["D"], each["network"]["D"], each["both"]["D"], each["both"]["P"]]
        yield f"| {each['notes']} | {' | '.join(f'{cell:.3f}' for cell in cells)} |\n"
    if everything is not None:
        cells = [everything[part][kind] for part, kind in (("network", "D"), ("both", "D"))]
        cells.append(everything["both"]["P"])
        yield f"| all at once | – | {' | '.join(f'{cell:.3f}' for cell in cells)} |\n"
    after = {each["notes"]: each["both"]["D"] for each in stream["rounds"]}
    yield f"\n- Both after 100 notes: {_judged(after[100], least=LEAST_AFTER_100)}.\n"
    if everything is not None:
        behind = everything["both"]["D"] - after[500]
        yield (
            f"- Both after 500 notes, behind training on everything: "
            f"{_judged(behind, most=MOST_BEHIND)}.\n"
        )
    yield (
        f"- {stream['decisions']:,} decisions; {stream['seconds'] / 60:.0f} minutes in all on one "
        "core, of which fine-tuning is nearly everything.\n"
    )


def _decisions(stream: Json | None, decisions: Json | None) -> Iterator[str]:
    if stream is None or decisions is None:
        return
    yield "\n## When charts are not finished\n\n"
    yield (
        "Fine-tuning then learns decisions alone: a code that was neither shown nor added stays "
        "unknown.\n\n| notes | both, charts finished | both, decisions alone | fine-tuning only, "
        "decisions alone |\n|---|---|---|---|\n"
    )
    for whole, each in zip(stream["rounds"], decisions["rounds"], strict=False):
        cells = [whole["both"]["D"], each["both"]["D"], each["network"]["D"]]
        yield f"| {each['notes']} | {' | '.join(f'{cell:.3f}' for cell in cells)} |\n"


def _wrong(stream: Json | None, wrong: Json | None) -> Iterator[str]:
    if stream is None or wrong is None:
        return
    yield "\n## When coders err\n\n"
    yield (
        f"Every decision is the opposite of what it should be with a chance of {wrong['wrong']:.0%}"
        ": right codes rejected or not added, wrong ones accepted. Fine-tuning learns decisions "
        "alone.\n\n"
    )
    yield "| notes | both, no errors | both, with errors | cost |\n|---|---|---|---|\n"
    pairs = list(zip(stream["rounds"], wrong["rounds"], strict=False))
    for right, each in pairs:
        one, other = right["both"]["D"], each["both"]["D"]
        yield f"| {each['notes']} | {one:.3f} | {other:.3f} | {one - other:+.3f} |\n"
    cost = pairs[-1][0]["both"]["D"] - pairs[-1][1]["both"]["D"]
    yield f"\n- Cost after {pairs[-1][1]['notes']}: {_judged(cost, most=MOST_FOR_WRONG)}.\n"


def _forgetting(runs: Path) -> Iterator[str]:
    found = {
        "rehearsing old charts": _found(runs, "forgetting"),
        "rehearsing nothing": _found(runs, "forgetting-unrehearsed"),
    }
    if not any(found.values()):
        return
    yield "\n## What is forgotten\n\n"
    yield _FORGETTING
    yield "| | | before | after | change |\n|---|---|---|---|---|\n"
    for name, run in found.items():
        for part in ("both", "network") if run else ():
            for codes, before in run["before"][part].items():
                after = run["after"][part][codes]
                yield (
                    f"| {name}, {'list' if part == 'both' else 'network alone'} | {codes} | "
                    f"{before:.3f} | {after:.3f} | {after - before:+.3f} |\n"
                )
    run = found["rehearsing old charts"]
    if run is not None:
        fallen = run["before"]["both"]["old"] - run["after"]["both"]["old"]
        yield (
            f"\n- Old codes fall, {run['lessons']} notes with new codes learned: "
            f"{_judged(fallen, most=MOST_FORGOTTEN)}.\n"
        )


def _judged(value: float, *, least: float | None = None, most: float | None = None) -> str:
    """The figure beside its target."""
    if least is not None:
        return f"{value:.3f} (target at least {least}: {'met' if value >= least else 'missed'})"
    met = most is not None and value <= most
    return f"{value:+.3f} (target at most {most}: {'met' if met else 'missed'})"


_RULES = """MAP of ICD-10-CM (and ICD-10-PCS where it says procedures) on CodiEsp dev, Spanish, all
gold codes counted, as trec_eval has it. Notes of train come in the order of the corpus. A simulated
coder is shown the first 20 codes of the list as it then is, accepts the right ones, rejects the
wrong ones, adds what is missing with the gold evidence marked, and finishes the chart. Memory is
taught these decisions alone; fine-tuning takes finished charts for whole, as the tab Train offers
it. The start: uncoded text, the code tables, word vectors, a table of
translations made from uncoded translations; no code, no phrase.
Memory only: what the app does at once after a decision, no training. Fine-tuning only: the network
alone, fine-tuned at each row of the table on all decisions so far. Both: the list a coder sees. How
the combiner begins and what it is taught was settled once, with dev in sight; nothing else was.
"""
_FORGETTING = """A model is trained whole on 350 notes from which 20 codes were taken out; coders
then decide on these 20 codes alone, on other notes that carry them; the model is fine-tuned with
its defaults. Old codes are judged among old ones; in the second line new ones stand between them,
right ones too, which count as wrong there. The last line has all gold codes, as the tables above.

"""
