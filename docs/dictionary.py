"""The data dictionary: every table of ours and of the agency, its columns, keys and what leads where."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Column, Table

from matchers.schemas import schemas
from sql.desk_tables import DESK
from sql.tables import AGENCY, OURS, UPKEEP

Row = tuple[str, ...]


def tables() -> list[Table]:
    """Every table, the agency's first."""
    return [table for metadata in (AGENCY, OURS, UPKEEP, DESK) for table in metadata.tables.values()]


def sections(meant: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str, list[Row]]]:
    """By table its heading, what it holds, and one row for each column: name, word, kind, rule."""
    words = _words()
    for table in tables():
        chinese, meaning = meant[table.name]
        columns = [(f"`{c.name}`", words.get(c.name, ""), _kind(c), _rule(c)) for c in table.columns]
        yield f"{table.name} {chinese}", meaning, columns


def anchor(heading: str) -> str:
    """Where a link to a heading of the page leads."""
    return heading.lower().replace(" ", "-")


def _words() -> dict[str, str]:
    """What columns of the same name mean in the frames of a night, the first that says so."""
    words: dict[str, str] = {}
    for schema in schemas().values():
        for column in schema.columns:
            words.setdefault(column.name, column.meaning)
    return words


def _kind(column: Column[object]) -> str:
    return str(column.type).lower()


def _rule(column: Column[object]) -> str:
    rules = ["主键"] if column.primary_key else [] if column.nullable else ["必填"]
    for foreign in column.foreign_keys:
        target = foreign.column
        rules.append(f"指向 {target.table.name}.{target.name}")
    return "，".join(rules)
