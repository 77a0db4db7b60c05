"""A town of fourteen recipients and five feeds over two nights: small enough to run a night a thousand times.

The second night opens, changes and withdraws candidates, excludes rows, asks questions, lands new deliveries
and refuses one; so every kind of write happens while it is disturbed.
"""

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, select

import sql
from pipelines.base.settings import Settings
from pipelines.database.migrate import upgrade
from sql.tables import AGENCY, OURS
from tests.inbox import DEATHS, HIRES, Inbox, deaths, hires, id_number, name, text

FIRST, SECOND = date(2026, 1, 20), date(2026, 2, 20)
INSTANT = "1771700000"
CONTRIBUTIONS = (
    "公民身份号码", "姓名", "单位编号", "单位名称", "险种类型", "结算期", "缴费年月", "缴费类型", "缴费标志",
    "出生日期", "联系电话",
)  # fmt: skip
PENSIONS = ("公民身份号码", "姓名", "养老类别", "人员类别", "待遇开始年月", "待遇发放状态")
PAID = ("2025-08", "2025-09", "2025-10", "2025-11", "2025-12", "2026-01")
Digest = dict[str, str]


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
            store=self.home / "store",
            reports=self.home / "reports",
            memory_mb=256,
            threads=1,
        )

    def environment(self) -> dict[str, str]:
        """What ``crossmatch`` needs to find this town; the wall clock stands still."""
        places = {"CROSSMATCH_" + p.upper(): str(self.home / p) for p in ("inbox", "store", "reports")}
        places["TMPDIR"] = str(self.home / "temporary")
        limits = {"CROSSMATCH_MEMORY_MB": "256", "CROSSMATCH_THREADS": "1"}
        return places | limits | {"CROSSMATCH_DATABASE_URL": self.url, "SOURCE_DATE_EPOCH": INSTANT}

    def digest(self) -> Digest:
        """A digest of every table of ours and of every file of the store, the reports and temporary files."""
        return _tables(self.url) | _files(self.home)

    def copy(self, home: Path, url: str) -> "Town":
        """The same folders elsewhere; finished files are linked, for nothing ever writes into them."""
        shutil.copytree(self.home / "inbox", home / "inbox")
        for part in ("store", "reports"):
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
    (home / "temporary").mkdir()
    return Town(home, url)


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
        told = {t.name: _rows(connection, t) for t in OURS.sorted_tables if t.name != "run_epoch"}
    engine.dispose()
    return told


def _rows(connection: Connection, table: Table) -> str:
    rows = sorted(map(str, connection.execute(select(table))))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16] + f" {len(rows)}"


def _files(home: Path) -> Digest:
    found = [p for part in ("store", "reports", "temporary") for p in (home / part).rglob("*")]
    return {
        str(p.relative_to(home)): hashlib.sha256(p.read_bytes()).hexdigest()[:16] if p.is_file() else ""
        for p in found
        if p.is_file() or p.parent.name == "scratch"
    }
