"""The page of the evidence benchmark, written from its files."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.evidence_figures import ALL, RIGHT, Results
from benchmarks.evidence_picture import Example
from benchmarks.evidence_runs import CHANGES, DRAWS, RANDOM_ORDER, is_right, marked
from benchmarks.evidence_verdict import BASELINES, POOR, verdict
from benchmarks.report import header
from core.metrics.agreement import TOP
from core.metrics.faithfulness import SIZES
from core.types import Note


def page(
    results: Sequence[Results],
    notes: Sequence[Note],
    *,
    example: Example | None,
    pictures: Path,
) -> Iterator[str]:
    """Verdict first, then the figures it rests on."""
    yield header("Evidence: plausible, faithful, stable?", "make bench-evidence")
    yield from _seen(results)
    yield _RULES.format(notes=len(notes), marked=sum(len(marked(note)) for note in notes))
    yield from _checkpoints(results)
    yield "\n## Verdict\n"
    yield from verdict(results)
    yield f"\n{_POOR}"
    for found in results:
        yield f"\n## {found.name}\n"
        for which in (RIGHT, ALL):
            yield from _plausible(found, which)
        yield from _thresholds(found)
        yield from _faithful(found)
        yield from _agreement(found)
        yield from _stability(found)
    if example is not None:
        yield from example.section(pictures)


def _seen(results: Sequence[Results]) -> Iterator[str]:
    """A checkpoint trained with --with-dev says so in its figures."""
    for found in results:
        if "with_dev" in found.subject.checkpoint.metrics:
            yield (
                f"**{found.name} has learned the dev notes: its figures show that the benchmark "
                "runs, and are not to be quoted.**\n\n"
            )


def _checkpoints(results: Sequence[Results]) -> Iterator[str]:
    yield "\n| checkpoint | hash | row | supervised evidence | fused | codes ranked | suggested |\n"
    yield "|---|---|---|---|---|---|---|\n"
    for found in results:
        checkpoint = found.subject.checkpoint
        right = sum(is_right(row) for row in found.said.values())
        cells = (
            found.name,
            f"`{checkpoint.hash[:12]}`",
            f"`{checkpoint.system.name}`",
            "yes" if found.supervised else "no",
            "yes" if checkpoint.fusion else "no",
            f"{len(found.said):,}",
            f"{right:,}",
        )
        yield f"| {' | '.join(cells)} |\n"


def _plausible(found: Results, which: str) -> Iterator[str]:
    yield f"\n### {found.name}: plausibility, {which}\n\n"
    yield "| method | codes | precision | recall | F1 | AUPRC | AUPRC, code by code | span P | "
    yield f"span R | span F1 | empty | s a code |\n|{'---|' * 12}\n"
    for method in found.scores:
        keys = found.keys(method, which)
        judged = found.plausibility(method, keys)
        if judged is None:
            yield f"| {_named(found, method)} | {len(keys)} |{' – |' * 10}\n"
            continue
        figures = (
            *(judged.precision, judged.recall, judged.f1, judged.auprc, judged.mean_auprc),
            *(judged.span_precision, judged.span_recall, judged.span_f1, judged.empty),
        )
        cells = " | ".join(f"{figure:.3f}" for figure in (*figures, found.seconds(method)))
        yield f"| {_named(found, method)} | {len(keys):,} | {cells} |\n"


def _thresholds(found: Results) -> Iterator[str]:
    cuts = {m: " and ".join(f"{c:.3g}" for c in found.thresholds(m)) for m in found.scores}
    told = "; ".join(f"`{method}` {cut}" for method, cut in cuts.items() if cut)
    if told:
        yield f"\nThresholds tuned on the halves of the notes (all gold codes): {told}.\n"
    for method, of_method in found.scores.items():
        other = sum(row["by"] != method for row in of_method.values())
        if other:
            yield f"\n`{method}` fell back on another method for {other:,} of "
            yield f"{len(of_method):,} codes.\n"


def _faithful(found: Results) -> Iterator[str]:
    yield f"\n### {found.name}: faithfulness, true positives, words {found.bounds.removal}\n\n"
    if not found.faithful[RANDOM_ORDER]:
        yield "Not measured: none of the first notes' gold codes was suggested as likely.\n"
        return
    yield "| method | codes | comprehensiveness ↑ | random order | sufficiency ↓ | random order |\n"
    yield "|---|---|---|---|---|---|\n"
    for method in found.scores:
        keys = found.faithful[method].keys() & found.faithful[RANDOM_ORDER].keys()
        if keys:
            cells = " | ".join(
                f"{found.mean(name, figure, keys):.3f}"
                for figure in ("comprehensiveness", "sufficiency")
                for name in (method, RANDOM_ORDER)
            )
            yield f"| {_named(found, method)} | {len(keys):,} | {cells} |\n"


def _agreement(found: Results) -> Iterator[str]:
    methods = list(found.scores)
    if len(methods) < 2:
        return
    yield f"\n### {found.name}: agreement\n\nMean rank correlation / share of the first {TOP} "
    yield "words in common / Jaccard overlap of the spans the app would show.\n\n"
    yield f"| | {' | '.join(f'`{method}`' for method in methods[1:])} |\n"
    yield f"|---|{'---|' * (len(methods) - 1)}\n"
    for place, one in enumerate(methods[:-1]):
        cells = [""] * place
        for other in methods[place + 1 :]:
            figures = found.agreement(one, other)
            cells.append(" / ".join(f"{figure:.2f}" for figure in figures) or "–")
        yield f"| `{one}` | {' | '.join(cells)} |\n"


def _stability(found: Results) -> Iterator[str]:
    if not any(found.stable.values()):
        return
    yield f"\n### {found.name}: stability, true positives\n\n"
    yield f"| method | codes |{''.join(f' {change} |' for change in CHANGES)}\n"
    yield f"|---|---|{'---|' * len(CHANGES)}\n"
    for method, of_method in found.stable.items():
        if of_method:
            changes = [row["changes"] for row in of_method.values()]
            cells = " | ".join(_moved([each[name] for each in changes]) for name in CHANGES)
            yield f"| {_named(found, method)} | {len(changes)} | {cells} |\n"
    yield (
        f"\nMean rank correlation / share of the first {TOP} words that stay / share of the score "
        "on added words.\n"
    )


def _moved(changes: Sequence[dict[str, float | None]]) -> str:
    def mean(figure: str) -> str:
        known = [value for each in changes if (value := each[figure]) is not None]
        return f"{sum(known) / len(known):.2f}" if known else "–"

    return " / ".join(mean(figure) for figure in ("correlation", "overlap", "spill"))


def _named(found: Results, method: str) -> str:
    """The method, and what it is to the app."""
    if method == found.default:
        return f"**`{method}`** (default)"
    if method in BASELINES:
        return f"`{method}` (baseline)"
    return f"`{method}`" if method in found.subject.coder.methods else f"`{method}` (not offered)"


_RULES = (
    "CodiEsp dev, Spanish, {notes} notes; gold evidence is what CodiEsp-X marks. A code counts "
    "when its evidence is marked and the network ranks it ({marked:,} codes have evidence marked); "
    "*true positives* are those suggested at or above the checkpoint's threshold. Scores are those "
    "the app gets: they peak at 1 for each code. `phrases` falls back on the network's default "
    "where memory found no phrase; `phrases_and_network` adds the two up.\n\n"
    "- **Plausibility.** Words of all codes together (micro), as Edin et al. 2024. The threshold "
    "of either half of the notes is tuned on the other half, by token F1. AUPRC is average "
    "precision over all words of all codes; *code by code* is its mean over codes, which needs no "
    "common scale. A span (a run of words at or above the threshold) is right when it shares at "
    "least half of its union with a marked one (ERASER). *Empty*: share of codes without any word "
    "at the threshold.\n"
    "- **Faithfulness.** What the probability a coder is shown loses, relative to the whole note, "
    "when the first words of a method are taken out (comprehensiveness), or all others are "
    f"(sufficiency): areas over {', '.join(map(str, SIZES[:-1]))} and {SIZES[-1]} words. Random "
    f"order: the mean of {DRAWS}. Only codes suggested as likely, as Edin et al. A word that is "
    "*deleted* is gone; *unknown*: a word that is in no vocabulary stands for it.\n"
    "- **Stability.** The same code after more blank space, in upper case, and with three "
    "sentences added that have nothing to do with the case. That padding in a batch changes no "
    "explanation is a test of every row.\n"
)
_POOR = (
    f"Methods are compared on the codes that both explained. Poor: less than {POOR:g} of the "
    "default's AUPRC over all gold codes, or a comprehensiveness not above random order. "
    f"{' and '.join(f'`{name}`' for name in BASELINES)} are baselines, not methods to offer.\n"
)
