"""An older library's tables -> this program's: numbered steps, as code.

A step is a module with `upgrade(op)`, written with alembic's operations, and one line in `STEPS`.
All that it has to know of tables stands in it: `schema` goes on changing. Steps that have been
released are never changed.
"""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import Connection, text

STEPS = {  # the schema that a step leads to -> its module
    2: "v2_attributes",
    3: "v3_parts",
    4: "v4_words",
    5: "v5_products",
}


def upgrade(connection: Connection, version: int) -> None:
    """From `version` to the last one, inside the caller's transaction."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    operations = Operations(MigrationContext.configure(connection))
    for number in range(version + 1, max(STEPS) + 1):
        import_module(f".{STEPS[number]}", __package__).upgrade(operations)
    connection.execute(text("UPDATE library SET version = :version"), {"version": max(STEPS)})
