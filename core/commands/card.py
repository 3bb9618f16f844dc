"""The model card: what a checkpoint was made from, how good it is, what it is not for."""

import argparse
from pathlib import Path

from core.checkpoints import Checkpoint
from core.commands.report import HEADS, rows

CREDITS = {
    "codiesp": (
        "CodiEsp v4 (CC BY 4.0): A. Miranda-Escalada, A. Gonzalez-Agirre, J. Armengol-Estapé, "
        "M. Krallinger. *Overview of automatic clinical coding: annotations, guidelines, and "
        "solutions for non-English clinical cases at CodiEsp track of CLEF eHealth 2020.* CLEF "
        "2020. The English texts are machine translations."
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
coder who decides every code. It ranks {sizes} codes; any other code has to be added by hand.

## What it is not for

Coding without a coder, billing, statistics, diagnosis or treatment. Its figures are modest on
purpose: it learnt from {metrics["train_notes"]} notes alone, without the evidence their coders
marked. Learning from evidence, phrases and code titles is the next step. Probabilities are scaled
(Platt) on the notes below, two numbers a task; how well they hold elsewhere is not measured yet.

## Data

{_credits(options)}

Label space: codes that at least {options.min_count} training notes carry (with both languages, a
case is two notes). The second task ranks CCS/CCSR categories; for ICD-10-CM that is the first CCSR
category HCUP lists for a code, not its default one. Vocabulary: words in at least 3 texts;
{len(checkpoint.vocabulary):,} words. Unknown words are read as `{checkpoint.fallback}`.

## Figures

Measured on {metrics["measured_on"]} ({metrics["notes"]} notes, language "{options.language}"),
which also chose the epoch ({metrics["best_epoch"]}) and the thresholds. "All gold" counts codes
outside the label space as missed.

{_table(checkpoint)}

Thresholds: {", ".join(f"{task} {value:.3f}" for task, value in checkpoint.thresholds.items())}.

## Settings

```json
{row.to_json()}
```

Seed {options.seed}; at most {checkpoint.max_length:,} words of a note are read, the rest is
reported as unread.

## Make it again

```sh
{_command(options)}
```
"""


def _table(checkpoint: Checkpoint) -> str:
    lines = [f"| task | counted | {' | '.join(HEADS)} |", "|---" * (len(HEADS) + 2) + "|"]
    for name, counted, values in rows(checkpoint.metrics["figures"]):
        cells = " | ".join("-" if value is None else f"{value:.3f}" for value in values)
        lines.append(f"| {name} | {counted} | {cells} |")
    return "\n".join(lines)


def _credits(options: argparse.Namespace) -> str:
    used = [text for name, text in CREDITS.items() if name == options.corpus]
    used += [
        text for name, text in CREDITS.items() if any(name in path.name for path in options.text)
    ]
    return "\n".join(f"- {text}" for text in used) or f"- The notes of `{options.dir.name}`."


def _command(options: argparse.Namespace) -> str:
    """The command with the user's own folders as DIR and TEXT."""
    parts = [f"python -m core train {options.row} --corpus {options.corpus} --dir DIR"]
    parts += [f"--text {_relative(path)}" for path in options.text]
    for name in ("language", "min_count", "epochs", "seed", "fallback", "vector_epochs"):
        parts.append(f"--{name.replace('_', '-')} {getattr(options, name)}")
    for name in ("hidden", "batch_size", "learning_rate", "max_length", "patience", "dropout"):
        value = getattr(options, name)
        if value is not None:
            parts.append(f"--{name.replace('_', '-')} {value}")
    parts.append(f"--out checkpoints/{options.out.resolve().name}")
    return " \\\n    ".join(parts)


def _relative(path: Path) -> str:
    return f"TEXT/{path.name}"
