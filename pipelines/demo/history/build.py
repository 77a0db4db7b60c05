"""历史批次 — two batches of exports and the sheets of truth beside them, the same bytes for the same seed."""

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from pipelines.demo.calendar import hyphened, month_of, on
from pipelines.demo.claims import Claim
from pipelines.demo.history.register import HEADINGS, Cast, Register, Row
from pipelines.demo.history.stories import STORIES, plain
from pipelines.demo.history.terms import TERMS
from pipelines.demo.people import Person, draw
from pipelines.demo.truth import write_sheet

OLD: Final = dt.date(2009, 12, 31)
BORN: Final = range(1973, 1986)
OTHERS: Final = range(500, 1000)
PLAIN_SHARE: Final = 0.6
MOST_TAKEN: Final = 6  # people of one story
ADULT: Final = 18 * 12


def build(
    path: Path, *, seed: int, as_of: dt.date, people: int, policy: str, city: Iterable[Claim]
) -> list[Claim]:
    """The claims of the register's own people, about ``people``; writes ``history/`` and ``truth_*.csv``.

    ``city``: a claim of each of the night's recipients, who are registered as well, with the months that its
    term needs as far as their age allows; of them no truth is stated.
    """
    register = Register(TERMS[policy])
    for claim in city:
        _settle(register, claim, month_of(as_of) - 1)
    _play(register, seed, people)
    _write(path / "history" / f"{on(month_of(as_of))}-central", register.rows, "utf-8-sig")
    _write(path / "history" / f"{OLD}-旧系统", _before(register, month_of(OLD)), "gb18030")
    for sheet, lines in register.truth.items():
        write_sheet(path / f"truth_{sheet}.csv", HEADINGS[sheet], lines)
    return register.claims


def _settle(register: Register, claim: Claim, newest: int) -> None:
    """A recipient of the city, registered as the benefit agency has them."""
    who = claim.recipient
    adult = month_of(who.person.born) + ADULT
    last = min(claim.separated, newest)
    first = max(adult, last - register.terms.paid(claim.entitled) + 1)
    register.enrol(who.person_id, who.person, max(first, adult), 身份证号码=who.id_number or "")
    register.employ(claim.last_employer)
    if first <= last:
        register.pay(who.person_id, claim.last_employer, range(first, last + 1))


def _play(register: Register, seed: int, people: int) -> None:
    crowd, chance = _crowd(seed, people), Random(f"{seed}/history")
    for turn in range(people):
        if len(crowd) < MOST_TAKEN:
            return
        story = STORIES[turn % len(STORIES)]
        if turn >= len(STORIES) and chance.random() < PLAIN_SHARE:
            story = plain
        story(Cast(Random(f"{seed}/history/{turn}"), register, crowd, turn, story.__name__))


def _crowd(seed: int, people: int) -> list[Person]:
    drawn = draw(np.random.default_rng([seed, 9]), people, OTHERS, BORN).to_pylist()
    different = {row["id_number"]: row for row in drawn}.values()
    return [Person(born=dt.date.fromisoformat(row.pop("birth_date")), **row) for row in different]


def _before(register: Register, month: int) -> dict[str, list[Row]]:
    """What the old system had: registrations and paid months up to a month; later exports repeat them."""
    registered = [r for r in register.rows["registrations"] if r["参保登记日期"] <= OLD.isoformat()]
    last = hyphened(month)
    paid = [
        row | {"终止年月": min(row["终止年月"], last)}
        for row in register.rows["contribution_history"]
        if row["起始年月"] <= last
    ]
    return {"registrations": registered[::3], "contribution_history": paid}


def _write(batch: Path, rows: dict[str, list[Row]], encoding: str) -> None:
    for dataset, own in rows.items():
        folder = batch / dataset
        folder.mkdir(parents=True)
        with (folder / f"{dataset}_01.csv").open("w", encoding=encoding, newline="") as file:
            heads = list(dict.fromkeys(head for row in own for head in row))
            sheet = csv.DictWriter(file, heads, restval="", lineterminator="\r\n")
            sheet.writeheader()
            sheet.writerows(own)
