"""演示城市 — a made-up municipality with planted truth, the same bytes for the same seed."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

import sql
from pipelines.demo import agency, truth
from pipelines.demo.background import Background
from pipelines.demo.calendar import Calendar
from pipelines.demo.case import Case
from pipelines.demo.claims import Claim, Recipient, open_claim
from pipelines.demo.employers import employer
from pipelines.demo.identity import mangled
from pipelines.demo.inbox import Inbox, Mailbox
from pipelines.demo.people import Person, recipients
from pipelines.demo.story import Story, stories
from pipelines.errors import UsageError

SEED: Final = 20261
AS_OF: Final = date(2026, 6, 18)
EVENTFUL: Final = 0.4
LINKS: Final = {"exact": 76, "converted": 8, "alias": 8, "name_differs": 8}


@dataclass(frozen=True, slots=True)
class Counts:
    """What was built: claims, rows of contributions, candidates to be found, deliveries."""

    claims: int
    contributions: int
    candidates: int
    deliveries: int


def build(
    path: Path,
    *,
    claims: int = 1500,
    rows: int = 40_000,
    seed: int = SEED,
    as_of: date = AS_OF,
    mangled: float = 0.0,
    url: str | None = None,
) -> Counts:
    """A city at ``path``: benefit.db (or the database at ``url``), inbox/, and what a night must find there.

    ``rows`` is about how many contributions are delivered, ``mangled`` the share of guilty people whose
    number the agencies have mangled. ``UsageError`` where something stands at ``path`` or in the database.
    """
    if path.exists() and any(path.iterdir()):
        raise UsageError(f"{path}: 目录非空；演示城市请写到一个新目录")
    path.mkdir(parents=True, exist_ok=True)
    town = _Town(seed, Calendar(as_of), mangled)
    sheets, mailbox = truth.Sheets(town.calendar), Mailbox()
    engine = sql.connect(url or f"sqlite:///{path / 'benefit.db'}")
    with agency.opened(engine) as benefit:
        for story, case in town.cases(claims):
            findings = story.play(case) or []
            for finding in findings:
                truth.recover(case.rng, finding, town.calendar)
            sheets.add(story.name, case.claims, findings)
            mailbox.add(case.rows)
            for claim in case.claims:
                mailbox.ordinary.add(case.rng, claim, claim is case.claim)
            benefit.add(case.claims)
    engine.dispose()
    background = Background(seed, min(max(rows // 20, 2_000), 200_000))
    counted = Inbox(path / "inbox", town.calendar, mailbox, background, rows=rows, claims=claims).write()
    sheets.write(path)
    truth.write_sheet(path / "counts.csv", ("feed", "delivered_on", "rows", "rejected", "dropped"), counted)
    made = Counts(
        claims=benefit.written["claim"],
        contributions=sum(line[2] for line in counted if line[0] == "contributions"),
        candidates=len(sheets.truth),
        deliveries=len(counted),
    )
    _explain(path, seed, as_of, made)
    return made


class _Town:
    """Casts the stories: who plays which, and how the agencies know them."""

    def __init__(self, seed: int, calendar: Calendar, mangled: float) -> None:
        self.seed = seed
        self.calendar = calendar
        self.mangled = mangled
        self._numbers = count(1)

    def number(self) -> str:
        return f"{next(self._numbers):07d}"

    def cases(self, claims: int):  # type: ignore[no-untyped-def]
        deck = _deck(Random(f"{self.seed}/deck"), claims)
        people = recipients(np.random.default_rng([self.seed, 0]), claims)
        for place, (story, person) in enumerate(zip(deck, people, strict=True)):
            yield story, self._case(Random(f"{self.seed}/{place}"), story, person)

    def _case(self, rng: Random, story: Story, person: Person) -> Case:
        number = self.number()
        registered = person.id_number if story.staged else _registered(rng, person)
        who = Recipient(f"P{number}", person, registered)
        claim = open_claim(rng, self.calendar, f"C{number}", who, employer(rng), story.shape)
        case = Case(rng, self.calendar, [claim], person, "exact", self.number)
        if not story.staged:
            self._disguise(case, guilty=story.guilty)
        return case

    def _disguise(self, case: Case, *, guilty: bool) -> None:
        """Chooses how the agencies know the person: the link that the night has to find."""
        person, rng = case.person, case.rng
        case.link = rng.choices(list(LINKS), list(LINKS.values()))[0]
        if guilty and rng.random() < self.mangled:
            case.link = "mangled"
        if case.link == "converted" and person.born.year >= 2000:
            case.link = "exact"
        if case.link == "converted":
            case.written = replace(person, id_number=person.fifteen)
        elif case.link == "alias":
            case.written = person.renumbered(rng)
            case.change(person, old_number=case.written.id_number)
        elif case.link == "name_differs":
            case.written = person.misheard()
        elif case.link == "mangled":
            case.written = mangled(person, rng)


def _deck(rng: Random, claims: int) -> list[Story]:
    """Every story at least once as far as the claims go, lawful claims in between."""
    eventful = [story for story in stories() if story.plays]
    quiet = [story for story in stories() if not story.plays]
    played = min(claims, max(len(eventful), int(claims * EVENTFUL)))
    turns = played // len(eventful) + 1
    deck = [story for _ in range(turns) for story in rng.sample(eventful, len(eventful))][:played]
    weights = [8, *[1] * (len(quiet) - 1)]
    deck.extend(rng.choices(quiet, weights, k=claims - played))
    rng.shuffle(deck)
    return deck


def _registered(rng: Random, person: Person) -> str:
    """The number as the benefit agency has it: mostly the person's, sometimes old or untidy."""
    number = person.id_number
    forms = [number.lower(), f" {number}", f"{number[:6]} {number[6:]}"]
    if person.born.year < 2000:
        forms.append(person.fifteen)
    return rng.choice(forms) if rng.random() < 0.06 else number


def _explain(path: Path, seed: int, as_of: date, made: Counts) -> None:
    (path / "README.md").write_text(
        f"""# 演示城市（人、单位均为虚构）

基准日 {as_of}，种子 {seed}；待遇档案 {made.claims} 份，缴费记录 {made.contributions} 行，投递 {made.deliveries} 次。
同一种子得到同一座城市。证件号码的地区码不存在，校验码有效。

| 文件 | 内容 |
|---|---|
| `benefit.db` | 待遇库四张表（另给数据库地址时没有此文件） |
| `inbox/` | 各部门投递的文件；日期晚于基准日的，当夜不应看到 |
| `truth.csv` | 当夜必须发现的疑点（{made.candidates} 条）、停发月、多领月份与金额；`link` 为身份写法 |
| `quiet.csv` | 不得产生疑点的待遇档案，及各自的情节 |
| `counts.csv` | 每次投递的行数、退回行数、略过行数 |
| `notices.csv` | 应提示遗属待遇的待遇档案 |
""",
        "utf-8",
    )
