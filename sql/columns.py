"""How a column of ours is written: a part of the key, one that must hold a value, one that may be empty."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import REAL, Column, Double, Numeric, Text
from sqlalchemy.types import TypeEngine

Kind = TypeEngine[Any] | type[TypeEngine[Any]]
YUAN: Kind = Numeric(12, 2)
PROBABILITY: Kind = Double().with_variant(REAL, "sqlite")


def key(*names: str, kind: Kind = Text) -> Iterator[Column[Any]]:
    """Columns of the primary key."""
    return (Column(name, kind, primary_key=True) for name in names)


def must(*names: str, kind: Kind = Text) -> Iterator[Column[Any]]:
    """Columns that are never null."""
    return (Column(name, kind, nullable=False) for name in names)


def may(*names: str, kind: Kind = Text) -> Iterator[Column[Any]]:
    """Columns that may be null."""
    return (Column(name, kind, nullable=True) for name in names)
