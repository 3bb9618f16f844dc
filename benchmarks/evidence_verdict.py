"""What the evidence benchmark's figures say of the goals, in words made from the figures."""

from collections.abc import Iterator, Sequence

from benchmarks.evidence_figures import ALL, RIGHT, Results
from benchmarks.evidence_runs import RANDOM_ORDER

OVER_ATTENTION, OVER_RANDOM = 1.5, 3.0  # goals of the issue
POOR = 0.5  # of the default's AUPRC, on the same codes
BASELINES = ("random", "title_words")  # measured, never offered
LIKE_MANY = 30  # codes below which a figure says little


def verdict(results: Sequence[Results]) -> Iterator[str]:
    """One list for each checkpoint."""
    plain = [found for found in results if not found.supervised and "attention" in found.scores]
    for found in results:
        yield f"\n**{found.name}** (default: `{found.default}`)\n\n"
        if found.default not in found.scores:
            yield "- Its default was not measured.\n"
            continue
        for which in (RIGHT, ALL):
            for other in (each for each in plain if each is not found):
                yield _over_attention(found, other, which)
            yield _over_random(found, which)
            yield from _beaten(found, which)
        yield from _faithful(found)
        yield from _poor(found)
    if not plain:
        yield "\nNo checkpoint without evidence supervision was given: the goal of "
        yield f"{OVER_ATTENTION:g} × unsupervised label attention is not judged.\n"


def _over_attention(found: Results, other: Results, which: str) -> str:
    """Against the attention of another checkpoint, on the codes both explained."""
    keys = found.keys(found.default, which) & other.keys("attention", ALL)
    ours, theirs = found.plausibility(found.default, keys), other.plausibility("attention", keys)
    if ours is None or theirs is None:
        return f"- {which}: no codes in common with {other.name}; not judged.\n"
    what = f"label attention of {other.name}, unsupervised"
    return _ratio(which, what, ours.auprc, theirs.auprc, OVER_ATTENTION, len(keys))


def _over_random(found: Results, which: str) -> str:
    keys = found.keys(found.default, which) & found.keys("random", which)
    ours = found.plausibility(found.default, keys)
    chance = found.plausibility("random", keys) if ours else None
    if ours is None or chance is None:
        return f"- {which}: random was not measured on the same codes; not judged.\n"
    return _ratio(which, "random", ours.auprc, chance.auprc, OVER_RANDOM, len(keys))


def _beaten(found: Results, which: str) -> Iterator[str]:
    """Methods with a higher AUPRC than the default, each on the codes that it explained."""
    offered = found.subject.coder.methods
    better: dict[bool, list[str]] = {True: [], False: []}
    compared = 0
    for method in _others(found):
        keys = found.keys(found.default, which) & found.keys(method, which)
        ours, theirs = (found.plausibility(each, keys) for each in (found.default, method))
        if ours and theirs:
            compared += method in offered
            if theirs.auprc > ours.auprc:
                told = (
                    f"`{method}` ({theirs.auprc:.3f} against {ours.auprc:.3f}, {len(keys)} codes)"
                )
                better[method in offered].append(told)
    if better[True]:
        yield f"- {which}: AUPRC of {', '.join(better[True])} beats the default: **missed**.\n"
    elif compared:
        yield f"- {which}: no other offered method ({compared} compared) beats it: **met**.\n"
    if better[False]:
        yield f"- {which}: not offered, but with a higher AUPRC: {', '.join(better[False])}.\n"


def _faithful(found: Results) -> Iterator[str]:
    keys = found.faithful[found.default].keys() & found.faithful[RANDOM_ORDER].keys()
    if not keys:
        yield "- Faithfulness was not measured.\n"
        return
    ours, chance = (
        [found.mean(name, figure, keys) or 0.0 for figure in ("comprehensiveness", "sufficiency")]
        for name in (found.default, RANDOM_ORDER)
    )
    yield _ratio("Comprehensiveness", "random order", ours[0], chance[0], OVER_RANDOM, len(keys))
    met = "**met**" if ours[1] < chance[1] else "**missed**"
    yield f"- Sufficiency {ours[1]:.3f}, random order {chance[1]:.3f} (lower is better): {met}.\n"


def _poor(found: Results) -> Iterator[str]:
    poor = {method: reasons for method in _others(found) if (reasons := _reasons(found, method))}
    for method, reasons in poor.items():
        yield f"- `{method}` is poor: {'; '.join(reasons)}.\n"
    if not poor:
        yield "- No other method is poor by the rule below.\n"


def _reasons(found: Results, method: str) -> list[str]:
    reasons = []
    keys = found.keys(found.default, ALL) & found.keys(method, ALL)
    ours, theirs = (found.plausibility(each, keys) for each in (found.default, method))
    if ours and theirs and theirs.auprc < POOR * ours.auprc:
        reasons.append(f"AUPRC {theirs.auprc:.3f} where the default has {ours.auprc:.3f}")
    both = found.faithful[method].keys() & found.faithful[RANDOM_ORDER].keys()
    its, chance = (found.mean(name, "comprehensiveness", both) for name in (method, RANDOM_ORDER))
    if its is not None and chance is not None and its <= chance:
        reasons.append(f"comprehensiveness {its:.3f}, random order {chance:.3f}")
    return reasons


def _others(found: Results) -> list[str]:
    """What was measured besides the default and the baselines, offered by the app or not."""
    return [m for m in found.scores if m != found.default and m not in BASELINES]


def _ratio(which: str, what: str, ours: float, theirs: float, goal: float, codes: int) -> str:
    times = f"{ours / theirs:.2f} ×" if theirs > 0 else "more than any multiple of"
    met = "**met**" if ours >= goal * theirs and ours > 0 else "**missed**"
    few = "; so few codes say little" if codes < LIKE_MANY else ""
    figure = "AUPRC " if which in (RIGHT, ALL) else ""
    return (
        f"- {which}: {figure}{ours:.3f} is {times} that of {what} ({theirs:.3f}), goal {goal:g} ×, "
        f"{codes} codes{few}: {met}.\n"
    )
