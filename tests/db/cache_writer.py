"""A process that keeps computed evidence and names each method it was the first to keep.

python cache_writer.py DATABASE NOTE_ID COUNT
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import db
from db import computed
from db.records import Computed, EvidenceKey
from tests.db.test_db_computed import FOUND, PRESSURE


def main(database: str, note_id: int, count: int) -> None:
    engine = db.connect(database)
    for number in range(count):
        key = EvidenceKey(
            note_id=note_id, code=PRESSURE, method=f"m{number}", checkpoint_hash="c0ffee"
        )
        with db.unit_of_work(engine) as session:
            kept = computed.keep(session, key, Computed(explanation=FOUND, at=datetime.now(UTC)))
        if kept:
            sys.stdout.write(f"m{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
