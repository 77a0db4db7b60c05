"""更正导出 — what people accepted goes to the core system as one signed file; what they undid is taken back.

The file lies there before the database says that it went out, under a number made of its content: whatever
dies in between, the next export writes the same file and only then notes it.
"""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, insert, select, update

from matchers.cleanup.proposals import MERGE
from matchers.evidence import digest
from pipelines.base import crash
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.cleanup import signing
from pipelines.cleanup.places import named, reports
from pipelines.database import audit
from pipelines.database.lock import Lock
from sql import cleanup_tables as t

CORRECT, TAKE_BACK = "correct", "take_back"
ACTION = {CORRECT: "更正", TAKE_BACK: "撤回"}
PERSON = ("个人编号", "证件号码", "姓名", "性别", "民族", "出生日期", "首次参加工作日期")
MERGED = ("保留个人编号", "并入个人编号")
PROPOSAL = (
    "操作",
    "建议编号",
    "检查",
    "关系",
    "记录",
    "栏目",
    "更正前",
    "更正后",
    "所需证明",
    "决定人",
    "复核人",
)
SEX = {"M": "男", "F": "女"}
OF_PERSON = {"id_number": "证件号码", "name": "姓名", "birth_date": "出生日期", "sex": "性别"}


@dataclass(frozen=True, slots=True)
class Exported:
    """One export: its file, its rows, and whose key signed; unsigned it is a draft that moves nothing."""

    export_id: str
    file: Path
    rows: int
    signed_by: str


def export(settings: Settings, held: Lock, district: str, by: str) -> Exported:
    """The export of everything accepted, or undone after it went out, in one district.

    ``UsageError`` where there is nothing to export. Without a signing key a draft is written, and every
    status stays.
    """
    key = signing.private_key()
    with held.engine.connect() as connection:
        rows = _rows(connection, district)
    if not rows:
        raise UsageError(f"{named(district)}没有已同意而未导出的更正")
    export_id = digest([district, [(row.proposal_id, row.action) for row in rows]])[:12].upper()
    content = _csv(rows)
    sha256 = hashlib.sha256(content).hexdigest()
    signed_by = signing.fingerprint(key.public_key()) if key else ""
    manifest = _manifest(export_id, district, len(rows), sha256, signed_by)
    stem = f"{'更正' if key else '草稿-更正'}-{named(district)}-{export_id}"
    folder = reports(settings)
    files = {".csv": content, ".json": manifest}
    if key:
        files[".sig"] = signing.signature(key, content, manifest)
    for suffix, data in files.items():
        with Store.replacing(folder / f"{stem}{suffix}") as unfinished:
            unfinished.write_bytes(data)
        crash.point("cleanup:exported")
    if key:
        with held.writing() as connection:
            _noted(connection, export_id, district, sha256, signed_by, rows)
            audit.record(
                connection, by, "correction_export", export_id, {"rows": len(rows), "sha256": sha256}
            )
    return Exported(export_id, folder / f"{stem}.csv", len(rows), signed_by)


def verify(file: Path, key: Ed25519PublicKey) -> dict[str, Any]:
    """The manifest of an export; ``UsageError`` where file, manifest and signature do not belong together."""
    try:
        content, manifest, signature = (file.with_suffix(s).read_bytes() for s in (".csv", ".json", ".sig"))
    except OSError:
        raise UsageError(f"{file.name}：缺少同名的 .csv、.json 或 .sig 文件；草稿没有签名") from None
    if not signing.holds(key, signature, content, manifest):
        raise UsageError(f"{file.name}：签名不符，文件或清单被改动，或不是这把钥匙所签；请勿导入")
    stated: dict[str, Any] = json.loads(manifest)
    if stated["sha256"] != hashlib.sha256(content).hexdigest():
        raise UsageError(f"{file.name}：内容与清单不符；请勿导入")
    return stated


@dataclass(frozen=True, slots=True)
class Row:
    """One proposal that goes out, or is taken back, and who signed it."""

    proposal_id: str
    action: str
    proposal: Mapping[str, Any]
    decided_by: str
    second_by: str


