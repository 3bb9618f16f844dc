"""Pairs of codes that are two conditions, whatever an Excludes1 note says: a fourth kind of detail.

SQLite cannot change a CHECK in place, so there the table is written anew, with its index and
triggers as they were.
"""

import sqlalchemy as sa
from alembic import op

from core.errors import BadInput

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OLD = "field IN ('order', 'poa', 'comment')"
NEW = "field IN ('order', 'poa', 'comment', 'unrelated')"


def upgrade() -> None:
    _check(OLD, NEW)


def downgrade() -> None:
    """BadInput where such a pair is on record: the older schema has no place for it."""
    held = sa.text("SELECT count(*) FROM details WHERE field = 'unrelated'")
    if op.get_bind().execute(held).scalar():
        raise BadInput(
            "details holds pairs of unrelated codes, which the older schema cannot hold; "
            "restore a backup instead of going back"
        )
    _check(NEW, OLD)


def _check(before: str, after: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _write_anew(before, after)
        return
    op.drop_constraint(op.f("ck_details_field"), "details", type_="check")
    op.create_check_constraint(op.f("ck_details_field"), "details", after)


def _write_anew(before: str, after: str) -> None:
    of_table = sa.text(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'details' AND sql IS NOT NULL"
    )
    made = list(op.get_bind().execute(of_table))
    (table,) = (sql for kind, sql in made if kind == "table")
    op.execute("ALTER TABLE details RENAME TO details_before")
    op.execute(table.replace(before, after))
    op.execute("INSERT INTO details SELECT * FROM details_before ORDER BY id")
    op.execute("DROP TABLE details_before")  # takes its index and triggers along
    for kind, sql in made:
        if kind != "table":
            op.execute(sql)
