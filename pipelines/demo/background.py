"""背景 — the millions of rows about people who draw no benefit, drawn column by column.

Each feed has one small function that gives its columns for ``count`` rows; who they are about is added here.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import numpy as np
import pyarrow as pa

from pipelines.demo import people
from pipelines.demo.calendar import compact, month_of, on
from pipelines.demo.employers import employer

Columns = Mapping[str, Any]
EMPLOYERS: Final = 400
WHO: Final = ["id_number", "name", "sex", "birth_date", "phone"]
UNUSABLE: Final = ("", "510000000000000000", "111111111111111111", "不详", "51029119880101")


@dataclass(frozen=True, slots=True)
class Draw:
    """One delivery's share of randomness, and the employers of the city as text columns."""

    rng: np.random.Generator
    count: int
    delivered_on: dt.date
    employers: pa.Table

    def of(self, *values: str) -> pa.Array:
        """A random one of ``values`` in each row."""
        return pa.array(np.array(values)).take(pa.array(self.rng.integers(0, len(values), self.count)))

    def always(self, value: str) -> pa.Array:
        """The same in every row."""
        return pa.array(np.repeat(value, self.count), pa.string())

    def day(self, least: int, most: int) -> pa.Array:
        """A day so many days before the delivery."""
        ages = self.rng.integers(least, most, self.count)
        return pa.array((np.datetime64(self.delivered_on) - ages).astype("U10"))

    def month(self, least: int, most: int) -> pa.Array:
        """A month so many months before the delivery."""
        now = month_of(self.delivered_on)
        return self.of(*(compact(now - age) for age in range(least, most)))

    def employer(self) -> pa.Table:
        """An employer in each row."""
        return self.employers.take(pa.array(self.rng.integers(0, len(self.employers), self.count)))


def _contributions(draw: Draw) -> Columns:
    payer, settled = draw.employer(), month_of(draw.delivered_on) - 1
    return {
        "employer_id": payer["employer_id"],
        "employer_name": payer["name"],
        "employer_uscc": payer["uscc"],
        "employer_kind": payer["kind"],
        "insurance": draw.of("110", "210", "310"),
        "settled_month": draw.always(compact(settled)),
        "covered_month": draw.always(compact(settled)),
        "payment_kind": draw.of(*["10"] * 12, "31", "34"),
        "base": draw.of("4071", "4800", "5600", "7213.50", "12000"),
        "paid_flag": draw.of(*["1"] * 15, "2"),
        "received_on": draw.always(on(settled, 25).isoformat()),
        "valid": draw.always("1"),
    }


def _business_roles(draw: Draw) -> Columns:
    entity = draw.employer()
    return {
        "entity_uscc": entity["uscc"],
        "entity_name": entity["name"],
        "entity_type": draw.of("有限责任公司", "个体工商户", "个人独资企业", "合伙企业"),
        "entity_status": draw.of("存续", "存续", "在营", "开业", "歇业", "在册"),
        "established_on": draw.day(100, 6000),
        "role": draw.of("法定代表人", "经营者", "负责人", "股东", "监事"),
    }


def _pension_payees(draw: Draw) -> Columns:
    since = draw.month(2, 120)
    return {
        "scheme": draw.of("企业职工", "机关事业", "城乡居民"),
        "payee_kind": draw.of("2", "2", "2", "3"),
        "benefit_form": draw.of("按月", "按月", ""),
        "started_month": since,
        "first_paid_month": since,
        "state": draw.of(*"11110"),
    }


def _hires(draw: Draw) -> Columns:
    payer = draw.employer()
    return {
        "employer_name": payer["name"],
        "employer_uscc": payer["uscc"],
        "hired_on": draw.day(30, 900),
        "form": draw.of("单位就业", "单位就业", "灵活就业", "自主创业"),
    }


