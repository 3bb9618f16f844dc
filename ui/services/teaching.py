"""What there is to learn from, counted without reading the text of a note; and what learns it."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from core.corpora import held_out
from core.errors import BadCheckpoint
from core.types import Code, CodeSystem
from db import lessons, models
from db.kinds import Filter
from db.models import StoredModel
from db.records import Action


@dataclass(frozen=True, kw_only=True)
class Material:
    """Decisions that stand, on notes that are learned from and on those held out."""

    notes: int
    accepted: int
    added: int
    rejected: int
    held_out: int  # notes that are kept to compare models on
    newer: int  # of the decisions, those made since the last run that is done
    new: tuple[tuple[Code, int], ...]  # codes that would be learned, and in how many notes they are
    rare: int  # new codes that too few notes have
    start: str | None  # the name of the model that learns it; None: the one Evicode came with

    @property
    def decisions(self) -> int:
        return self.accepted + self.added + self.rejected


def untaught(session: Session, checkpoint: str | None) -> StoredModel | None:
    """The first of a model and those it came from that learned no feedback; None: the shipped one.

    A run learns all feedback anyway. What already learned some of it would be asked about notes it
    has seen where the combiner is to learn how far the network can be trusted on new ones.
    """
    found = None if checkpoint is None else models.find(session, checkpoint)
    while found is not None and "feedback" in found.lineage:
        found = None if found.parent is None else models.find(session, found.parent)
    return found


def material(
    session: Session,
    *,
    where: Filter,
    min_count: int,
    start: StoredModel | None,
    checkpoint: Path,
    after: datetime | None,
) -> Material:
    """Count what `where` asks for. checkpoint: its codes are not new; after: from when is newer."""
    actions: Counter[Action] = Counter()
    notes, kept, newer = set(), set(), 0
    given: defaultdict[Code, set[str]] = defaultdict(set)
    for name, code, action, at in lessons.decided_codes(session, where=where):
        if held_out(name):
            kept.add(name)
            continue
        notes.add(name)
        actions[action] += 1
        newer += after is None or at > after
        if action is not Action.REJECT:
            given[code].add(name)
    known = _codes_of(checkpoint)
    strange = {code: len(found) for code, found in given.items() if code not in known}
    enough = [(code, count) for code, count in strange.items() if count >= min_count]
    return Material(
        notes=len(notes),
        accepted=actions[Action.ACCEPT],
        added=actions[Action.ADD],
        rejected=actions[Action.REJECT],
        held_out=len(kept),
        newer=newer,
        new=tuple(sorted(enough, key=lambda each: (-each[1], each[0]))),
        rare=len(strange) - len(enough),
        start=None if start is None else start.name,
    )


def _codes_of(checkpoint: Path) -> frozenset[Code]:
    """The codes the checkpoint ranks, without loading it."""
    try:
        listed = json.loads((checkpoint / "labels.json").read_text("utf-8")).get("icd", [])
    except (OSError, ValueError) as error:
        raise BadCheckpoint(
            f"the codes of checkpoint {checkpoint.name} cannot be read; restore its folder"
        ) from error
    return frozenset(Code(CodeSystem.parse(system), code) for system, code in listed)
