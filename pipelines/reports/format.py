"""清单格式 — the columns a list was made with, kept with its export so that any copy can be read for ever."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pipelines.reports.cells import Kind
from pipelines.reports.workbook import Column

ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Format:
    """``locked``: the kind of each locked column by its heading, in the order in which a seal runs through
    them; the first tells the rows apart. ``answers``: the headings of the columns that people fill in.
    """

    locked: Mapping[str, Kind]
    answers: tuple[str, ...]

    @property
    def key(self) -> str:
        """The heading under which a row's candidate stands."""
        return next(iter(self.locked))

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading, in the order of the sheet."""
        return (*self.locked, *self.answers)

    @property
    def text(self) -> str:
        """As it is kept: ``[heading, kind]`` of each column, the kind ``answer`` where people fill it in."""
        columns = [*self.locked.items(), *((heading, ANSWER) for heading in self.answers)]
        return json.dumps(columns, ensure_ascii=False)


def of_columns(locked: Sequence[Column], answers: Sequence[Column]) -> Format:
    """The format of a sheet with these columns."""
    return Format({c.heading: c.kind for c in locked}, tuple(c.heading for c in answers))


def of_text(kept: str) -> Format:
    """The format that was kept as ``kept``."""
    columns: list[tuple[str, str]] = json.loads(kept)
    locked = {heading: cast(Kind, kind) for heading, kind in columns if kind != ANSWER}
    return Format(locked, tuple(heading for heading, kind in columns if kind == ANSWER))
