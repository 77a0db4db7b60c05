"""报送到达 — what lies in the inbox: ``<inbox>/<YYYY-MM-DD>/<feed>/``, and what does not belong there.

Nothing is followed that is a link, and nothing is opened that is not a plain file.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path

from expectations.feed import feeds
from pipelines.base.errors import DeliveryRejected
from pipelines.base.logs import redacted
from pipelines.deliveries import manifest
from pipelines.deliveries.ledger import Delivery, content_digest, delivery_id
from pipelines.readers import guard

DOCUMENTS = (".doc", ".docx", ".wps", ".pdf", ".md", ".ofd", ".jpg", ".png", ".ini", ".db")
UNDER_WAY = re.compile(r"\..+\.\w{6}")  # rsync writes .<name>.<six characters> before it renames


@dataclass(frozen=True, slots=True)
class Arrival:
    """The folder of one delivery."""

    feed: str
    delivered_on: date
    folder: Path

    @property
    def delivery_id(self) -> str:
        """The name under which it will be on record."""
        return delivery_id(self.feed, self.delivered_on)

    def files(self) -> list[Path]:
        """Everything that should hold rows, by name: all but the manifest, documents and hidden files."""
        return [p for p in self._entries() if p.name != manifest.NAME and not _document(p.name)]

    def documents(self) -> list[str]:
        """The names of the documents that lie beside the data and are not read."""
        return [guard.shown(p.name) for p in self._entries() if _document(p.name)]

    def objections(self) -> list[str]:
        """What forbids judging the folder: an unfinished transfer, names that promise no rows, no file."""
        reasons = [
            f"{guard.shown(p.name)} 表示传输尚未完成；待完成后重新运行"
            for p in _listed(self.folder)
            if UNDER_WAY.fullmatch(p.name)
        ]
        reasons += [
            f"{guard.shown(p.name)} 不是普通文件（链接、目录或管道），不予读取"
            for p in self._entries()
            if p.is_symlink() or not p.is_file()
        ]
        for path in self.files():
            try:
                guard.kind(path.name)
            except DeliveryRejected as refusal:
                reasons.append(str(refusal))
        return reasons if reasons or self.files() else ["目录中没有数据文件"]

    def manifest(self) -> manifest.Manifest:
        """What the manifest says; where there is none, nothing."""
        path = self.folder / manifest.NAME
        if path not in self._entries():
            return manifest.Manifest()
        with guard.opened(path) as source:
            return manifest.parse(source.read(manifest.MOST_BYTES + 1))

    def digests(self) -> dict[str, str]:
        """The SHA-256 of each data file and of the manifest, by name."""
        digests = {}
        for path in self._entries():
            if not _document(path.name):
                with guard.opened(path) as source:
                    digests[path.name] = hashlib.file_digest(source, "sha256").hexdigest()
        return digests

    def changed_since(self, judged: Delivery) -> bool:
        """Whether the content is no longer what was judged; an emptied folder was filed away, not changed.

        Files are read only where their sizes and times leave that in doubt. What cannot be read any more
        counts as changed.
        """
        try:
            return self._differs_from(judged)
        except (DeliveryRejected, OSError):
            return True

    def _differs_from(self, judged: Delivery) -> bool:
        entries = self._entries()
        if not entries:
            return False
        if {p.name: p.lstat().st_size for p in self.files()} != {f.file: f.bytes for f in judged.files}:
            return True
        judged_at = judged.landed_at.replace(tzinfo=UTC).timestamp()
        touched = [path.lstat() for path in (self.folder, *entries)]
        if all(max(s.st_mtime, s.st_ctime) < judged_at for s in touched):
            return False
        return content_digest(self.digests().items()) != judged.sha256

    def _entries(self) -> list[Path]:
        return [p for p in _listed(self.folder) if not p.name.startswith(".")]


def arrivals(inbox: Path, feed: str, as_of: date) -> list[Arrival]:
    """The deliveries of ``feed`` dated up to the day ``as_of``, oldest first."""
    return [
        Arrival(feed, day, folder / feed)
        for folder in _listed(inbox)
        if (day := _day(folder)) is not None and day <= as_of and _own_folder(folder / feed)
    ]


def ahead(inbox: Path, as_of: date) -> list[str]:
    """A Chinese sentence for every folder of the inbox dated after a day, whose night reads none of it."""
    return [
        f"{folder.name}：日期晚于 {as_of}，当夜未读取；日期写错的请改正目录名"
        for folder in _listed(inbox)
        if (day := _day(folder)) is not None and day > as_of and any(map(_own_folder, _listed(folder)))
    ]


def strays(inbox: Path, as_of: date) -> list[str]:
    """A Chinese sentence for everything in the inbox, up to a day, that no feed will ever read."""
    if not inbox.is_dir():
        return [f"收件目录 {inbox} 不存在；请建立目录或修改配置项 inbox"]
    sentences = []
    for folder in _listed(inbox):
        day = _day(folder)
        if day is None and not folder.name.startswith("."):
            sentences.append(f"{guard.shown(folder.name)}：不是 YYYY-MM-DD 日期目录，未读取")
        elif day is not None and day <= as_of:
            sentences += [_stray(entry) for entry in _listed(folder) if not _expected(entry)]
    return [redacted(sentence) for sentence in sentences]


def _expected(entry: Path) -> bool:
    return entry.name.startswith(".") or (_own_folder(entry) and entry.name in feeds())


def _stray(entry: Path) -> str:
    place = f"{entry.parent.name}/{guard.shown(entry.name)}"
    if _own_folder(entry):
        return f"{place}：没有这个数据源，未读取（可用：{'、'.join(feeds())}）"
    return f"{place}：应放入 {entry.parent.name}/<数据源>/ 目录，未读取"


def _listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _day(folder: Path) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", folder.name) or not _own_folder(folder):
        return None
    try:
        return date.fromisoformat(folder.name)
    except ValueError:
        return None


def _own_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _document(name: str) -> bool:
    return name.lower().endswith(DOCUMENTS)
