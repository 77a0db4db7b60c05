"""落库 — the folder of a delivery becomes landed Parquet, or a reason why not.

A landed file's folder is named after its content, its name, how it was to be read, the contract and what is
put on record, so a run that died is taken up where it stopped and nothing is read twice.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from expectations.feed import Feed
from pipelines import readers
from pipelines.base import clock, crash
from pipelines.base.errors import DeliveryRejected
from pipelines.base.logs import redacted
from pipelines.base.store import Store
from pipelines.base.workers import BySize, alone
from pipelines.deliveries.arrival import Arrival
from pipelines.deliveries.ledger import COUNTED, DeliveredFile, Delivery, content_digest
from pipelines.deliveries.manifest import Manifest

FIGURES = "landing.json"
RECORDED = (
    "encoding", "delimiter", "unknown_headings", "unread_sheets",
    "rows_unread", "remarks", "damaged", "empty",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lander:
    """Lands the deliveries of one feed; ``workers``: those who share a text of so many bytes."""

    feed: Feed
    store: Store
    workers: BySize = alone

    def examine(self, arrival: Arrival, recorded: Iterable[Delivery]) -> Delivery:
        """The delivery with its files landed, so far ``accepted``; or ``refused`` with the reasons.

        ``recorded``: what is on record of the feed: contents that came before, and what may be superseded.
        """
        others = [d for d in recorded if d.delivered_on != arrival.delivered_on]
        delivery = Delivery(arrival.feed, arrival.delivered_on, "refused", landed_at=clock.now())
        try:
            _refuse_for(arrival.objections())
            digests = arrival.digests()
            delivery = replace(
                delivery, files=_unread(arrival, digests), sha256=content_digest(digests.items())
            )
            promised = arrival.manifest()
            delivery = replace(delivery, supersedes=promised.supersedes)
            _refuse_for(
                promised.disagreements(delivery.delivered_on, {f.file: f.sha256 for f in delivery.files})
            )
            _refuse_for(_superseding_nothing(promised, others))
            before = self._came_before(delivery, others)
            delivery = replace(delivery, files=self._land_new(arrival, delivery, before, promised))
            _refuse_for(promised.miscounts(_rows(delivery.files, before)))
        except DeliveryRejected as refusal:
            return replace(delivery, reason=str(refusal))
        except OSError as failure:
            if not Path(failure.filename or "/").is_relative_to(arrival.folder):
                raise
            return replace(delivery, reason=f"文件无法读取（{failure.strerror}）；请检查目录权限后重新运行")
        outside = (*_unread_documents(arrival), *_remarks(delivery))
        damaged = damage_words(self.feed, (f.damaged for f in delivery.files))
        notes = (*_skipped(delivery, before), *outside, *damaged, *_new_headings(delivery, others))
        return replace(delivery, health="accepted", reason="；".join(notes))

    def land(self, path: Path, delivered_on: date, sha256: str, promised: Manifest) -> DeliveredFile:
        """The figures of one file, whose rows lie in the store from now on."""
        reading = [sha256, path.name, promised.encoding, promised.delimiter, repr(self.feed), *RECORDED]
        key = hashlib.sha256(json.dumps(reading).encode()).hexdigest()[:16]
        folder = self.store.delivery(self.feed.name, delivered_on) / key
        if not (folder / FIGURES).exists():
            with self.store.scratch() as scratch:
                unfinished = scratch / key
                unfinished.mkdir()
                self._read(path, unfinished, sha256, promised)
                self.store.publish(unfinished, folder)
        figures = json.loads((folder / FIGURES).read_text("utf-8"))
        came = {"file": path.name, "sha256": sha256, "bytes": path.lstat().st_size, "landed": key}
        return DeliveredFile.of(figures | came)

    def _read(self, path: Path, folder: Path, sha256: str, promised: Manifest) -> None:
        landing = readers.land(
            path,
            self.feed,
            folder,
            part="rows",
            encoding=promised.encoding,
            delimiter=promised.delimiter,
            workers=self.workers,
        )
        if landing.sha256 != sha256:
            raise DeliveryRejected(f"{path.name} 在读取期间被改动；待传输完成后重新运行")
        figures = {name: getattr(landing, name) for name in (*COUNTED, *RECORDED)}
        crash.point("landed:rows")
        (folder / FIGURES).write_text(json.dumps(figures, ensure_ascii=False), "utf-8")

    def _land_new(
        self, arrival: Arrival, delivery: Delivery, before: Mapping[str, Delivery], promised: Manifest
    ) -> tuple[DeliveredFile, ...]:
        files: list[DeliveredFile] = []
        for file in delivery.files:
            if file.sha256 in before or file.sha256 in {f.sha256 for f in files}:
                files.append(replace(file, resent=True))
            else:
                files.append(
                    self.land(arrival.folder / file.file, delivery.delivered_on, file.sha256, promised)
                )
        return tuple(files)

    def _came_before(self, delivery: Delivery, others: Iterable[Delivery]) -> dict[str, Delivery]:
        """The deliveries in use that brought a content of ``delivery``, by its SHA-256.

        A snapshot that brings anything new stands alone, so what it repeats belongs to it.
        """
        judged = [d for d in others if d.health != "refused"]
        gone = {d.supersedes for d in judged} | {delivery.supersedes}
        before = {f.sha256: d for d in judged if d.delivered_on not in gone for f in d.files if not f.resent}
        repeated = {f.sha256: before[f.sha256] for f in delivery.files if f.sha256 in before}
        brings_something_new = len(repeated) < len({f.sha256 for f in delivery.files})
        return {} if self.feed.mode == "snapshot" and brings_something_new else repeated


def damage_words(feed: Feed, damaged: Iterable[Mapping[str, int]]) -> list[str]:
    """A sentence for each column with numbers that a spreadsheet has spoilt; ``damaged``: of each file."""
    rows = sum((Counter(one) for one in damaged), Counter[str]())
    return [
        f"列「{column.headings[0]}」有 {rows[name]} 行的号码被表格软件改坏，按缺失处理；请以文本格式导出"
        for name, column in feed.columns.items()
        if rows[name]
    ]


def _refuse_for(reasons: Iterable[str]) -> None:
    if refusal := "；".join(reasons):
        raise DeliveryRejected(refusal)


def _unread(arrival: Arrival, digests: Mapping[str, str]) -> tuple[DeliveredFile, ...]:
    return tuple(DeliveredFile(p.name, digests[p.name], p.lstat().st_size) for p in arrival.files())


def _superseding_nothing(promised: Manifest, others: Iterable[Delivery]) -> list[str]:
    if promised.supersedes is None or promised.supersedes in {d.delivered_on for d in others}:
        return []
    return [f"supersedes {promised.supersedes} 没有对应的批次；请核对日期"]


def _rows(files: Iterable[DeliveredFile], before: Mapping[str, Delivery]) -> dict[str, int]:
    """Landed and rejected rows by file name; a repeated file has those that its content had at first."""
    content = {f.sha256: f for d in before.values() for f in d.files if not f.resent}
    content |= {f.sha256: f for f in files if not f.resent}
    return {f.file: content[f.sha256].rows_landed + content[f.sha256].rows_rejected for f in files}


def _skipped(delivery: Delivery, before: Mapping[str, Delivery]) -> list[str]:
    return [
        f"{f.file} 的内容与 {before.get(f.sha256, delivery).delivered_on} 批次中的文件相同，不重复计入"
        for f in delivery.files
        if f.resent
    ]


def _unread_documents(arrival: Arrival) -> list[str]:
    return [f"{redacted(name)} 是文档，未读取" for name in arrival.documents()]


def _remarks(delivery: Delivery) -> list[str]:
    return [f"{f.file}：{'；'.join(f.remarks)}" for f in delivery.files if f.remarks]


def _new_headings(delivery: Delivery, others: Iterable[Delivery]) -> list[str]:
    """Columns that no contract names, noted at the first delivery that has them."""
    before = {h for d in others for f in d.files for h in f.unknown_headings}
    new = dict.fromkeys(h for f in delivery.files for h in f.unknown_headings if h not in before)
    return [f"未约定的列：{redacted('、'.join(new))}（已忽略）"] if new else []
