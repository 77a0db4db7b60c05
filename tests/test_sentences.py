"""A candidate in one sentence: who is involved, why it is not precise, what differs from the last night."""

import re
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, select

from expectations.feed import feeds
from matchers.causes import causes
from matchers.findings import PRECISE, TIER_WORDS
from matchers.judge import Judgement, judge
from matchers.links import ALLOWS
from matchers.since import NEW, moves
from matchers.summary import OWN_RECORDS
from pipelines.base.frames import Night
from pipelines.base.store import Store
from pipelines.desk.roles import Role
from pipelines.judging import moved
from pipelines.reports import bodies, contents, explain, page, ranking, shown
from pipelines.reports import case as cases
from pipelines.reports.page import lists
from sql import tables as t
from tests.casebook import cases as sentences
from tests.casebook import docket
from tests.desk import Desk
from tests.findings import NIGHTS, city

BEFORE, TONIGHT = NIGHTS[-2:]
DISTRICT = "500107"


@cache
def _judged(cause: str) -> list[Judgement]:
    """The nights of the case book's sentences on a cause; sentences of the same terms share one."""
    book = [case for case in sentences() if case.file == cause.lower() and "finds" in case.fields]
    return [judge(docket(*(c for c in book if c.terms == terms))) for terms in {c.terms: None for c in book}]


@pytest.mark.parametrize("cause", causes())
def test_every_candidate_names_who_is_involved_why_it_is_not_precise_and_what_has_changed(cause: str) -> None:
    named = 0
    for night in _judged(cause):
        own = night.candidates[night.candidates["cause"] == cause]
        involved = bodies.of_candidates(
            night.evidence, dict.fromkeys(night.candidates["candidate_id"], DISTRICT)
        )
        less = own.assign(tier="lead", overpaid_fen=own["overpaid_fen"] + 100)
        differs = moves(less, own)
        for row in own.assign(name="", moved=own["candidate_id"].map(differs)).to_dict("records"):
            number = row["candidate_id"]
            text = bodies.of_row({**row, "bodies": involved[number]}, masked=True)
            facts = night.evidence[night.evidence["candidate_id"] == number]
            support = facts[facts["weight"] == "supports"]
            assert re.search(r"涉及：[^。]+。较上夜：", text), text
            for feed in support["feed"].unique():
                assert _body(feed) in text or feed in ("contributions", "hires", "business_roles"), text
            assert ("未列为精确疑点：" in text) == (row["tier"] != "precise"), text
            assert ("先核实身份" in text) == (ALLOWS[row["link_tier"]] < PRECISE), text
            assert (f"等级由一般疑点变为{TIER_WORDS[row['tier']]}" in text) == (row["tier"] != "lead"), text
            assert "已发应退由" in text
            named += 1
    assert named > 0


def _body(feed: str) -> str:
    return bodies.HANDLING if feed in OWN_RECORDS else feeds()[feed].agency


def _kept(store: Store, night: date, engine: Engine, *, less: str = "") -> None:
    """The frames of a night that saw what stands now, a yuan less of one candidate."""
    with engine.connect() as connection:
        rows = connection.execute(select(t.suspension_candidate)).mappings().all()
        facts = pd.DataFrame(connection.execute(select(t.evidence)).mappings().all())
    frame = pd.DataFrame([dict(row) for row in rows if row["first_seen_as_of"] <= night])
    frame.loc[frame["candidate_id"] == less, "overpaid_fen"] -= 100
    frames = Night(store.night(night))
    frames.keep(moved.JUDGED, frame.drop(columns=["first_seen_as_of", "last_seen_as_of"]))
    frames.keep("judged/evidence", facts)


def test_workbook_page_desk_and_explanation_say_the_same_of_a_candidate(desk: Desk, tmp_path: Path) -> None:
    engine, store = desk.engine, Store(tmp_path / "nights")
    alone = contents.read(engine, store, TONIGHT)
    seen = alone.active.set_index("candidate_id")["first_seen_as_of"]
    first = [row["candidate"] for row in lists.stoppable(alone)["rows"]]
    changed = next(number for number in first if seen[number] < TONIGHT)
    _kept(store, BEFORE, engine, less=changed)
    _kept(store, TONIGHT, engine)
    with engine.begin() as connection:
        moved.write(connection, store)
    night = contents.read(engine, store, TONIGHT)
    listed = shown.candidates(night, ranking.in_order(night.active), masked=True).set_index("candidate_id")[
        "summary"
    ]
    words = {number: listed[number].partition("涉及：")[2] for number in listed.index}
    assert "变为" in words[changed]
    new = night.active.loc[night.active["first_seen_as_of"] == TONIGHT, "candidate_id"]
    assert {number for number, text in words.items() if text.endswith(NEW)} == set(new) != set()
    assert all(cases.read(engine, number).sentence == text for number, text in listed.items())
    assert listed[changed] in explain.page(cases.read(engine, changed))
    assert listed[changed] in page.render(night, [])
    person = desk.person("reader", Role.SUPERVISOR, "*")
    for address in (f"/candidates/{changed}", "/candidates?tonight=1"):
        assert listed[changed] in person.client.get(address).text, address


def test_a_second_writing_changes_nothing_and_a_night_that_is_gone_leaves_no_words(
    database: Engine, tmp_path: Path
) -> None:
    city(claims=20).fill(database)
    store = Store(tmp_path)
    c = t.suspension_candidate.c
    read = select(c.candidate_id, c.moved).where(c.moved != "").order_by(c.candidate_id)
    states = []
    for _ in range(2):
        with database.begin() as connection:
            moved.write(connection, store)
            states.append(connection.execute(read).all())
    assert states[0] == states[1] != []
    with database.begin() as connection:
        connection.execute(t.match_run.delete().where(t.match_run.c.as_of < TONIGHT))
        moved.write(connection, store)
        assert connection.execute(read).all() == []
