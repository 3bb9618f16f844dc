"""The report of an experiment as Markdown and CSV, ours and published figures side by side."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.experiments.notes import Counts
from core.experiments.published import Published, key, parameters_of
from core.experiments.run import OWN_CUT
from core.experiments.summary import Line
from core.experiments.table import Experiment

OWN = (f"macro F1, {OWN_CUT}", f"micro F1, {OWN_CUT}")
COSTS = {  # name in results -> head
    "epochs": "epochs",
    "seconds_per_epoch": "s an epoch",
    "cpu_seconds_per_epoch": "CPU s an epoch",
    "ms_per_note": "ms a note",
    "peak_mb": "peak MB",
    "peak_gpu_mb": "peak MB, GPU",
}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the report states of how the figures came about."""

    corpus: str
    counts: Counts
    seeds: int
    epochs: int
    codes: str
    top: int | None
    changed: str  # settings changed on the command line, as text


def markdown(experiment: Experiment, setting: Setting, found: Sequence[Line]) -> str:
    """The whole page."""
    parts = [f"# {experiment.title}\n\n", *preamble(setting)]
    for task, published in experiment.tables.items():
        parts += [f"\n## {task.upper()}\n\n", *figures(experiment, task, published, found)]
    parts += [*failures(found), *costs(found)]
    return "".join(parts)


def preamble(setting: Setting) -> Iterator[str]:
    """Corpus, notes, codes, seeds, and how F1 is cut."""
    counts = setting.counts
    kinds = "diagnoses and procedures" if setting.codes == "all" else setting.codes
    which = "all of train" if setting.top is None else "the most frequent of train"
    yield (
        f"Corpus {setting.corpus}; codes: {kinds}, {which} ({counts.codes:,}). "
        f"{counts.train:,} notes to learn from, {counts.stop:,} to stop by, "
        f"{counts.report:,} reported: {counts.how}. Nothing is tuned on the reported notes. "
    )
    dropped = ", ".join(f"{count:,} of {part}" for part, count in counts.dropped.items())
    yield f"Notes without any of the codes are dropped, as in MIMIC-III-50: {dropped}.\n\n"
    yield (
        f"Figures in %, mean ± standard deviation over {setting.seeds} "
        f"{'seed' if setting.seeds == 1 else 'seeds'}; at most {setting.epochs} epochs. F1 is cut "
        f"at 0.5, as in the papers; *{OWN_CUT}*: at the threshold with the best micro F1 on the "
        "notes to stop by. Word vectors and the split are the same for every seed. Gold codes "
        "that train lacks count as missed. A fused row is measured by its network alone. Published "
        "figures are the papers' own, on MIMIC-III.\n"
    )
    if setting.changed:
        yield f"\nChanged for all rows that have the setting: `{setting.changed}`.\n"


def figures(
    experiment: Experiment, task: str, published: Published | None, found: Sequence[Line]
) -> Iterator[str]:
    """One line a cell that ranks the task's codes, then what is only published."""
    metrics = (*experiment.metrics, *OWN)
    heads = [experiment.axis or "row", "seeds", *metrics]
    if published:
        heads.append(f"published: {' / '.join(published.metrics)}")
    yield _row(heads) + _row(["---"] * len(heads))
    ours = [line for line in found if line.system is None or task in line.system.tasks]
    for line in ours:
        spreads = [line.spread(task, metric) for metric in metrics]
        cells = [f"`{line.cell.name}`", f"{len(line.results)}/{len(line.outcomes)}"]
        cells += [_dash(spread) for spread in spreads]
        yield _row(cells + ([_printed(published, printed_name(line))] if published else []))
    known = {key(printed_name(line)) for line in ours}
    for name in published.rows if published else ():
        if key(name) not in known:
            blank = ["–"] * (len(metrics) + 1)
            yield _row([f"*{name}*, published only", *blank, _printed(published, name)])


def printed_name(line: Line) -> str:
    """What a published table calls this line: variants of a system are not in print."""
    return line.cell.name.removeprefix(f"{line.cell.row} ")


def failures(found: Sequence[Line]) -> Iterator[str]:
    """Every run that failed, with its reason."""
    failed = [(line, s, o.failure) for line in found for s, o in line.outcomes.items() if o.failure]
    if failed:
        yield "\n## Failed\n\nRepeat the command to try these again.\n\n"
        yield _row(["row", "seed", "reason"]) + _row(["---"] * 3)
        for line, seed, reason in failed:
            yield _row([f"`{line.cell.name}`", str(seed), reason.replace("|", "/")])


def costs(found: Sequence[Line]) -> Iterator[str]:
    """Parameters, time and memory: these depend on the machine."""
    heads = ["row", "parameters", "published, M (full codes)", *COSTS.values()]
    yield "\n## Cost\n\nMedian over seeds, on the machine that ran them.\n\n"
    yield _row(heads) + _row(["---"] * len(heads))
    for line in found:
        count, printed = line.parameters, parameters_of(line.cell.row)
        cells = [f"`{line.cell.name}`", "–" if count is None else f"{count:,}", _number(printed)]
        yield _row(cells + [_number(line.cost(name)) for name in COSTS])


def figures_csv(experiment: Experiment, found: Sequence[Line]) -> str:
    """One line for each cell, task and metric, with the figure of every seed."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("cell", "row", "task", "metric", "seeds", "mean", "sd", "published", "values"))
    for line in found:
        for task, published in experiment.tables.items():
            printed = published.of(printed_name(line)) if published else {}
            for metric in (*experiment.metrics, *OWN):
                spread = line.spread(task, metric)
                if spread is not None:
                    table.writerow(
                        (
                            *(line.cell.name, line.cell.row, task, metric, len(spread.values)),
                            *(
                                f"{spread.mean:.4f}",
                                "" if spread.sd is None else f"{spread.sd:.4f}",
                            ),
                            *(printed.get(metric, ""), " ".join(f"{v:.4f}" for v in spread.values)),
                        )
                    )
    return out.getvalue()


def costs_csv(found: Sequence[Line]) -> str:
    """One line for each cell."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("cell", "row", "parameters", *COSTS))
    for line in found:
        measured = (line.cost(name) for name in COSTS)
        table.writerow(
            (
                *(line.cell.name, line.cell.row, line.parameters),
                *("" if value is None else f"{value:.3f}" for value in measured),
            )
        )
    return out.getvalue()


def _printed(published: Published | None, name: str) -> str:
    row = published.of(name) if published else {}
    if not row or published is None:
        return "–"
    return " / ".join(f"{row[m]:.1f}" if m in row else "–" for m in published.metrics)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def _dash(value: object) -> str:
    return "–" if value is None else str(value)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
