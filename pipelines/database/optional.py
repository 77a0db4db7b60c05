"""可选关系 — which of the relations that an agency may provide for fund risk are there."""

from sqlalchemy import Connection, Table, inspect


def provided(connection: Connection, relation: Table) -> bool:
    """Whether the database has a table or a view of that name."""
    here = inspect(connection)
    schemas = (None, "public") if connection.dialect.name == "postgresql" else (None,)
    return any(here.has_table(relation.name, schema=schema) for schema in schemas)
