"""运行前检查 — whether the benefit database lets a run do all it must, asked before anything is written."""

from sqlalchemy import Connection, Engine, Table, false, insert, select, update

from sql.tables import ADDED_TO, AGENCY, OURS


def require_ready(engine: Engine) -> None:
    """Nothing, where the four relations can be read and our tables written, each with all its columns.

    Asked by statements that concern no row, so nothing is changed; SQLAlchemy's error where a table, a column
    or a right is missing or the database is read-only.
    """
    with engine.execution_options(writes=True).connect() as connection:
        for relation in AGENCY.sorted_tables:
            connection.execute(select(relation).where(false()))
        for table in OURS.sorted_tables:
            _require_writable(connection, table)


def _require_writable(connection: Connection, table: Table) -> None:
    nothing = select(table).where(false())
    connection.execute(insert(table).from_select(table.columns.keys(), nothing))
    if table.name not in ADDED_TO:
        same = {column.name: column for column in table.columns}
        connection.execute(update(table).where(false()).values(same))
