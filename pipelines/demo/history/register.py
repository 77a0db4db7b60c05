"""登记簿 — what the stories write: rows of each dataset, claims, and the truth beside them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from pipelines.demo.calendar import hyphened, month_of, on
from pipelines.demo.claims import BENEFIT, PAYDAY, STANDARDS, Claim, Payment, Recipient
from pipelines.demo.employers import Employer, employer
from pipelines.demo.history.terms import Terms
from pipelines.demo.people import Person

Row = dict[str, str]
SEX: Final = {"M": "男", "F": "女"}
LEFT: Final = month_of(dt.date(2018, 6, 1))  # long before anything that a night still checks


@dataclass(slots=True)
class Register:
    """Collects what is written, dataset by dataset, under the headings of an export.

    ``truth``: by sheet its lines; ``claims``: those that the register's own people drew, long over.
    """

    terms: Terms
    rows: dict[str, list[Row]] = field(
        default_factory=lambda: {
            name: [] for name in ("registrations", "contribution_history", "employers", "key_changes")
        }
    )
    truth: dict[str, list[tuple[object, ...]]] = field(
        default_factory=lambda: {name: [] for name in ("persons", "pairs", "findings", "entitlement")}
    )
    claims: list[Claim] = field(default_factory=list)

    def enrol(self, person_no: str, who: Person, since: int, **written: str) -> None:
        """One registration; ``written`` replaces what it says of the person."""
        self.rows["registrations"].append(
            {
                "个人编号": person_no, "证件类型": "居民身份证", "身份证号码": who.id_number,
                "姓名": who.name, "性别": SEX[who.sex], "出生日期": who.born.isoformat(),
                "联系电话": who.phone, "行政区划": who.district, "参保登记日期": on(since).isoformat(),
                "银行账号": "6222" + person_no[1:].zfill(15), "参保状态": "1",
            }
            | written
        )  # fmt: skip

    def employ(self, payer: Employer, **written: str) -> None:
        """One row of an employer."""
        columns = {"单位编号": payer.employer_id, "单位名称": payer.name, "统一社会信用代码": payer.uscc}
        self.rows["employers"].append(columns | written)

    def pay(self, person_no: str, payer: Employer, months: range, kind: str = "10", flag: str = "1") -> None:
        """Some months in a row at one payer."""
        self.rows["contribution_history"].append(
            {
                "个人编号": person_no, "单位编号": payer.employer_id, "险种": "210",
                "起始年月": hyphened(months.start), "终止年月": hyphened(months.stop - 1), "缴费类型": kind,
                "缴费标志": flag,
            }
        )  # fmt: skip

    def edit(self, person_no: str, column: str, before: str, after: str, day: dt.date) -> None:
        """One edit of a key in the core system."""
        edited = {"个人编号": person_no, "变更项目": column, "变更前": before, "变更后": after}
        self.rows["key_changes"].append(edited | {"变更日期": day.isoformat(), "经办人": "经办员甲"})

    def finding(
        self, code: str, key: str, column: str, relation: str = "registrations", months: str = ""
    ) -> None:
        """A check that has to say something of a record."""
        self.truth["findings"].append((code, relation, key, column, months))

    def pair(self, a: str, b: str, expect: str) -> None:
        """What has to become of two registrations: ``merge``, ``question`` or ``never``."""
        first, second = sorted((a, b))
        self.truth["pairs"].append((first, second, expect))

    def claim(
        self, rng: Random, person_no: str, who: Person, payer: Employer, paid: int, recorded: int
    ) -> Claim:
        """A claim that began the month after the last one paid and was drawn to its end; its truth."""
        start, separated = LEFT + 1, on(LEFT, 20)
        claim = Claim(
            claim_id=f"C{person_no}", recipient=Recipient(person_no, who, who.id_number),
            registered_on=separated + dt.timedelta(days=5), separated_on=separated, start=start,
            last=start + recorded - 1, entitled=recorded, standard=rng.choice(STANDARDS), status="exhausted",
            last_employer=payer,
        )  # fmt: skip
        claim.payments = [
            Payment(month, BENEFIT, claim.standard, "paid", on(month, PAYDAY))
            for month in range(start, start + recorded)
        ]
        self.claims.append(claim)
        expected = self.terms.months(paid)
        direction = "equal"
        if paid < 12:
            direction = "no_year"
        elif recorded > expected:
            direction = "over"
        elif self.terms.exact and recorded < expected:
            direction = "under"
        short = expected - recorded if direction == "under" else 0
        line = (claim.claim_id, paid, expected, recorded, direction, short, short * claim.standard)
        self.truth["entitlement"].append(line)
        code = {"no_year": "ENT_NO_YEAR", "over": "ENT_OVER", "under": "ENT_UNDER"}.get(direction)
        if code:
            self.finding(code, claim.claim_id, "entitled_months", "claim")
        return claim


@dataclass(slots=True)
class Cast:
    """One story's stage: its own chance, and people and payers nobody else has."""

    rng: Random
    register: Register
    people: list[Person]
    number: int
    story: str

    def newcomer(self, who: Person | None = None, **written: str) -> tuple[str, Person]:
        """Somebody registered for the first time, or ``who`` once more: 个人编号 and person."""
        person = who or self.people.pop()
        person_no = f"H{self.number:04d}{len(self.register.rows['registrations']):05d}"
        self.register.enrol(person_no, person, month_of(person.born) + 20 * 12, **written)
        self.register.truth["persons"].append((person_no, person.id_number, self.story))
        return person_no, person

    def payer(self, **written: str) -> Employer:
        """A new employer, on record."""
        made = employer(self.rng)
        self.register.employ(made, **written)
        return made

    def career(self, person_no: str, years: int, payer: Employer | None = None) -> Employer:
        """So many full years in a row until claims of old begin."""
        at = payer or self.payer()
        self.register.pay(person_no, at, range(LEFT - years * 12 + 1, LEFT + 1))
        return at


HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "persons": ("person_no", "entity", "story"),
    "pairs": ("a", "b", "expect"),
    "findings": ("code", "relation", "record_key", "column", "months"),
    "entitlement": (
        *("claim_id", "counted", "expected", "recorded", "direction", "months_short", "short_fen"),
    ),
}
