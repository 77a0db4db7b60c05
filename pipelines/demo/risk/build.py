"""写出 — a risk city as a benefit database, an inbox, its truth, its innocents and its own policy."""

import csv
import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

import sql
from pipelines.base.errors import UsageError
from pipelines.demo.calendar import compact, hyphened, on
from pipelines.demo.risk import innocents, ordinary, schemes, who
from pipelines.demo.risk.city import City
from sql.risk_tables import OPTIONAL
from sql.tables import AGENCY

TRUTH: Final = (
    "rule", "subject_kind", "subject_key", "period", "district", "level", "n", "certain", "story", "claims",
    "facts",
)  # fmt: skip
QUIET: Final = ("rule", "subject_kind", "subject_key", "ban", "story", "facts")
POLICY: Final = """# 演示城市的本地口径
[[minimum_base]]
since = 2018-01-01
yuan = {minimum}
[[dummy_account]]
since = 2018-01-01
numbers = ["{dummy}"]
[[reason_codes]]
since = 2018-01-01
involuntary = ["211", "212", "213", "214", "221"]
voluntary = ["231", "232"]
other = ["241"]
"""
BENEFIT: Final = "1575.00"


def build(
    path: Path,
    *,
    claims: int = 3000,
    seed: int = 1,
    month: int = 2026 * 12 + 11,
    hard: bool = False,
    no_schemes: bool = False,
    permuted: bool = False,
    url: str | None = None,
) -> City:
    """A city at ``path`` whose last month is ``month``, the same for the same seed.

    ``hard``: small shells mixed with real staff, and seasonal employers; ``no_schemes``: innocents alone;
    ``permuted``: the same happens to other people, in districts with other codes. ``UsageError`` where
    something stands at ``path``.
    """
    if path.exists() and any(path.iterdir()):
        raise UsageError(f"{path}: 目录非空；演示城市请写到一个新目录")
    path.mkdir(parents=True, exist_ok=True)
    people = who.identities(seed, claims * 12 + 4000, permuted)
    rng = np.random.default_rng([seed, 11])
    city = City(seed, month, claims, people, rng, who.Employers(seed))
    ordinary.staff(city)
    ordinary.employers(city)
    ordinary.everybody(city)
    for happen in innocents.HARD if hard else innocents.ORDINARY:
        happen(city)
    for happen in () if no_schemes else schemes.HARD if hard else schemes.ORDINARY:
        happen(city)
    ordinary.rolls(city)
    _database(city, url or f"sqlite:///{path / 'benefit.db'}")
    _inbox(city, path / "inbox")
    _sheet(path / "truth_risk.csv", TRUTH, (_named(city, row) for row in city.truth))
    _sheet(path / "quiet_risk.csv", QUIET, (_named(city, row) for row in city.quiet))
    dummy = who.shared_account(0)
    (path / "risk-policy.toml").write_text(POLICY.format(minimum=city.minimum, dummy=dummy), "utf-8")
    world = {"month": hyphened(month), "hard": hard, "no_schemes": no_schemes, "permuted": permuted}
    (path / "world.json").write_text(json.dumps(world), "utf-8")
    return city


def claim_id(number: int) -> str:
    """A claim's number as the benefit database has it."""
    return f"C{number:07d}"


def operator_id(number: int) -> str:
    """An operator's number."""
    return f"OP{number:05d}"


def _named(city: City, row: tuple[Any, ...]) -> Iterator[Any]:
    """A row of truth or innocents with its subject and its district as they are written."""
    kind, key = row[1], row[2]
    shown: dict[str, Callable[[Any], str]] = {
        "claim": claim_id,
        "operator": operator_id,
        "account": str,
        "employer": lambda n: city.employers.all[n].uscc,
    }
    for place, value in enumerate(row):
        district = len(row) == len(TRUTH) and place == TRUTH.index("district") and value != ""
        yield shown[kind](key) if place == 2 else city.identities.district[value] if district else value


