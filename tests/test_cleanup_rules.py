"""What the clean-up makes of chains, of merges upon merges, of months paid late, of what is missing."""

import json

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, insert

from matchers import cleanup, months
from matchers.cleanup import clusters
from matchers.cleanup.keys import keys, of_keys
from matchers.cleanup.ledger import gaps, ledger
from matchers.people.chains import chains
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.cleanup import merges, queue
from pipelines.linking.recipients import prepared
from sql import cleanup_tables as t
from tests.cleanup_cases import AS_OF, CLAIM, PERSON, SPAN, TYPES, Case, findings

GIVEN_TWICE, FIRST, SECOND = "999999198001011014", "999999198001011030", "999999198001011057"
CHANGES = ["id_key", "old_id_key", "name_key", "old_name_key"]
NOBODY = pd.DataFrame(columns=["person_no", "month"])


def test_a_person_and_a_month_are_one_whole_number_and_again_themselves() -> None:
    rows = pd.DataFrame({"person_no": ["P2", "P1", "P2"], "month": [24_321, 0, 25_199]})
    persons = pd.Index(["P1", "P2"])
    again = of_keys(keys(rows, persons), persons)
    assert again.astype({"person_no": object}).to_numpy().tolist() == rows.to_numpy().tolist()
    assert (keys(rows, pd.Index(["P1"])) < 0).tolist() == [True, False, True]


def _chain_of(*rows: list[str | None]) -> dict[tuple[str, str], str]:
    joined = chains(pd.DataFrame(list(rows), columns=CHANGES, dtype=object))
    return {(number, name): chain for number, name, chain in joined.itertuples(index=False, name=None)}


def test_two_people_who_both_gave_up_a_number_given_twice_are_in_no_chain() -> None:
    chain = _chain_of([FIRST, GIVEN_TWICE, "甲", None], [SECOND, GIVEN_TWICE, "乙", None])
    assert chain[FIRST, "甲"] == chain[GIVEN_TWICE, "甲"] != chain[SECOND, "乙"]


def test_a_number_changed_twice_and_a_name_between_is_one_chain() -> None:
    chain = _chain_of(
        [FIRST, GIVEN_TWICE, "甲", None], [FIRST, None, "乙", "甲"], [SECOND, FIRST, "乙", None]
    )
    assert len(set(chain.values())) == 1


def test_a_number_kept_by_one_merge_and_given_up_by_the_next_leads_to_the_last(database: Engine) -> None:
    with database.begin() as connection:
        for members, kept in (("P1+P2", "P2"), ("P2+P3", "P3")):
            _proposal(connection, members, kept, "applied")
        assert merges.superseded(connection) == {"P1": "P3", "P2": "P3"}


def test_a_merge_that_people_refused_stays_refused_under_the_number_that_is_kept(database: Engine) -> None:
    with database.begin() as connection:
        _proposal(connection, "P1+P9", "P9", "rejected")
        _proposal(connection, "P1+P2", "P2", "applied")
        assert merges.rejected(connection).to_numpy().tolist() == [["P2", "P9"]]


def _proposal(connection: Connection, members: str, kept: str, status: str) -> None:
    row = dict.fromkeys(t.correction_proposal.c.keys(), "") | {
        "proposal_id": members, "check_code": "DUPLICATE_PERSON", "record_key": members,
        "after_value": kept, "status": status,
    }  # fmt: skip
    connection.execute(insert(t.correction_proposal).values(row))


@pytest.mark.parametrize(
    ("other", "tier"),
    [
        ("李文思", "same_number"),
        ("李思", "shared"),
        ("李思武", "shared"),
        ("李思□", "shared"),
        ("王建国", "shared"),
    ],
)
def test_two_registrations_of_one_number_are_one_person_where_a_clerk_turned_the_name_round(
    other: str, tier: str
) -> None:
    rows = [PERSON | {"name": "李思文"}, PERSON | {"person_no": "P2", "name": other}]
    persons = prepared(pd.DataFrame(rows)).assign(live_claim=False, paid_months=0)
    scored = clusters.pairs(persons, pd.DataFrame(columns=CHANGES)).set_index(["a", "b"])
    assert scored.loc[("P1", "P2"), "tier"] == tier


