"""What Evicode remembers: notes, what coders were shown, what they decided. For services only.

    engine = db.connect()          # EVICODE_DATABASE, or data/evicode.sqlite in the project
    db.migrate(engine)             # once, on start
    with db.unit_of_work(engine) as session:
        decisions.append(session, draft, seen=7, at=now)

Repositories (`db.notes`, `db.screens`, `db.decisions`, `db.charts`, `db.inbox`, `db.computed`) take
a session and never commit; they return frozen records (`db.records`), never ORM rows.
"""

from db.engine import connect, unit_of_work
from db.schema import migrate

__all__ = ["connect", "migrate", "unit_of_work"]
