"""A combiner before anything was decided: marked phrases speak for a code, titles a little."""

import torch

from core.fusion.candidates import FEATURES
from core.fusion.combiner import Combiner, CombinerSettings

NOTHING = 2.2  # logit where no feature speaks: see the unranked logit, -2.56 on its scale
WEIGHTS = {  # logits for each unit of a feature on its logarithmic scale (Combiner.scale)
    "marked_any": 10.5,  # a phrase marked once gives about even odds, a title one in twenty
    "title_cover": 2.0,
    "title_size": 0.8,  # long titles say more
    "logit": 2.8,  # with these two a code that only the network names keeps its probability
    "networked": -6.0,
}


def untaught() -> Combiner:
    """A combiner for a memory that starts empty, until `core.training.refit` has what to teach."""
    combiner = Combiner(len(FEATURES), CombinerSettings(members=1, hidden=1, dropout=0.0, epochs=0))
    with torch.no_grad():
        for part in combiner.parameters():
            part.zero_()
        direct = combiner.get_submodule("members.0.direct")
        direct.get_parameter("bias").fill_(NOTHING)
        for name, weight in WEIGHTS.items():
            direct.get_parameter("weight")[0, FEATURES.index(name)] = weight
    return combiner.eval()
