"""A benefit database in the layout of a LEMIS core instead of the reference schema."""

from pathlib import Path

from sqlalchemy import Engine

import sql
from sql.migrations import statements

LAYOUT = Path(__file__).with_suffix(".sql")


def move_to_lemis(engine: Engine) -> None:
    """Turns the agency's four tables and what is in them into LEMIS tables with our views over them."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL search_path TO public")
        for statement in statements(LAYOUT.read_text("utf-8")):
            connection.execute(statement)
    sql.create_agency(engine, views_over="lemis")
