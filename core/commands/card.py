"""The model card: what a checkpoint was made from, how good it is, what it is not for."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.checkpoints import Checkpoint
from core.commands.report import HEADS, rows
from core.corpora import labels_of

CREDITS = {
    "codiesp": (
        "CodiEsp v4 (CC BY 4.0): A. Miranda-Escalada, A. Gonzalez-Agirre, J. Armengol-Estapé, "
        "M. Krallinger. *Overview of automatic clinical coding: annotations, guidelines, and "
        "solutions for non-English clinical cases at CodiEsp track of CLEF eHealth 2020.* CLEF "
        "2020. The English texts are machine translations."
    ),
    "abbreviations": (
        "Abbreviations of Vanderbilt discharge summaries and clinic notes (CC BY 4.0), from "
        "github.com/lisavirginia/clinical-abbreviations."
    ),
    "mtsamples": "MTSamples (CC0), transcribed sample reports from mtsamples.com.",
}


def model_card(checkpoint: Checkpoint, options: argparse.Namespace) -> str:
    """The card in Markdown, every figure from this run."""
    row, metrics = checkpoint.system, checkpoint.metrics
    sizes = ", ".join(f"{len(space)} {task}" for task, space in checkpoint.spaces.items())
    return f"""# {checkpoint.name}

Row `{row.name}` ({row.source}), trained with Evicode on {options.corpus}.

## What it is for

Suggesting ICD codes and their CCS/CCSR categories, with evidence in the note, to a trained clinical
coder who decides every code. The network ranks {sizes} codes{_reach(checkpoint)}.

## What it is not for

Coding without a coder, billing, statistics, diagnosis or treatment. It learnt from
{_learned(metrics)} notes of one corpus; its probabilities and lists hold for notes like these.

## Data

{_credits(options)}

Label space: {_label_space(options)}. The second task ranks CCS/CCSR categories; for ICD-10-CM
that is the first CCSR category HCUP lists for a code, not its default one. {_words(checkpoint)}

{_fused(checkpoint)}## Figures of the network alone

Measured on {metrics["measured_on"]} ({metrics["notes"]} notes, language
"{options.language}"){_chosen(checkpoint)}.
"All gold" counts codes outside the label space as missed.

{_table(checkpoint)}

Thresholds: {", ".join(f"{task} {value:.3f}" for task, value in checkpoint.thresholds.items())}.
{_shown(checkpoint)}
## Settings

```json
{row.to_json()}
```

Seed {options.seed}; at most {checkpoint.max_length:,} tokens of a note are read, the rest is
reported as unread.

## Make it again

