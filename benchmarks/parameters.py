"""How many parameters every row has, beside the released implementations and the papers.

    python -m benchmarks.parameters     writes docs/benchmarks/parameters.md

Models are built on torch's meta device: no memory, no numbers, seconds for the whole table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from benchmarks.report import header
from core.assembly import Model
from core.decoders import LabelAttention
from core.encoders import LSTM, Bert, Dilated
from core.errors import EvicodeError
from core.parts import Knowledge
from core.systems import SYSTEMS, System

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "parameters.md"
VOCABULARY = 51_917  # words of MIMIC-III with the papers' preprocessing, PAD and UNK included
TOP = {"icd": 50, "ccs": 38}
FULL = {"icd": 8_922, "ccs": 295}
SUBWORDS = 28_996  # of ClinicalBERT and the cased BERT-base it goes on from
POOLER = 768 * 769  # a layer of BERT over [CLS] that no row reads
LAAT_CATEGORIES = 1_168  # three-character categories ranked first; inferred from the count

Labels = Mapping[str, int]


def parameters(row: System, labels: Labels) -> int:
    """Trainable parameters of a row over `VOCABULARY` words, or `SUBWORDS` for BERT."""
    words = SUBWORDS if isinstance(row.encoder, Bert) else VOCABULARY
    with torch.device("meta"):
        known = {task: _anything(row, labels[task]) for task in row.tasks}
        model = Model(row, vocabulary_size=words, labels=labels, knowledge=known)
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def _anything(row: System, labels: int) -> Knowledge:
    """Knowledge of the right size; what is known has no parameters."""
    return Knowledge(
        texts_LW=torch.zeros(labels, row.knowledge.words if row.knowledge else 0),
        pairs_2N=torch.zeros(2, 0),
        weights_N=torch.zeros(0),
        places_LP=torch.zeros(labels, row.knowledge.hyperbolic if row.knowledge else 0),
    )


def at_full_size(row: System) -> System:
    """The row as its paper sizes it for full codes, where that differs from the top 50."""
    if isinstance(row.decoder, LabelAttention) and row.decoder.projection:
        return replace(row, encoder=LSTM(hidden=512), decoder=LabelAttention(projection=512))
    return row


@dataclass(frozen=True, kw_only=True)
class Released:
    """What was measured of a released implementation, in millions, and what of it is never read.

    `unread` counts parameters that the released code builds and no output depends on.
    """

    row: System
    top: float
    full: float | None = None
    unread: Callable[[System, Labels], int]
    why: str = "bias of the attention queries"
    categories: int = FULL["ccs"]

    def ours(self, *, with_unread: bool) -> tuple[float, float | None]:
        """Our parameters at both sizes in millions, two decimals as they were measured."""
        sizes = [(self.row, TOP)]
        if self.full is not None:
            sizes.append((at_full_size(self.row), FULL | {"ccs": self.categories}))
        counts = [
            parameters(row, labels) + (self.unread(row, labels) if with_unread else 0)
            for row, labels in sizes
        ]
        millions = [round(count / 1e6, 2) for count in counts]
        return millions[0], millions[1] if self.full is not None else None


def _nothing(row: System, labels: Labels) -> int:  # noqa: ARG001
    return 0


def _queries(row: System, labels: Labels) -> int:
    return sum(labels[task] for task in row.tasks)


def _square(row: System, labels: Labels) -> int:  # noqa: ARG001
    return row.encoder.build(1).width ** 2


def _levels(row: System, labels: Labels) -> int:
    """JointLAAT's code builds, besides: a linear layer a level, and a projection of the last."""
    width, told = row.encoder.build(1).width, row.cascade.width if row.cascade else 0
    linear = labels["ccs"] * (width + 1) + labels["icd"] * (width + told + 1)
    return width**2 + linear + labels["icd"] * told


RELEASED = {
    "cnn": Released(row=SYSTEMS["cnn"], top=5.42, full=9.86, unread=_nothing, why=""),
    "bigru": Released(row=SYSTEMS["bigru"], top=5.77, full=10.32, unread=_nothing, why=""),
    "caml_released": Released(row=SYSTEMS["caml_released"], top=5.25, full=6.15, unread=_queries),
    "dr_caml_released": Released(
        row=SYSTEMS["dr_caml_released"], top=10.49, full=11.40, unread=_queries
    ),
    "multirescnn": Released(row=SYSTEMS["multirescnn"], top=6.58, full=11.93, unread=_queries),
    "dcan": Released(row=SYSTEMS["dcan"], top=6.31, full=11.65, unread=_queries),
    "dcan, two levels": Released(
        row=replace(SYSTEMS["dcan"], encoder=Dilated(levels=2)), top=7.75, unread=_queries
    ),
    "bigru_lan_released": Released(
        row=SYSTEMS["bigru_lan_released"], top=5.98, full=16.64, unread=_queries
    ),
    "marn_released": Released(row=SYSTEMS["marn_released"], top=9.20, full=20.17, unread=_queries),
    "mt_ram_released": Released(
        row=SYSTEMS["mt_ram_released"], top=9.20, full=20.17, unread=_queries
    ),
    "laat": Released(
        row=SYSTEMS["laat"],
        top=6.36,
        full=22.99,
        unread=_square,
        why="`attention.linear`, a square of the hidden width",
    ),
    "jointlaat": Released(
        row=SYSTEMS["jointlaat"],
        top=6.59,
        full=39.23,
        unread=_levels,
        why="`attention.linear`, a linear layer for each level, a projection of the last level",
        categories=LAAT_CATEGORIES,
    ),
}


