"""分段 — a plain delimited file to landed Parquet by byte ranges, which any number of processes may share."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from expectations.feed import Feed
from pipelines.base.errors import DeliveryRejected
from pipelines.base.workers import BySize, WorkerDied
from pipelines.readers.block import Reader
from pipelines.readers.columns import schema
from pipelines.readers.detect import Delimited
from pipelines.readers.lines import LONGEST, ends_in
from pipelines.readers.parts import Part, Tally, require_usable
from pipelines.readers.workers import without_pandas

BLOCK = 8 << 20
SMALL = 1 << 20  # where many rows are bad: a reject takes ten times the memory of a row
RANGE = 32 << 20
CHUNK = 1 << 17
ATTEMPT = ".attempt-"  # begins the name of the folder of one try at a range
GIANT = 64 << 20  # a line of so many bytes is no line of a table


@dataclass(frozen=True, slots=True)
class Range:
    """Whole lines of a file, from byte ``start`` to before ``stop``; ``line`` numbers the first.

    All that is needed to land them anywhere: the result depends on nothing else.
    """

    path: Path
    start: int
    stop: int
    line: int
    shape: Delimited
    feed: Feed
    folder: Path
    part: str
    file: str


def land_all(
    path: Path, shape: Delimited, feed: Feed, folder: Path, part: str, file: str, workers: BySize
) -> Tally:
    """Every line behind the header landed, rejected or left out by name.

    ``DeliveryRejected`` where most of them are rejected, or most at the beginning: by however many processes.
    """
    shared = workers(path.stat().st_size)
    every = (
        Range(path, start, stop, line, shape, feed, folder, f"{part}-{number}", file)
        for number, (start, stop, line) in enumerate(_spans(path, shape, shared.shares, file))
    )
    try:
        tally = sum(shared.run(land_range, every, without_pandas), Tally())
    except WorkerDied as died:
        raise WorkerDied(f"{file}：{died}") from None
    finally:
        for left in folder.glob(f"{ATTEMPT}*"):
            shutil.rmtree(left, ignore_errors=True)
    require_usable(tally, file)
    return tally


def land_range(span: Range) -> Tally:
    """Land one range as ``<folder>/{extract,rejects}/<part>.parquet``, whole, however often it is tried."""
    own = Path(tempfile.mkdtemp(dir=span.folder, prefix=ATTEMPT))
    tally = _land(span, own)
    for file in own.glob("*/*.parquet"):
        kept = span.folder / file.parent.name
        kept.mkdir(exist_ok=True)
        file.replace(kept / file.name)
    shutil.rmtree(own)
    return tally


def _land(span: Range, folder: Path) -> Tally:
    read = Reader(span.feed, span.file, span.shape.layout, span.shape.dialect)
    personal, sign = span.shape.layout.personal.values(), span.shape.dialect.delimiter
    part = Part(folder, span.part, span.file, schema(span.feed), personal, sign)
    with part as out, span.path.open("rb", 0) as source:
        source.seek(span.start)
        line = span.line
        for block in _blocks(source, span, lambda: SMALL if out.tally.poor else BLOCK):
            *rows, ended = read(block, line)
            line += ended
            out.write(*rows)
            del rows  # while a block is read no other is held
            if span.start == span.shape.start and source.tell() <= span.start + RANGE:
                require_usable(out.tally, span.file)  # what any cut into ranges has read alike
    return out.tally


def _spans(path: Path, shape: Delimited, shares: int, file: str) -> Iterator[tuple[int, int, int]]:
    """Start, stop and first line of each range; as few as ``shares`` allows: a range learns the values anew.

    The lines of a range are counted when the next one is asked for.
    """
    with path.open("rb", 0) as source:
        size = os.fstat(source.fileno()).st_size
        start, line = shape.start, shape.line
        length = max(RANGE, size // shares + 1)
        while start + length < size:
            source.seek(start)
            stop, lines = _to_line_end(source, start, length, file)
            yield start, stop, line
            start, line = stop, line + lines
        yield start, size, line


def _to_line_end(source: FileIO, start: int, length: int, file: str) -> tuple[int, int]:
    """Where the line ends that ``length`` bytes from ``start`` reach, and the lines up to there."""
    at, lines, last, behind, before = start, 0, start, 0, b""
    while chunk := source.read(CHUNK):
        cut = chunk.rfind(b"\n") + 1
        behind -= before == b"\r" and chunk.startswith(b"\n")
        if cut:
            last = at + cut
            lines, behind = lines + behind + ends_in(chunk, 0, cut), 0
        behind += ends_in(chunk, cut)
        at, before = at + len(chunk), chunk[-1:]
        if cut and at > start + length:
            break
        if at - last > GIANT:
            raise _giant(file)
    return last, lines


def _blocks(source: FileIO, span: Range, length: Callable[[], int]) -> Iterator[bytes]:
    """Blocks of whole lines, each about as long as ``length`` says then; while one is read no other is held.

    Of an over-long line as much is kept as shows that it is one; of one with carriage returns, which may end
    rows, all.
    """
    size = span.stop - span.start
    rest = b""
    skipped = 0
    while size and (got := source.read(min(length(), size))):
        size -= len(got)
        cut = got.rfind(b"\n") + 1
        if cut:
            block, rest, skipped = b"".join((rest, memoryview(got)[:cut])), got[cut:], 0
            del got
            yield block
            continue
        rest, skipped = rest + got, skipped + len(got)
        if b"\r" not in rest:
            rest = rest[: LONGEST + 1]
        if skipped > GIANT:
            raise _giant(span.file)
    if rest:
        yield rest + b"\n"


def _giant(file: str) -> DeliveryRejected:
    return DeliveryRejected(f"{file}：有一行超过 {GIANT >> 20} MB，不是表格文本；请核对后重新报送。")
