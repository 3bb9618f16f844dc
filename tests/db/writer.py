"""A process that appends decisions and says so after each commit; tests kill it or run several.

python writer.py DATABASE NOTE_ID CODER COUNT
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

import db
from core.types import Code, CodeSystem
from db import decisions
from db.records import Action, Draft


def main(database: str, note_id: int, coder: str, count: int) -> None:
    engine = db.connect(database)
    for number in range(count):
        draft = Draft(
            note_id=note_id,
            code=Code(CodeSystem.ICD10CM, f"{coder}{number}".upper()),
            title="a title",
            action=Action.ADD,
            coder=coder,
            token=str(uuid4()),
        )
        with db.unit_of_work(engine) as session:
            made = decisions.append(session, draft, seen=0, at=datetime.now(UTC))
        sys.stdout.write(f"{made.sequence} {made.token}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
