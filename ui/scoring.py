"""Suggestions for the notes in the database, as the app would show them now, in a file.

python -m ui.scoring --out suggestions.jsonl|.parquet [--open-only] [--checkpoint C] [--top K]
                     [--evidence default|none|METHOD] [--coverage SHARE] [--workers N] [--ray]
                     [--database FILE]

The model is the one in use, unless a checkpoint is named. The notes, and the decisions and edits
that memory learns from, are copied out of one snapshot into a private folder beside the output;
workers read them there, and nothing is written to the database. A command that was stopped goes on
from its copy, with the same model, when it is repeated, whatever was decided since. The copy is
deleted when the output is whole.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from sqlalchemy import Engine

from core.__main__ import add_scoring
from core.commands.suggest import STOPPED, watched
from core.errors import BadCheckpoint, BadSettings, EvicodeError
from core.scoring import Hands, Job, Served
from core.scoring.job import PRIVATE, alone
from core.scoring.learned import write_lessons
from db import connect, inbox, lessons, migrate, models, phrases, unit_of_work
from ui.services.model_folders import folder_of, hash_of, models_folder

NOTES, LESSONS, ASKED = "notes.jsonl", "lessons.jsonl", "asked.json"


def main(arguments: list[str] | None = None) -> int:
    """Score what is asked for; 0 if it worked, 2 with a message if not, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        engine = connect(options.database, create=False)
        try:
            migrate(engine)
            done = score_notes(
                engine,
                options.out,
                Hands(workers=options.workers, ray=options.ray),
                open_only=options.open_only,
                **_settings(options),
            )
        finally:
            engine.dispose()
    except (EvicodeError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    if done is None:
        return STOPPED
    refused = f", {len(done.refused)} refused" if done.refused else ""
    sys.stderr.write(f"{done.served} notes served{refused}; wrote {options.out}\n")
    return 0


def score_notes(
    engine: Engine,
    out: Path,
    hands: Hands,
    *,
    open_only: bool = False,
    **settings: object,
) -> Served | None:
    """Write suggestions for every note, or for those of charts that are not done; None: stopped.

    settings: as for `core.scoring.Job`. Raises what `core.scoring.score` raises; BadSettings also
    if a copy beside the output was made for something else.
    """
    folder = out.with_name(f".{out.name}.notes")
    chosen: dict[str, object] = {"source": folder / NOTES, "lessons": folder / LESSONS}
    job = Job(out=out, **chosen, **settings)  # type: ignore[arg-type]  # options of a command line
    job.check()
    with alone(folder):
        in_use = _copy(engine, folder, open_only=open_only)
        if job.checkpoint is None and in_use is not None:
            job = replace(job, checkpoint=_checkpoint(engine, in_use))
        done = watched(job, hands)
        if done is not None:
            shutil.rmtree(folder)
    return done


def _copy(engine: Engine, folder: Path, *, open_only: bool) -> str | None:
    """Copy what is there now, unless a copy for this very thing is; the model in use then (hash).

    None: the shipped checkpoint was in use.
    """
    asked = {"of": engine.url.render_as_string(), "open_only": open_only}
    kept = folder / ASKED
    if kept.exists():
        found = json.loads(kept.read_text(encoding="utf-8"))
        in_use: str | None = found.pop("in_use", None)
        if found != asked:
            raise BadSettings(
                f"{folder} holds notes of another database, or others of this one; repeat that "
                "command, or delete the folder"
            )
        return in_use
    folder.mkdir(mode=PRIVATE, exist_ok=True)
    with unit_of_work(engine, write=False) as session:  # one snapshot
        with _private(folder / NOTES) as file:
            for name, text in inbox.texts(session, open_only=open_only):
                file.write(json.dumps({"id": name, "text": text}) + "\n")
        with _private(folder / LESSONS) as file:
            decided = ((each.note, each.rejected) for each in lessons.every(session))
            write_lessons(file, decided, phrases.edits(session))
        in_use = models.in_use(session)
    with _private(kept) as file:  # last: only a whole copy has it
        json.dump(asked | {"in_use": in_use}, file)
    return in_use


def _checkpoint(engine: Engine, hash: str) -> Path:
    """The folder of a model. BadCheckpoint if it is gone, or holds another model."""
    with unit_of_work(engine, write=False) as session:
        model = models.find(session, hash)
    if model is None:
        raise BadCheckpoint(f"no model {hash[:12]} is registered here")
    folder = folder_of(model.folder, within=models_folder())
    if hash_of(folder) != hash:
        raise BadCheckpoint(
            f"{model.name!r} is not the model that was registered; restore its folder, or name a "
            "checkpoint with --checkpoint"
        )
    return folder


@contextmanager
def _private(path: Path) -> Iterator[TextIO]:
    """A file that nobody else may read, under its name when it is whole."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _settings(options: argparse.Namespace) -> dict[str, object]:
    names = ("checkpoint", "top", "evidence", "coverage", "device")
    return {name: getattr(options, name) for name in names}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ui.scoring", description="Suggestions for the notes in the database."
    )
    add_scoring(parser)
    add = parser.add_argument
    add("--open-only", action="store_true", help="only notes whose charts are not done")
    add("--database", help="path or URL (default: EVICODE_DATABASE, then data/evicode.sqlite)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
