"""Mentions that are not plainly said count less, whatever the training notes say.

CodiEsp's coders code denied and family mentions too, so a combiner that learns from them gives
"denies dysuria" the same probability as "dysuria". A coder elsewhere must not (decision 9): a code
that is nowhere plainly said gets at most the logit it would have if it were, less a fixed cost.
What a combiner learned may lower it further, and never raises it.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.fusion.candidates import FEATURES
from core.fusion.combiner import Combiner
from core.types import Context

COSTS: Mapping[Context, float] = {  # in logits
    Context.NEGATED: 1.0,
    Context.FAMILY: 1.0,
    Context.HYPOTHETICAL: 0.5,
    Context.HISTORICAL: 0.2,  # a condition of the past is often coded (Z codes, chronic disease)
}
_CONTEXTS = [FEATURES.index(context) for context in COSTS]
_PLAIN = FEATURES.index("affirmed")
Floats = NDArray[np.float32]


def discounted_logits(combiner: Combiner, features_NF: Floats) -> Floats:
    """Give logits_N of candidates; those nowhere plainly said are held down by their context."""
    logits_N = combiner.logits(features_NF)
    spoken_NC = features_NF[:, _CONTEXTS]
    rows = np.flatnonzero(spoken_NC.any(axis=1) & (features_NF[:, _PLAIN] == 0))
    plain_NF = features_NF[rows]
    plain_NF[:, _CONTEXTS], plain_NF[:, _PLAIN] = 0.0, 1.0
    costs_N = spoken_NC[rows] @ np.array(list(COSTS.values()), dtype=np.float32)
    logits_N[rows] = np.minimum(logits_N[rows], combiner.logits(plain_NF) - costs_N)
    return logits_N
