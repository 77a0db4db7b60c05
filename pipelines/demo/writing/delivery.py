"""投递 — one delivery of one feed: its files, its manifest, and how many rows are what."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path
from random import Random
from typing import Any, Final

import pyarrow as pa

from expectations.feed import Feed
from pipelines.demo.dirt import Dirt, Dirty, left_out
from pipelines.demo.employers import CITY
from pipelines.demo.writing import text, workbook
from pipelines.demo.writing.dialect import Dialect
from pipelines.demo.writing.rendering import Rendering

FILE_CHUNKS: Final = 3
SMALL: Final = 200
ROWS_PER_DIRT: Final = 400
MOST_DIRT: Final = 40


@dataclass(frozen=True, slots=True)
class Counts:
    """Physical rows behind the header, and how many of them are rejects or left out by name."""

    rows: int = 0
    rejected: int = 0
    dropped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(self.rows + other.rows, self.rejected + other.rejected, self.dropped + other.dropped)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is delivered: ``rows`` in chunks, how they are written, whether a manifest says so."""

    feed: Feed
    delivered_on: date
    dialect: Dialect
    rows: Iterator[pa.Table]
    manifest: bool
    supersedes: date | None = None

    def write(self, inbox: Path, rng: Random, dirt: Dirt) -> Counts:
        """Writes the files below the inbox; a large delivery takes several."""
        folder = inbox / self.delivered_on.isoformat() / self.feed.name
        folder.mkdir(parents=True)
        files: dict[str, Counts] = {}
        while (first := next(self.rows, None)) is not None:
            name = self._name(len(files) + 1)
            chunks = chain([first], islice(self.rows, FILE_CHUNKS - 1))
            files[name] = self._file(folder / name, rng, dirt, chunks)
        if self.manifest or self.supersedes:
            self._describe(folder, files)
        return sum(files.values(), Counts())

    def _name(self, part: int) -> str:
        number = "" if part == 1 else f"_{part}"
        return f"{CITY}_{self.feed.name}_{self.delivered_on:%Y%m%d}{number}{self.dialect.suffix}"

    def _file(self, path: Path, rng: Random, dirt: Dirt, chunks: Iterator[pa.Table]) -> Counts:
        first = next(chunks)
        rendering = Rendering(self.feed, self.dialect, first.column_names, rng)
        rendered = (rendering.cells(chunk) for chunk in chain([first], chunks))
        if self.dialect.suffix in (".xlsx", ".parquet"):
            return _table(path, rendering, pa.concat_tables(list(rendered)), rng, dirt)
        return _text(path, rendering, rendered, rng, dirt)

    def _describe(self, folder: Path, files: dict[str, Counts]) -> None:
        rows = {name: counts.rows - counts.dropped for name, counts in files.items()}
        manifest: dict[str, Any] = {
            "rows": sum(rows.values()),
            "files": {name: {"rows": rows[name], "sha256": _digest(folder / name)} for name in files},
            "produced_on": self.delivered_on.isoformat(),
        }
        if self.supersedes:
            manifest["supersedes"] = self.supersedes.isoformat()
        (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), "utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _wrong(count: int, rng: Random) -> int:
    """How many rows of a file cannot be read: few enough for the delivery to count as whole."""
    return min(count // ROWS_PER_DIRT + 1, MOST_DIRT) if count >= SMALL else int(rng.random() < 0.2)


def _victims(cells: pa.Table, number: int, rng: Random) -> list[dict[str, str]]:
    """Made-up rows to spoil: cells of several people mixed, so that the row is about nobody."""
    return [
        {name: cells[name][rng.randrange(len(cells))].as_py() for name in cells.column_names}
        for _ in range(number)
    ]


def _text(path: Path, rendering: Rendering, chunks: Iterator[pa.Table], rng: Random, dirt: Dirt) -> Counts:
    first = next(chunks)
    lines = [dirt.wrong_line(victim, rendering) for victim in _victims(first, _wrong(len(first), rng), rng)]
    if len(first) >= SMALL or rng.random() < 0.2:
        lines.extend(rng.sample(list(left_out(rendering).values()), rng.randint(0, 3)))
    between = dict(zip(rng.sample(range(len(first)), len(lines)), (d.content for d in lines), strict=True))
    good = text.write(path, rendering, chain([first], chunks), between)
    return sum(map(_of, lines), Counts(good))


def _of(line: Dirty) -> Counts:
    return Counts(line.rejected + line.dropped, line.rejected, line.dropped)


def _table(path: Path, rendering: Rendering, cells: pa.Table, rng: Random, dirt: Dirt) -> Counts:
    victims = _victims(cells, _wrong(len(cells), rng), rng)
    wrong = [dirt.wrong_row(victim, rendering) for victim in victims]
    at = rng.randrange(len(cells))
    spoilt = pa.Table.from_pylist(wrong, cells.schema)
    cells = pa.concat_tables([cells.slice(0, at), spoilt, cells.slice(at)])
    if path.suffix == ".parquet":
        workbook.write_parquet(path, rendering, cells)
        return Counts(len(cells), len(wrong))
    workbook.write(path, rendering, cells)
    return Counts(len(cells) + 1, len(wrong), 1)