def _sheet(path: Path, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def _database(city: City, url: str) -> None:
    who_, firms, code = city.identities, city.employers.all, city.identities.district
    engine = sql.connect(url, create=True)
    sql.create_agency(engine)
    sql.create_agency(engine, reference="risk")
    seen: dict[int, tuple[str, int]] = {p: (phone, d) for p, phone, d in city.rows["recipient"]}
    tables: dict[str, list[tuple[Any, ...]]] = {
        "recipient": [
            (f"P{p:07d}", "resident_id", who_.number[p], who_.name[p], who_.sex[p],
             dt.date.fromisoformat(who_.born[p]), phone, code[d]) for p, (phone, d) in seen.items()
        ],
        "claim": [
            (claim_id(n), f"P{p:07d}", code[d], registered, hyphened(start), 12, 0, False, BENEFIT,
             "active", None, None, left, "212", firms[e].employer_id, firms[e].uscc, firms[e].name,
             registered, "op1", "op2")
            for n, p, d, registered, start, left, e in city.rows["claim"]
        ],
        "payment": [
            (n, claim_id(c), hyphened(month), "unemployment_benefit", BENEFIT, "paid", day, account)
            for n, c, month, day, account in city.rows["payment"]
        ],
        "operator": [
            (operator_id(n), who_.number[p], f"O{o:04d}", code[d], post, since, None, who.own_account(p))
            for n, p, o, d, post, since in city.rows["operator"]
        ],
        "duty_exception": [
            (operator_id(n), pair, since, None, operator_id(by), "内控备案")
            for n, pair, since, by in city.rows["duty_exception"]
        ],
        "claim_event": [
            (n, None if c is None else claim_id(c), kind, at, None if o is None else operator_id(o), channel,
             before, after, ref and _roll(ref, code))
            for n, c, kind, at, o, channel, before, after, ref in city.rows["claim_event"]
        ],
        "account_check": [(a, claim_id(c), holder, day) for a, c, holder, day in city.rows["account_check"]],
        "payee_agent": [(a, "guardian", since, None) for a, since in city.rows["payee_agent"]],
        "service_hours": [(f"O{o:04d}", day, "09:00", "17:00") for o, day in city.rows["service_hours"]],
    }  # fmt: skip
    with engine.begin() as connection:
        for name, rows in tables.items():
            table = AGENCY.tables[name] if name in AGENCY.tables else OPTIONAL.tables[name]
            sql.copy_rows(connection, table, rows)
    engine.dispose()


def _roll(reference: str, code: list[str]) -> str:
    head, place, tail = reference.replace("{", "\0").replace("}", "\0").split("\0")
    return f"{head}{code[int(place)]}{tail}"


def _inbox(city: City, folder: Path) -> None:
    """One delivery of each feed that the rules read."""
    who_, firms, day = city.identities, city.employers.all, city.last
    contributions = (
        (who_.number[p], who_.name[p], firms[e].employer_id, firms[e].name, firms[e].uscc, firms[e].kind,
         "210", compact(m), compact(m), "10", base, "1", on(m, 25), "1")
        for p, e, m, base in city.rows["contributions"]
    )  # fmt: skip
    forms = (
        (who_.number[p], who_.name[p], firms[e].employer_id, firms[e].uscc, joined, left, code, filed, form,
         replaced, "窗口", ref)
        for p, e, joined, left, code, filed, form, replaced, ref in city.rows["staff_reductions"]
        if filed <= day
    )  # fmt: skip
    _deliver(folder, day, "contributions", (
        "公民身份号码,姓名,单位编号,单位名称,统一社会信用代码,单位类型,险种类型,费款所属期,对应费款所属期,缴费类型,缴费基数,"
        "缴费标志,到账日期,有效标志"
    ), contributions)  # fmt: skip
    _deliver(folder, day, "staff_reductions", (
        "公民身份号码,姓名,单位编号,统一社会信用代码,参保日期,减员日期,减员原因,申报日期,申报编号,更正原编号,申报渠道,依据文号"
    ), forms)  # fmt: skip
    nobody = who_.number[-1], who_.name[-1]
    _deliver(folder, day, "deaths", "公民身份号码,姓名,死亡日期,死亡登记日期,注销原因,死亡证明编号,数据来源",
             [(*nobody, on(city.month, 2), on(city.month, 5), "死亡", "SW00000001", "公安")])  # fmt: skip
    _deliver(folder, day, "hires", "身份证号,姓名,用工单位,统一社会信用代码,录用日期,解聘时间,就业形式",
             [(*nobody, firms[0].name, firms[0].uscc, on(city.month, 2), None, "单位就业")])  # fmt: skip
    _deliver(folder, day, "identity_changes", "公民身份号码,原公民身份号码,姓名,曾用名,变更日期",
             [(*nobody[:1], None, nobody[1], who_.name[-2], on(city.month, 2))])  # fmt: skip
    since = on(city.month - 60)
    _deliver(folder, day, "business_roles", (
        "统一社会信用代码,企业名称,市场主体类型,登记状态,成立日期,姓名,证件号码,联系电话,职务,任职日期"
    ), (
        (firms[e].uscc, firms[e].name, "有限责任公司", "存续", since, who_.name[p], who_.number[p], phone,
         "联络员", since) for e, p, phone in city.rows["contact"]
    ))  # fmt: skip


def _deliver(folder: Path, day: dt.date, feed: str, head: str, rows: Iterable[tuple[Any, ...]]) -> None:
    place = folder / day.isoformat() / feed
    place.mkdir(parents=True)
    _sheet(place / f"{feed}.csv", head.split(","), rows)
