"""From scores of tokens to the explanation a coder is shown, and two explanations as one."""

from collections.abc import Mapping

from core.context.words import Words
from core.explanations import spans, words
from core.explanations.methods import TokenScores
from core.inference.blend import both
from core.text import Encoded
from core.types import Code, Evidence, Explanation


def added(
    phrases: Mapping[Code, Explanation],
    network: Mapping[Code, Explanation],
    in_note: Words,
    *,
    shown_from: float,
) -> dict[Code, Explanation]:
    """What phrases and network each say of a code, as the sum of both."""
    parts = {
        code: [part[code] for part in (phrases, network) if code in part]
        for code in phrases.keys() | network.keys()
    }
    return {code: both(found, in_note, shown_from=shown_from) for code, found in parts.items()}


def explanation(
    code: Code,
    method: str,
    scored: TokenScores,
    encoded: Encoded,
    note: Words,
    shown_from: float,
) -> Explanation:
    """Scores of words as shares of the strongest, with the spans that are shown."""
    raw = words(encoded, scored.scores_T.tolist())
    peak = max((abs(word.score) for word in raw), default=0.0) or 1.0
    tokens = tuple(Evidence(word.start, word.end, word.score / peak) for word in raw)
    shown = spans(note, tokens, shown_from=shown_from)
    return Explanation(
        code=code, method=method, tokens=tokens, spans=shown, peak=peak, delta=scored.delta
    )
