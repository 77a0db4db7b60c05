"""A town of fourteen recipients and five feeds over two nights: small enough to run a night a thousand times.

The second night opens, changes and withdraws candidates, excludes rows, asks questions, lands new deliveries
and refuses one; so every kind of write happens while it is disturbed.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import ColumnElement, Connection, insert, select

import sql
from pipelines.base.settings import SIGNING_KEY, Settings
from pipelines.cleanup.decisions import Decision, decide
from pipelines.database.migrate import upgrade
from pipelines.database.transaction import deciding
from sql.cleanup_tables import correction_proposal
from sql.tables import AGENCY, OURS, audit_event
from tests.inbox import DEATHS, HIRES, Inbox, deaths, hires, id_number, name, text

FIRST, SECOND = date(2026, 1, 20), date(2026, 2, 20)
INSTANT = "1771700000"
CONTRIBUTIONS = (
    "公民身份号码", "姓名", "单位编号", "单位名称", "险种类型", "结算期", "缴费年月", "缴费类型", "缴费标志",
    "出生日期", "联系电话",
)  # fmt: skip
PENSIONS = ("公民身份号码", "姓名", "养老类别", "人员类别", "待遇开始年月", "待遇发放状态")
KEY = (
    Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
PAID = ("2025-08", "2025-09", "2025-10", "2025-11", "2025-12", "2026-01")
Digest = dict[str, str]
AUDIT_WORDS = "audit_event/words"  # the audit but for the user of the database, and what hashes it
OF_THE_DATABASE = ("database_user", "hash", "previous_hash")


@dataclass(frozen=True)
class Town:
    """One benefit database and the folders beside it."""

    home: Path
    url: str

    @property
    def settings(self) -> Settings:
        return Settings(
            database_url=self.url,
            inbox=self.home / "inbox",
            history=self.home / "history",
            store=self.home / "store",
            reports=self.home / "reports",
            memory_mb=256,
            threads=1,
        )

    def environment(self) -> dict[str, str]:
        """What ``crossmatch`` needs to find this town; the wall clock stands still."""
        parts = ("inbox", "history", "store", "reports")
        places = {"CROSSMATCH_" + p.upper(): str(self.home / p) for p in parts}
        places[SIGNING_KEY] = KEY
        places["TMPDIR"] = str(self.home / "temporary")
        limits = {"CROSSMATCH_MEMORY_MB": "256", "CROSSMATCH_THREADS": "1"}
        return places | limits | {"CROSSMATCH_DATABASE_URL": self.url, "SOURCE_DATE_EPOCH": INSTANT}

    def digest(self) -> Digest:
        """A digest of every table of ours and of every file of the store, the reports and temporary files."""
        return _tables(self.url) | _files(self.home)

    def accept(self) -> None:
        """Two people accept every proposal of the clean-up."""
        engine = sql.connect(self.url)
        with engine.connect() as connection:
            numbers = connection.execute(select(correction_proposal.c.proposal_id)).scalars().all()
        for number in numbers:
            made = Decision(number, "accepted", "甲一", "有材料", "乙二")
            with deciding(engine) as connection:
                decide(connection, made, datetime(2026, 2, 21))
        engine.dispose()

    def copy(self, home: Path, url: str) -> "Town":
        """The same folders elsewhere; finished files are linked, for nothing ever writes into them."""
        for part in ("inbox", "history"):
            shutil.copytree(self.home / part, home / part)
        for part in ("store", "reports"):
            (self.home / part).mkdir(exist_ok=True)
            shutil.copytree(self.home / part, home / part, copy_function=os.link)
        (home / "temporary").mkdir()
        return Town(home, url)


def build(home: Path, url: str, claims: int = 14, *, backwards: bool = False) -> Town:
    """The town before its first night; the database is migrated and has the agency's empty tables.

    ``backwards``: rows and files come into being in the opposite order.
    """
    order = -1 if backwards else 1
    engine = sql.connect(url)
    with engine.begin() as connection:
        for number in range(1, claims + 1)[::order]:
            for table, rows in _claim(number).items():
                connection.execute(insert(AGENCY.tables[table]), rows[::order])
    engine.dispose()
    inbox = Inbox(home / "inbox")
    for feed, day, file, content in _deliveries()[::order]:
        inbox.deliver(feed, day, {file: content})
    for dataset, content in _history().items():
        folder = home / "history" / "2026-01-15-central" / dataset
        folder.mkdir(parents=True)
        (folder / f"{dataset}.csv").write_text(content, "utf-8")
    (home / "temporary").mkdir()
    return Town(home, url)


def _history() -> dict[str, str]:
    """Years of the town's recipients, of whom one is registered twice and one was paid for twice."""
    people = [(f"P{n:03d}", id_number(n), name(n), "500106", "2001-01-01") for n in range(1, 15)]
    again = ("Q001", f"{id_number(1)[:6]}{id_number(1)[8:17]}", name(1), "500106", "2003-01-01")
    paid = [(person[0], "N100", "210", "2019-07", "2025-06", "1") for person in people]
    twice = ("P002", "N200", "210", "2021-01", "2021-03", "1")
    heads = ("个人编号", "身份证号码", "姓名", "行政区划", "参保登记日期")
    months = ("个人编号", "单位编号", "险种", "起始年月", "终止年月", "缴费标志")
    employers = [("N100", "渝新机电", "91500000MA5U5L0M6X"), ("N200", "渝新机电", "91500000MA5U5L0M6X")]
    return {
        "registrations": text(heads, [*people, again]),
        "contribution_history": text(months, [*paid, twice]),
        "employers": text(("单位编号", "单位名称", "统一社会信用代码"), employers),
    }