def main() -> None:
    REPORT.write_text(
        header("Parameters", "python -m benchmarks.parameters")
        + f"Trainable parameters over a vocabulary of {VOCABULARY:,} words of width 100, that is "
        f"{VOCABULARY * 100 / 1e6:.2f} M of them (BERT: {SUBWORDS:,} subwords of width 768), at "
        "50 ICD (+ 38 CCS) codes and at 8,922 (+ 295).\n\n"
        + _beside_released()
        + _published()
        + "## Every row\n\n| row | 50 (+ 38) codes | 8,922 (+ 295) codes |\n|---|---|---|\n"
        + "".join(line_of(row) for row in SYSTEMS.values())
    )


def line_of(row: System) -> str:
    """The row's line of the last table."""
    try:
        counts = parameters(row, TOP), parameters(at_full_size(row), FULL)
    except EvicodeError as error:
        return f"| `{row.name}` | {str(error).partition(';')[0]} | |\n"
    return f"| `{row.name}` | {counts[0]:,} | {counts[1]:,} |\n"


def _beside_released() -> str:
    lines = [
        "## Beside the released implementations\n\n"
        'Millions. "Ours" counts what is used; the released code also builds parameters that no '
        "output depends on, which the next column adds. The sum equals what was measured of the "
        "released code, to the last digit measured (`tests/test_parameters.py`).\n\n"
        "| row | ours | + never read there | released, measured | what is never read |\n"
        "|---|---|---|---|---|\n"
    ]
    for name, released in RELEASED.items():
        lines.append(
            f"| {name} | {_pair(*released.ours(with_unread=False))} "
            f"| {_pair(*released.ours(with_unread=True))} "
            f"| {_pair(released.top, released.full)} | {released.why} |\n"
        )
    return "".join(lines) + (
        "\nLAAT and JointLAAT have 256 units at 50 codes and 512 at full. One entry is fitted: how "
        "many three-character categories the released JointLAAT was measured with at full codes is "
        f"not recorded; {LAAT_CATEGORIES:,} (1,167 to 1,169) gives 39.23, and ours is counted with "
        "as many here. With the 295 CCS categories that our row ranks first it is smaller: see the "
        "last table.\n\n"
    )


def _published() -> str:
    caml, multi, gated = (
        parameters(SYSTEMS[name], FULL) for name in ("caml", "multirescnn", "gated_cnn_nci")
    )
    two = parameters(RELEASED["dcan, two levels"].row, TOP)
    bert = parameters(SYSTEMS["bert_hier_fcn"], TOP)
    return (
        "## Beside the published counts\n\n"
        "| system | published | ours | difference |\n|---|---|---|---|\n"
        f"| CAML | 6.2 M | {caml / 1e6:.2f} M at full codes | 0.01 M is never read, the rest "
        "rounding |\n"
        f"| MultiResCNN | 11.9 M | {multi / 1e6:.2f} M at full codes | rounding |\n"
        f"| DCAN | 8.7 M | {two / 1e6:.2f} M at 50 codes with two levels | the settings behind "
        "8.7 M are not published; those of the authors' code are ours |\n"
        f"| ClinicalBERT | 113.8 M | {bert / 1e6:.2f} M (`bert_hier_fcn` at 50 codes) | "
        f"{POOLER / 1e6:.2f} M are BERT's pooler, never read ({(bert + POOLER) / 1e6:.2f} M "
        "with it); which variant was counted is not said, the hierarchical one is the nearest |\n"
        f"| GatedCNN-NCI | 7.6 M | {gated / 1e6:.2f} M at full codes | 0.90 M are attention "
        "queries that the authors' code builds and, with descriptions, never reads; the rest, "
        "0.15 M, we cannot explain: the paper's sizes are not at hand |\n\n"
    )


def _pair(top: float | None, full: float | None) -> str:
    return f"{top:.2f}" if full is None else f"{top:.2f} / {full:.2f}"


if __name__ == "__main__":
    main()
