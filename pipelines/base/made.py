"""依据与所成 — what a step of a night rested on and the files it left, so that nothing is worked out twice.

A record counts only while exactly the files that it lists lie there, to the last byte: whatever else happened
to them, the step does its work again.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines.base.sources import sources
from pipelines.base.store import Store

LIBRARIES = (
    "duckdb",
    "numpy",
    "pandas",
    "pyarrow",
    "rapidfuzz",
    "recordlinkage",
    "SQLAlchemy",
    "XlsxWriter",
    "Jinja2",
)


@dataclass(frozen=True, slots=True)
class Made:
    """What a step left: a digest of its ``grounds``, the SHA-256 of each file by name, and its ``outcome``,
    plain values as JSON keeps them.
    """

    grounds: str
    files: Mapping[str, str]
    outcome: Mapping[str, Any]

    @classmethod
    def of(cls, grounds: str, folder: Path, patterns: Sequence[str], outcome: Mapping[str, Any]) -> "Made":
        """The record of a step that has just left the files of ``folder`` that match the patterns."""
        return cls(grounds, digests(folder, patterns), outcome)

    def keep(self, note: Path) -> None:
        """Write the record, whole or not at all."""
        with Store.replacing(note) as unfinished:
            unfinished.write_text(json.dumps(asdict(self), ensure_ascii=False, sort_keys=True), "utf-8")

    def stands(self, folder: Path, patterns: Sequence[str]) -> bool:
        """Whether the files of ``folder`` that match the patterns are what the step left, and no other."""
        return self.files == digests(folder, patterns)

    def copy(self, source: Path, target: Path, patterns: Sequence[str]) -> None:
        """Lay the files in ``source`` into ``target`` too; what matches the patterns there and is not among
        them goes.
        """
        for name in _matching(target, patterns) - self.files.keys():
            (target / name).unlink()
        for name in self.files:
            with Store.replacing(target / name) as unfinished:
                shutil.copyfile(source / name, unfinished)


def read(note: Path) -> Made | None:
    """The record in a file; None where there is none, or one of another shape than this version writes."""
    try:
        return Made(**json.loads(note.read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def newest(store: Path, note: str, as_of: date) -> Iterator[tuple[date, Made]]:
    """What the last two nights up to this one have on record under the name ``note``, the newest first."""
    notes = [path for path in store.glob(f"nights/*/{note}") if path.parent.name <= as_of.isoformat()]
    for path in sorted(notes, reverse=True)[:2]:
        if record := read(path):
            yield date.fromisoformat(path.parent.name), record


def digest(parts: Iterable[str]) -> str:
    """One digest of several texts, of which none can pass for two."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part.encode()).digest())
    return whole.hexdigest()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file; empty where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def digests(folder: Path, patterns: Sequence[str]) -> dict[str, str]:
    """The SHA-256 of each file of ``folder`` that matches one of the patterns, by its name."""
    return {name: file_digest(folder / name) for name in sorted(_matching(folder, patterns))}


@cache
def product() -> str:
    """A digest of all that works on a night beside its data: every file of ours, and the libraries' versions.

    A correction of one line makes every night one that has not been worked out yet.
    """
    versions = [f"{name} {version(name)}" for name in LIBRARIES]
    parts = [f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in sources()]
    return digest([*versions, *sorted(parts)])


def _matching(folder: Path, patterns: Sequence[str]) -> set[str]:
    return {str(path.relative_to(folder)) for pattern in patterns for path in folder.glob(pattern)}
