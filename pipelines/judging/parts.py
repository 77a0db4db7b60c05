"""分片研判 — a great city judged part by part, by whoever shares the parts.

The rows of each part's people are dealt out into a folder of its own, in one pass over the night's frames: so
memory grows with the largest part and not with the city, and a worker reads its own part alone.
"""

import pickle
import tempfile
from collections.abc import Sequence, Set
from contextlib import ExitStack
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from matchers import judge as rules
from matchers.docket import Docket
from matchers.judge import Judgement
from matchers.parts import parts
from pipelines.base.frames import Night, as_frame
from pipelines.base.workers import Workers
from pipelines.judging import merged
from pipelines.judging.docket import linked_feeds, ties, with_rows
from pipelines.judging.merged import Part

ROWS = 1 << 19  # held at once while they are dealt out
ORDER = {
    "candidates": "claim_id", "evidence": "candidate_id", "overpayments": "candidate_id",
    "preventable": "candidate_id", "excluded": "claim_id", "requests": "claim_id", "notices": "claim_id",
}  # fmt: skip
PACKED = pa.ipc.IpcWriteOptions(compression="lz4")
BARE, PAYMENTS, LINKED = "docket", "payments", "linked"


def judged(
    workers: Workers, folder: Path, night: Night, bare: Docket, many: int, people: Set[str] | None = None
) -> list[Path]:
    """The folders in which the judgements of ``many`` parts of the people lie: ``rows`` of each frame's name.

    ``folder`` is empty, and on every node. ``bare``: the night's docket without rows. ``people``: whose it
    is, where not everybody's.
    """
    part = parts(ties(night), many)
    theirs = part if people is None else part[part.index.isin(people)]
    return workers.run(judge_part, _dealt(folder.absolute(), night, bare, theirs, many))


def judge_part(part: Path) -> Path:
    """The folder of one part's judgement, which no other attempt at that part writes to."""
    bare: Docket = pickle.loads((part / BARE).read_bytes())
    linked = {file.name: as_frame(rows(file)) for file in sorted((part / LINKED).iterdir())}
    judgement = rules.judge(with_rows(bare, as_frame(rows(part / PAYMENTS)), linked))
    own = Path(tempfile.mkdtemp(dir=part))
    for frame in fields(Judgement):
        of_frame = table(judgement, frame.name)
        with pa.ipc.new_file(str(own / frame.name), of_frame.schema, options=PACKED) as out:
            out.write_table(of_frame, merged.BATCH)
    return own


def of_file(file: Path) -> Part:
    """The rows of a frame that ``judge_part`` left, read as they are asked for."""
    source = pa.ipc.open_file(pa.OSFile(str(file)))
    return Part(source.schema, map(source.get_batch, range(source.num_record_batches)), ORDER[file.name])


def of_table(rows: pa.Table, name: str) -> Part:
    """The rows of a frame of the whole judgement, in order."""
    return Part(rows.schema, iter(rows.to_batches(merged.BATCH)), ORDER[name])


def rows(file: Path) -> pa.Table:
    """The rows that a part's file holds."""
    with pa.OSFile(str(file)) as source:
        return pa.ipc.open_file(source).read_all()


def table(judgement: Judgement, name: str) -> pa.Table:
    """One frame of a judgement, in order."""
    return pa.Table.from_pandas(getattr(judgement, name), preserve_index=False).sort_by(ORDER[name])


def _dealt(folder: Path, night: Night, bare: Docket, people: "pd.Series[int]", many: int) -> list[Path]:
    """The parts' folders, with all that a part is judged by; ``people``: the part of each, by person_id."""
    each = [folder / str(number) for number in range(many)]
    of_claim = people.loc[bare.claims["person_id"]].set_axis(bare.claims["claim_id"])
    for number, part in enumerate(each):
        claims = bare.claims[of_claim.to_numpy() == number].reset_index(drop=True)
        terms = {claim: bare.terms[claim] for claim in claims["claim_id"] if claim in bare.terms}
        (part / LINKED).mkdir(parents=True)
        (part / BARE).write_bytes(pickle.dumps(replace(bare, claims=claims, terms=terms)))
    _deal(night.path("payments"), "claim_id", of_claim, [part / PAYMENTS for part in each])
    for feed in linked_feeds(night):
        _deal(night.path(f"linked/{feed}"), "person_id", people, [part / LINKED / feed for part in each])
    return each


def _deal(source: Path, key: str, part: "pd.Series[int]", each: Sequence[Path]) -> None:
    """Write each row of a frame, in its order, to the file of the part that its ``key`` has, if any."""
    frame = pq.ParquetFile(source)
    with ExitStack() as files:
        out = [files.enter_context(pa.ipc.new_file(str(f), frame.schema_arrow, options=PACKED)) for f in each]
        for batch in frame.iter_batches(ROWS):
            number = part.reindex(batch.column(key).to_pandas()).fillna(len(each)).to_numpy(int)
            order = np.argsort(number, kind="stable")
            dealt, starts = batch.take(pa.array(order)), np.searchsorted(number[order], range(len(each) + 1))
            for writer, start, stop in zip(out, starts, starts[1:], strict=False):
                writer.write_batch(dealt.slice(start, stop - start))
