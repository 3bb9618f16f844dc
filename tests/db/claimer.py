"""A process that claims charts one after another and says which it got; tests run several.

python claimer.py DATABASE NOTES CODER
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import db
from core.errors import Conflict
from db import worklist
from db.workflow_records import Work


def main(database: str, notes: int, coder: str) -> None:
    engine = db.connect(database)
    for note_id in range(1, notes + 1):
        try:
            with db.unit_of_work(engine) as session:
                worklist.claim(session, Work(note_id=note_id), coder=coder, at=datetime.now(UTC))
        except Conflict:
            continue
        sys.stdout.write(f"{note_id}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