def _deliveries() -> list[tuple[str, str, str, str]]:
    return [
        ("deaths", "2026-01-10", "deaths.csv", text(DEATHS, deaths([1]))),
        ("hires", "2026-01-10", "hires.csv", text(HIRES, hires([3, 4, 900]))),
        ("contributions", "2026-01-12", "a.csv", _contributions("2025-12", [6, 7, 10])),
        ("pension_payees", "2026-01-15", "p.csv", _pensions([8, 9])),
        ("deaths", "2026-02-10", "d.csv", text(DEATHS, [*deaths([2]), ("x", "乙", "昨天", "", "")])),
        ("hires", "2026-02-10", "h.csv", text(HIRES, hires([5, 901, 902], "2026-02-03"))),
        ("contributions", "2026-02-12", "b.csv", _contributions("2026-01", [6, 11, 12])),
        ("pension_payees", "2026-02-15", "p.csv", _pensions([8, 13])),
        ("emigrations", "2026-02-16", "e.csv", "乱写的标题\n1\n"),
    ]


def build_on_sqlite(home: Path) -> Town:
    """The town on a SQLite database of its own."""
    url = f"sqlite:///{home / 'benefit.db'}"
    engine = sql.connect(url, create=True)
    upgrade(engine)
    sql.create_agency(engine)
    engine.dispose()
    return build(home, url)


def _claim(number: int) -> dict[str, list[dict[str, Any]]]:
    person, claim = f"P{number:03d}", f"C{number:03d}"
    district = "500106" if number % 2 else "500107"
    lines = [(month, "paid", date(int(month[:4]), int(month[5:]), 15)) for month in PAID]
    return {
        "recipient": [
            {
                "person_id": person, "id_kind": "resident_id", "id_number": id_number(number),
                "name": name(number), "sex": "M", "birth_date": date(1950 + number // 1000, 1, 1),
                "phone": f"1990000{number:04d}", "district": district,
            }
        ],
        "claim": [
            {
                "claim_id": claim, "person_id": person, "district": district,
                "registered_on": date(2025, 7, 20), "start_month": PAID[0], "entitled_months": 12,
                "deemed_months": 3 if number == 4 else 0, "extended_to_retirement": False,
                "monthly_amount": Decimal("1710.00"), "status": "active", "separated_on": date(2025, 7, 1),
                "last_employer_id": "221", "last_employer_name": "渝州老厂",
            }
        ],
        "payment": [
            {
                "payment_id": f"Y{number:03d}{month}", "claim_id": claim, "benefit_month": month,
                "benefit_kind": "unemployment_benefit", "amount": Decimal("1710.00"), "state": state,
                "paid_on": on,
            }
            for month, state, on in [*lines, ("2026-02", "scheduled", None)]
        ],
    }  # fmt: skip


def _contributions(month: str, people: list[int]) -> str:
    work = ("N100", "渝新机电", "110", month, month, "10", "1", "1950-01-01")
    rows = [(id_number(n), name(n), *work, f"1990000{n:04d}") for n in people]
    mangled = (f"{id_number(14)[:-2]}", name(14), *work, "19900000014")
    own = (id_number(9), name(9), "02", "灵活就业", "110", month, month, "10", "1", "1950-01-01", "")
    stranger = (id_number(13), name(3), *work[:-1], "1971-07-07", "")
    return text(CONTRIBUTIONS, [*rows, mangled, own, stranger])


def _pensions(people: list[int]) -> str:
    return text(PENSIONS, [(id_number(n), name(n), "企业职工", "2", "2025-11", "1") for n in people])


def _tables(url: str) -> Digest:
    engine = sql.connect(url)
    with engine.connect() as connection:
        tables = {t.name: _rows(connection, t.c) for t in OURS.sorted_tables if t.name != "run_epoch"}
        words = [c for c in audit_event.c if c.name not in OF_THE_DATABASE]
        tables[AUDIT_WORDS] = _rows(connection, words)
    engine.dispose()
    return tables


def _rows(connection: Connection, columns: Iterable[ColumnElement[Any]]) -> str:
    rows = sorted(map(str, connection.execute(select(*columns))))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16] + f" {len(rows)}"


def _files(home: Path) -> Digest:
    found = [p for part in ("store", "reports", "temporary") for p in (home / part).rglob("*")]
    return {
        str(p.relative_to(home)): hashlib.sha256(p.read_bytes()).hexdigest()[:16] if p.is_file() else ""
        for p in found
        if p.is_file() or p.parent.name == "scratch"
    }
