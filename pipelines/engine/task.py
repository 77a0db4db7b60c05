"""任务 — what an executor does: one item worked on, and its answer, or the error, sent back as a value."""

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipelines.base.errors import CrossmatchError

SCHEMA = "place bigint, outcome binary"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item: an answer or an error."""

    value: Any
    failed: bool

    def answer(self) -> Any:
        """The answer; the error is raised as it was."""
        if self.failed:
            raise self.value
        return self.value


def of(
    function: Callable[[Any], Any], items: Sequence[Any]
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """A task for ``mapInArrow``: rows of ``place`` in, a row of ``SCHEMA`` for each out."""

    def work(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for place in batch.column(0).to_pylist():
                outcome = pickled(function, items[place])
                yield pa.RecordBatch.from_pydict({"place": [place], "outcome": [outcome]})

    return work


def pickled(function: Callable[[Any], Any], item: Any) -> bytes:
    """The ``Outcome``, pickled; the executor's own log never has an error's words, which may quote a row."""
    try:
        return pickle.dumps(Outcome(function(item), failed=False))
    except Exception as error:
        try:
            return pickle.dumps(Outcome(error, failed=True))
        except Exception:
            unsaid = CrossmatchError(f"任务失败（{type(error).__name__}）；请保留现场并报告")
            return pickle.dumps(Outcome(unsaid, failed=True))