def test_no_registration_is_compared_with_itself_and_no_pair_stands_twice() -> None:
    numbers = ("P1", "P2", "P3")
    persons = prepared(pd.DataFrame([PERSON | {"person_no": number} for number in numbers]))
    scored = clusters.pairs(persons.assign(live_claim=False, paid_months=0), pd.DataFrame(columns=CHANGES))
    met = list(zip(scored["a"], scored["b"], strict=True))
    assert met == [("P1", "P2"), ("P1", "P3"), ("P2", "P3")]


def test_a_month_that_was_paid_late_is_no_gap_and_within_a_year_no_finding() -> None:
    lines = [_span("2020-01..2020-02"), _span("2020-04..2020-05"), _span("2020-03", "2", "2020-06-10")]
    book = ledger(pd.DataFrame(lines, columns=SPAN).astype(TYPES), months.of(AS_OF))
    march = book.months[book.months["month"] == months.number("2020-03")].iloc[0]
    assert march["owed"]
    assert march["cleared"]
    assert gaps(book, NOBODY).empty


def _span(span: str, flag: str = "1", received: str | None = None) -> list[object]:
    first, _, last = span.partition("..")
    ends = months.number(first), months.number(last or first)
    length, latest = ends[1] - ends[0] + 1, months.number("2026-01")
    return ["P1", "E1", "210", *ends, length, "10", flag, "1", "批次", latest, received]


def test_a_gap_names_the_claims_that_it_may_lessen() -> None:
    paid = ("E1 2018-01..2018-12", "E1 2019-03..2020-06")
    (row,) = findings(Case("MONTH_GAP", "", claim={}, paid=paid)).to_dict("records")
    assert row["months"] == "2019-01..2019-02"
    assert json.loads(row["evidence"]) == {"claims": {CLAIM["claim_id"]: "2019-01..2019-02"}}


@pytest.mark.parametrize(
    ("complete", "words"),
    [
        ({}, "未证明完整，可能缺少月份"),
        ({"999999": months.number("2010-01")}, "2010-01 起完整，此前可能缺少月份"),
        ({"999998": months.number("2010-01")}, "未证明完整，可能缺少月份"),
    ],
)
def test_a_term_that_seems_too_long_says_what_the_records_prove(complete: dict[str, int], words: str) -> None:
    case = Case("ENT_OVER", "", claim={"entitled_months": 9}, paid=("E1 2018-07..2020-06",))
    (row,) = findings(case, complete).to_dict("records")
    assert json.loads(row["evidence"])["history"] == words
    assert row["confidence"] == "ask"


def test_a_setting_of_complete_months_that_cannot_be_read_is_refused() -> None:
    read = Settings(history_complete_from="510000=2010-01 510001=2012-07").complete_months
    assert read == {"510000": months.number("2010-01"), "510001": months.number("2012-07")}
    for wrong in ("2010-01", "510000=2010", "510000=2010-13"):
        with pytest.raises(UsageError, match="history_complete_from"):
            _ = Settings(history_complete_from=wrong).complete_months


def test_questions_about_registrations_are_asked_first_where_no_month_is_in_common(database: Engine) -> None:
    rows = [_question("P1+P2", "2020-01"), _question("P3+P4", "")]
    with database.begin() as connection:
        connection.execute(insert(t.cleanup_finding), rows)
        asked, _ = queue.questions(connection, "999999")
    assert asked["record_key"].tolist() == ["P3+P4", "P1+P2"]


def _question(members: str, overlap: str) -> dict[str, str]:
    return dict.fromkeys(t.cleanup_finding.c.keys(), "") | {
        "finding_id": members, "check_code": "DUPLICATE_PERSON", "relation": "registrations",
        "record_key": members, "column_name": "person_no", "district": "999999", "confidence": "ask",
        "why": cleanup.catalogue()["DUPLICATE_PERSON"].title, "status": "open", "favours": "nobody",
        "evidence": json.dumps({"record": {}, "overlap": overlap}),
    }  # fmt: skip