def _referrals(draw: Draw, offers: tuple[str, ...], taken: str) -> Columns:
    numbers = draw.rng.integers(10**7, 10**8, draw.count).astype("U8")
    return {
        "referral_no": pa.array(np.char.add("B", numbers)),
        "referred_on": draw.day(20, 30),
        "offered": draw.of(*offers),
        "notice_no": draw.of("GZ000017", "GZ000023", ""),
        "answered_on": draw.day(5, 18),
        "result": draw.of(taken, "本人拒绝", "未联系上"),
    }


def _job_referrals(draw: Draw) -> Columns:
    return _referrals(draw, ("收银员", "保洁员", "叉车工"), "录用")


def _training_referrals(draw: Draw) -> Columns:
    return _referrals(draw, ("电工初级班", "养老护理班"), "参加")


def _deaths(draw: Draw) -> Columns:
    return {
        "died_on": draw.day(12, 40),
        "registered_on": draw.day(2, 11),
        "kind": draw.always("死亡"),
        "certificate_no": draw.of("SW000101", "SW000202", ""),
        "origin": draw.of("公安", "卫健", "民政"),
    }


def _enlistments(draw: Draw) -> Columns:
    return {"approved_on": draw.day(5, 30)}


def _emigrations(draw: Draw) -> Columns:
    return {"reason": draw.of("出国定居", "出境定居", "留学"), "cancelled_on": draw.day(5, 30)}


def _imprisonments(draw: Draw) -> Columns:
    return {
        "罪名": draw.of("盗窃罪", "诈骗罪", "危险驾驶罪"),
        "manner": draw.of("收监", "缓刑", "社区矫正"),
        "confined_on": draw.day(5, 30),
    }


def _identity_changes(draw: Draw) -> Columns:
    return {"old_name": draw.of("王招弟", "李来娣", "张小毛"), "changed_on": draw.day(40, 900)}


COLUMNS: Final[Mapping[str, Callable[[Draw], Columns]]] = {
    "business_roles": _business_roles,
    "contributions": _contributions,
    "deaths": _deaths,
    "emigrations": _emigrations,
    "enlistments": _enlistments,
    "hires": _hires,
    "identity_changes": _identity_changes,
    "imprisonments": _imprisonments,
    "job_referrals": _job_referrals,
    "pension_payees": _pension_payees,
    "training_referrals": _training_referrals,
}


class Background:
    """Everybody else in the city: ``size`` people and their employers, drawn once."""

    def __init__(self, seed: int, size: int) -> None:
        rng = np.random.default_rng([seed, 1])
        self.seed = seed
        self.people = _with_unusable(people.others(rng, size).select(WHO), rng)
        self.employers = _employers(Random(f"{seed}/employers"))

    def rows(self, feed: str, delivered_on: dt.date, part: int, count: int) -> pa.Table:
        """``count`` rows of that delivery; the same arguments always give the same rows."""
        which = list(COLUMNS).index(feed)
        rng = np.random.default_rng([self.seed, which, delivered_on.toordinal(), part])
        who = self.people.take(pa.array(rng.integers(0, len(self.people), count)))
        columns = COLUMNS[feed](Draw(rng, count, delivered_on, self.employers))
        for name, values in columns.items():
            who = who.append_column(name, values)
        return who


def _with_unusable(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """One in a hundred has a number that is none, one in three no telephone."""
    ids = table["id_number"].to_numpy(zero_copy_only=False).astype("U20")
    broken = rng.random(len(ids)) < 0.01
    ids[broken] = rng.choice(UNUSABLE, int(broken.sum()))
    phones = table["phone"].to_numpy(zero_copy_only=False).astype("U11")
    phones[rng.random(len(phones)) < 0.33] = ""
    changed = {"id_number": pa.array(ids), "phone": pa.array(phones)}
    return pa.table({name: changed.get(name, table[name]) for name in table.column_names})


def _employers(rng: Random) -> pa.Table:
    kinds = rng.choices(("10", "20", "60", "80"), (80, 5, 10, 5), k=EMPLOYERS)
    made = [employer(rng, kind) for kind in kinds]
    names = ("employer_id", "name", "uscc", "kind")
    return pa.table({name: [getattr(e, name) for e in made] for name in names})