```sh
{_command(options)}
```
"""


def _label_space(options: argparse.Namespace) -> str:
    if labels := labels_of(options.corpus, options.dir):
        return f"the {len(labels):,} codes that the corpus lists"
    return (
        f"codes that at least {options.min_count} training notes carry (with both languages, a\n"
        "case is two notes)"
    )


def _learned(metrics: Mapping[str, Any]) -> int:  # Any: plain JSON
    """Notes that the weights learned from, a case in two languages counted twice."""
    dev = metrics["notes"] if "with_dev" in metrics else 0
    return int(metrics["train_notes"]) + int(dev)


def _words(checkpoint: Checkpoint) -> str:
    pretrained, known = checkpoint.metrics.get("pretrained"), f"{len(checkpoint.vocabulary):,}"
    if pretrained:
        return (
            f"Words are spelled with the {known} subwords of the\npretrained model it started "
            f"from, `{pretrained['name']}` (weights {pretrained['sha256'][:12]}); its licence "
            "holds too."
        )
    return (
        f"Vocabulary: words in at least 3 texts;\n{known} words. "
        f"Unknown words are read as `{checkpoint.fallback}`."
    )


def _reach(checkpoint: Checkpoint) -> str:
    if checkpoint.fusion is None:
        return "; any other code has to be added by hand"
    return ";\nphrase memory adds every code of ICD-10-CM by its titles and inclusion terms"


def _chosen(checkpoint: Checkpoint) -> str:
    if checkpoint.fusion is not None:
        return ", which chose nothing: epochs are fixed, and the rest is cross-validated in train"
    epoch = checkpoint.metrics["best_epoch"]
    return f", which also chose the epoch ({epoch}) and the thresholds"


def _fused(checkpoint: Checkpoint) -> str:
    """The figures a coder sees: network and memory in one list."""
    fused, trusted = checkpoint.metrics.get("fused"), checkpoint.metrics.get("cross_validated")
    if not trusted:
        return ""
    lines = ["## Figures of the fused list\n"]
    if fused:
        lines.append(
            f"Measured on dev, all gold codes counted, cut at 0.5:\n\n{_by_language(fused)}\n"
        )
    if "with_dev" in checkpoint.metrics:
        lines.append(
            "After that, network, memory and combiner learned from dev too, with nothing changed;\n"
            "the shipped weights are those.\n"
        )
    error, reach = trusted["calibration_error"], trusted["reach"]
    lines.append(
        f"Cross-validated inside train: expected calibration error {error:.4f} (all candidates); "
        f"{reach:.1%} of a note's codes are candidates. Mean length of the list expected to hold a "
        f"share of a note's codes: {_lengths(trusted)}.\n"
    )
    return "\n".join(lines) + "\n"


def _shown(checkpoint: Checkpoint) -> str:
    """From which score on words are shown as evidence."""
    found = ", ".join(f"{method} {share:.2f}" for method, share in checkpoint.shown_from.items())
    if not found:
        return ""
    told = "Words are shown as evidence from these shares of the strongest word's score, tuned on"
    return f"{told}\ndev: {found}.\n"


def _by_language(fused: Mapping[str, Any]) -> str:  # Any: plain JSON
    lines = ["| language | | MAP | precision | recall | F1 |", "|---" * 6 + "|"]
    for language, parts in fused.items():
        for name, found in parts.items():
            if isinstance(found, dict):
                ranked = f"{found['MAP']:.3f}" if "MAP" in found else "-"
                cells = " | ".join(f"{found[key]:.3f}" for key in ("precision", "recall", "f1"))
                lines.append(f"| {language} | {name} | {ranked} | {cells} |")
    return "\n".join(lines)


def _lengths(trusted: Mapping[str, Any]) -> str:  # Any: plain JSON
    lengths = trusted["coverage_lengths"].items()
    return (
        ", ".join(f"{float(share):.0%} {length:.0f} codes" for share, length in lengths) or "none"
    )


def _table(checkpoint: Checkpoint) -> str:
    lines = [f"| task | counted | {' | '.join(HEADS)} |", "|---" * (len(HEADS) + 2) + "|"]
    for name, counted, values in rows(checkpoint.metrics["figures"]):
        cells = " | ".join("-" if value is None else f"{value:.3f}" for value in values)
        lines.append(f"| {name} | {counted} | {cells} |")
    return "\n".join(lines)


def _credits(options: argparse.Namespace) -> str:
    used = [text for name, text in CREDITS.items() if name == options.corpus]
    used += [
        text
        for name, text in CREDITS.items()
        if any(name in path.name for path in (*options.text, options.abbreviations) if path)
    ]
    return "\n".join(f"- {text}" for text in used) or f"- The notes of `{options.dir.name}`."


def _command(options: argparse.Namespace) -> str:
    """The command with the user's own folders as DIR and TEXT."""
    parts = [f"python -m core train {options.row} --corpus {options.corpus} --dir DIR"]
    parts += ["--bert BERT"] if options.bert else []
    parts += [f"--text {_relative(path)}" for path in options.text]
    for name in ("language", "min_count", "epochs", "seed", "fallback", "vector_epochs"):
        parts.append(f"--{name.replace('_', '-')} {getattr(options, name)}")
    for name in ("hidden", "batch_size", "learning_rate", "max_length", "patience", "dropout"):
        value = getattr(options, name)
        if value is not None:
            parts.append(f"--{name.replace('_', '-')} {value}")
    if options.abbreviations:
        parts.append(f"--abbreviations {_relative(options.abbreviations)}")
    if options.knowledge:
        parts.append(f"--knowledge {_relative(options.knowledge)}")
    if options.with_dev:
        parts.append("--with-dev")
    parts.append(f"--out checkpoints/{options.out.resolve().name}")
    return " \\\n    ".join(parts)


def _relative(path: Path) -> str:
    return f"TEXT/{path.name}"