def _rows(connection: Connection, district: str) -> list[Row]:
    p, sent = t.correction_proposal.c, _sent(connection)
    wanted = select(t.correction_proposal).where(
        p.district == district, p.status.in_(("accepted", "rejected"))
    )
    rows = []
    for proposal in connection.execute(wanted.order_by(p.check_code, p.record_key, p.proposal_id)).mappings():
        last = sent.get(proposal["proposal_id"])
        action = CORRECT if proposal["status"] == "accepted" else TAKE_BACK if last == CORRECT else ""
        if action:
            decided_by, second_by = _signed(connection, proposal["proposal_id"])
            rows.append(Row(proposal["proposal_id"], action, dict(proposal), decided_by, second_by))
    return rows


def _sent(connection: Connection) -> dict[str, str]:
    """For each proposal that went out what the core system was asked to do: corrected more often than taken
    back means that it stands corrected.
    """
    r = t.correction_export_row.c
    times: dict[str, int] = {}
    for proposal_id, action in connection.execute(select(r.proposal_id, r.action)):
        times[proposal_id] = times.get(proposal_id, 0) + (1 if action == CORRECT else -1)
    return {proposal_id: CORRECT if n > 0 else TAKE_BACK for proposal_id, n in times.items()}


def _signed(connection: Connection, proposal_id: str) -> tuple[str, str]:
    c = t.correction_decision.c
    own = select(c.decided_by, c.second_by).where(c.proposal_id == proposal_id)
    last = connection.execute(
        own.order_by(c.second_at.desc().nulls_last(), c.decided_at.desc()).limit(1)
    ).one()
    return str(last.decided_by), str(last.second_by or "")


def _csv(rows: list[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, [*PERSON, *MERGED, *PROPOSAL], restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_cells(row) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cells(row: Row) -> dict[str, str]:
    p = row.proposal
    before, after = p["before_value"], p["after_value"]
    first, then = (before, after) if row.action == CORRECT else (after, before)
    cells = {
        "操作": ACTION[row.action], "建议编号": row.proposal_id, "检查": p["check_code"],
        "关系": p["relation"], "记录": p["record_key"], "栏目": p["column_name"], "更正前": first,
        "更正后": then, "所需证明": p["proof_needed"], "决定人": row.decided_by, "复核人": row.second_by,
    }  # fmt: skip
    if p["check_code"] == MERGE:
        record = json.loads(p["evidence"] or "{}").get("record", {})
        values = {OF_PERSON[c]: value[0] for c, value in record.items() if c in OF_PERSON}
        given_up = [number for number in p["record_key"].split("+") if number != after]
        cells |= values | {
            "个人编号": p["record_key"],
            "保留个人编号": after,
            "并入个人编号": "+".join(given_up),
        }
        cells["性别"] = SEX.get(values.get("性别", ""), "")
    elif p["relation"] in ("registrations", "recipient"):
        cells |= {"个人编号": p["record_key"], OF_PERSON[p["column_name"]]: cells["更正后"]}
    return cells


def _manifest(export_id: str, district: str, rows: int, sha256: str, signed_by: str) -> bytes:
    content = {
        "export_id": export_id, "district": district, "rows": rows, "sha256": sha256,
        "draft": not signed_by, "signed_by": signed_by, "columns": [*PERSON, *MERGED, *PROPOSAL],
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _noted(
    connection: Connection, export_id: str, district: str, sha256: str, signed_by: str, rows: list[Row]
) -> None:
    e, p = t.correction_export, t.correction_proposal
    connection.execute(
        insert(e).values(export_id=export_id, district=district, sha256=sha256, signed_by=signed_by)
    )
    connection.execute(
        insert(t.correction_export_row),
        [{"export_id": export_id, "proposal_id": row.proposal_id, "action": row.action} for row in rows],
    )
    out = [row.proposal_id for row in rows if row.action == CORRECT]
    for start in range(0, len(out), 500):
        these = p.c.proposal_id.in_(out[start : start + 500])
        connection.execute(update(p).where(these).values(status="exported"))
