"""分块 — the residues of a night against its recipients, a block of rows at a time, by whoever shares them.

The recipients, and how common each value is in a whole feed, lie in files beside the blocks: a worker reads
them once, and a block gives to the last bit what its rows give within the whole residue.
"""

import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from matchers.schemas import PersonNames, Residue
from pipelines.base.workers import Workers

if TYPE_CHECKING:
    from matchers.linkage import Linkage, Links, Model

ROWS = 100_000  # of a block
FEW = 1_000_000  # rows below which a worker takes longer to begin than they take


@dataclass(frozen=True, slots=True)
class People:
    """Whom rows are compared with: ``recipients`` as of a ``Linkage``, ``former`` their earlier names."""

    recipients: PersonNames
    former: PersonNames

    def linkage(self) -> "Linkage":
        """The people made ready for comparison."""
        from matchers.linkage import Linkage

        return Linkage(self.recipients, self.former)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one feed: the files of the people, of what holds for the whole feed, and of the rows."""

    people: Path
    whole: Path
    rows: Path
    feed: str


def linked(
    workers: Workers,
    folder: Path,
    people: People,
    linkage: "Linkage",
    residues: Mapping[str, Residue],
    model: "Model",
) -> dict[str, "Links"]:
    """Links and questions by feed, of ``linkage`` with ``people``; ``folder`` is empty, and on every node."""
    if workers.shares == 1 or sum(map(len, residues.values())) < FEW:
        return {feed: linkage.link(residue, model, feed) for feed, residue in residues.items()}
    whom = _kept(folder / "people", people)
    blocks: list[Block] = []
    for feed, residue in residues.items():
        whole = _kept(folder / feed, (model, linkage.terms(residue)))
        blocks += (Block(whom, whole, rows, feed) for rows in _cut(folder, feed, residue))
    done = workers.run(link_block, blocks)
    by_feed = {feed: [d for b, d in zip(blocks, done, strict=True) if b.feed == feed] for feed in residues}
    return {feed: _joined(parts) for feed, parts in by_feed.items()}


def link_block(block: Block) -> "Links":
    """The links and questions of one block."""
    model, terms = _read(block.whole)
    rows = pickle.loads(block.rows.read_bytes())
    return _linkage(block.people).link(rows, model, block.feed, terms=terms)


def _cut(folder: Path, feed: str, residue: Residue) -> Iterator[Path]:
    """The rows in files of ``ROWS`` each; an empty residue is one block."""
    for start in range(0, max(len(residue), 1), ROWS):
        rows = residue.take(np.arange(start, min(start + ROWS, len(residue))))
        yield _kept(folder / f"{feed}-{start}", rows)


def _joined(parts: "Sequence[Links]") -> "Links":
    from matchers.linkage.index import Oversized
    from matchers.linkage.linking import Links

    sizes = [part.oversized for part in parts]
    return Links(
        _together([part.links for part in parts]),
        _together([part.questions for part in parts]),
        sum(part.pairs for part in parts),
        Oversized(sum(size.split for size in sizes), sum(size.skipped for size in sizes)),
    )


def _together(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([f for f in frames if not f.empty] or frames[:1], ignore_index=True)


def _kept(path: Path, content: Any) -> Path:
    path.write_bytes(pickle.dumps(content, protocol=5))
    return path.absolute()


@lru_cache(maxsize=1)
def _linkage(people: Path) -> "Linkage":
    ready: Linkage = pickle.loads(people.read_bytes()).linkage()
    return ready


@lru_cache(maxsize=1)
def _read(path: Path) -> Any:
    return pickle.loads(path.read_bytes())
