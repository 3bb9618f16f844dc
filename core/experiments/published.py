"""Published figures as data, in per cent, to stand beside ours.

From MARN (Sun et al. 2021), MT-RAM (Sun et al. 2021), "Does the Magic of BERT Apply to Medical Code
Assignment?" (Ji et al. 2021) and Ji's talk of 2022. All are on MIMIC-III with the CAML splits.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

Row = Mapping[str, float]  # metric -> figure; a metric that was not published is not there


@dataclass(frozen=True, kw_only=True)
class Published:
    """One table as it was printed: name in print -> figures."""

    title: str
    source: str
    metrics: tuple[str, ...]
    rows: Mapping[str, Row]

    def of(self, name: str) -> Row:
        """The figures of a row of ours, by its name or the printed one; empty if not printed."""
        return next((row for printed, row in self.rows.items() if key(printed) == key(name)), {})


def key(name: str) -> str:
    """What a printed name and a row's name have in common: `DR-CAML` and `dr_caml`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def table(title: str, *, source: str, metrics: tuple[str, ...], text: str) -> Published:
    """Read `Name 87.6 - 57.6 | Name ...`, with a dash where nothing was printed."""
    rows = {}
    for line in text.replace("\n", " ").split("|"):
        words = line.split()
        name, cells = " ".join(words[: -len(metrics)]), words[-len(metrics) :]
        pairs = zip(metrics, cells, strict=True)
        rows[name] = {metric: float(cell) for metric, cell in pairs if cell != "-"}
    return Published(title=title, source=source, metrics=metrics, rows=rows)


AUC_F1 = ("macro AUC", "micro AUC", "macro F1", "micro F1")
SHORT = (*AUC_F1, "P@5")
FULL = (*AUC_F1, "P@8", "P@15")

TOP_50 = table(
    "MIMIC-III-50, ICD",
    source="MARN and MT-RAM; BERT study for GatedCNN-NCI, CNN retrained, Attentive LSTM, C-MemNN, "
    "PubMedBERT",
    metrics=SHORT,
    text="""
    CNN 87.6 90.7 57.6 62.5 62.0 | BiGRU 82.8 86.8 48.4 54.9 59.1 | CAML 87.5 90.9 53.2 61.4 60.9 |
    DR-CAML 88.4 91.6 57.6 63.3 61.8 | MultiResCNN 89.9 92.8 60.6 67.0 64.1 |
    HyperCore 89.5 92.9 60.9 66.3 63.2 | MT-RAM 92.1 94.3 65.2 70.7 66.4 |
    LAAT 92.5 94.6 66.6 71.5 67.5 | JointLAAT 92.5 94.6 66.1 71.6 67.1 |
    Fusion 93.1 95.0 68.3 72.5 67.9 | MDBERT 91.8 93.6 65.9 69.2 65.4 |
    MARN 92.7 94.7 68.2 71.8 67.3 | GatedCNN-NCI 91.5 93.8 62.9 68.6 65.3 |
    CNN retrained 90.8 93.1 62.4 67.1 64.0 | Attentive LSTM - 90.0 - 53.2 - |
    C-MemNN 83.3 - - - 42.0 | PubMedBERT-hier + LAN 88.6 90.8 63.3 68.1 64.4
    """,
)
FULL_CODES = table(
    "MIMIC-III-full, ICD",
    source="MARN",
    metrics=FULL,
    text="""
    CNN 80.6 96.9 4.2 41.9 58.1 44.3 | BiGRU 82.2 97.1 3.8 41.7 58.5 44.5 |
    CAML 89.5 98.6 8.8 53.9 70.9 56.1 | DR-CAML 89.7 98.5 8.6 52.9 69.0 54.8 |
    MultiResCNN 91.0 98.6 8.5 55.2 73.4 58.4 | LAAT 91.9 98.8 9.9 57.5 73.8 59.1 |
    JointLAAT 92.1 98.8 10.7 57.5 73.5 59.0 | Fusion 91.5 98.7 8.3 55.4 73.6 - |
    MDBERT 92.5 98.9 10.1 55.5 72.7 57.7 | HyperCore 93.0 98.9 9.0 55.1 72.2 57.9 |
    MARN 91.3 98.8 11.6 58.4 75.4 60.2
    """,
)
CCS_50 = table(
    "MIMIC-III-50, CCS",
    source="MARN",
    metrics=SHORT,
    text="MultiResCNN 89.2 92.4 62.9 68.8 64.6 | MT-RAM 92.2 94.6 69.4 74.4 68.4 | "
    "MARN 92.8 95.0 71.2 75.0 69.0",
)
CCS_FULL = table(
    "MIMIC-III-full, CCS",
    source="MARN",
    metrics=FULL,
    text="BiGRU 91.2 96.4 50.1 68.4 81.1 64.0 | MultiResCNN 90.6 96.5 50.8 69.0 81.8 64.8 | "
    "MARN 93.9 97.4 58.6 72.2 84.3 67.2",
)
ABLATION = table(
    "MIMIC-III-50, ICD, without parts of MARN",
    source="MARN, tables 5 and 6",
    metrics=("macro F1", "micro F1", "P@5"),
    text="MARN 68.2 71.8 67.3 | w/o MTL 64.4 69.4 66.1 | w/o MTL, FL 62.4 68.1 64.7 | "
    "w/o RAM 64.8 69.9 66.5 | w/o RAM, FL 64.6 69.9 66.2 | w/o MTL, RAM, FL 59.2 67.2 65.5",
)

PARAMETERS: Row = {  # millions, MIMIC-III-full; Ji's talk
    "CAML": 6.2,
    "DCAN": 8.7,
    "MultiResCNN": 11.9,
    "ClinicalBERT": 113.8,
    "GatedCNN-NCI": 7.6,
}


def parameters_of(name: str) -> float | None:
    """The published number of parameters in millions, if there is one."""
    return next((count for printed, count in PARAMETERS.items() if key(printed) == key(name)), None)
