"""A combiner before anything was decided: marked phrases speak for a code, titles a little."""

import torch

from core.fusion.candidates import FEATURES
from core.fusion.combiner import Combiner, CombinerSettings

RARELY = -1.5  # logit of a code that nothing speaks for, with the network unsure
WEIGHTS = {  # logits for each unit of a feature on its logarithmic scale (Combiner.scale)
    "marked_any": 8.5,  # 0.4, a phrase marked once, gives even odds
    "title_cover": 2.0,
    "title_size": 0.8,  # long titles say more
    "logit": 1.0,
}


def untaught() -> Combiner:
    """A combiner for a memory that starts empty, until `core.training.refit` has what to teach."""
    combiner = Combiner(len(FEATURES), CombinerSettings(members=1, hidden=1, dropout=0.0, epochs=0))
    with torch.no_grad():
        for part in combiner.parameters():
            part.zero_()
        direct = combiner.get_submodule("members.0.direct")
        direct.get_parameter("bias").fill_(RARELY)
        for name, weight in WEIGHTS.items():
            direct.get_parameter("weight")[0, FEATURES.index(name)] = weight
    return combiner.eval()
