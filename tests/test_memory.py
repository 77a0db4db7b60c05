"""What people decided binds the nights that follow; only a fact that nobody judged may reopen a candidate."""

from hypothesis import given, settings
from hypothesis import strategies as st

from matchers import lifecycle
from matchers.evidence import candidate_id, fingerprint
from matchers.judge import judge
from matchers.lifecycle import Status
from tests.casebook import Case, docket

calm = settings(max_examples=80, deadline=None, derandomize=True)
FACTS = st.frozensets(st.sampled_from("abcdef"), min_size=1)
JUDGED = st.frozensets(st.sampled_from("abcdef"))
PENSION = {"started_month": "2026-06"}


@calm
@given(st.sampled_from(lifecycle.TAKEN_UP), FACTS, JUDGED)
def test_a_night_never_moves_what_a_person_has_taken_up(
    status: str, facts: frozenset[str], judged: frozenset[str]
) -> None:
    assert lifecycle.next_status(status, facts, judged) == status


@calm
@given(JUDGED, st.data())
def test_facts_that_a_person_dismissed_never_raise_it_again(
    judged: frozenset[str], data: st.DataObject
) -> None:
    if judged:
        facts = data.draw(st.frozensets(st.sampled_from(sorted(judged)), min_size=1))
        assert lifecycle.next_status(Status.DISMISSED, facts, judged) == Status.DISMISSED


@calm
@given(st.sampled_from([None, Status.OPEN, Status.DISMISSED, Status.WITHDRAWN]), FACTS, JUDGED)
def test_a_fact_that_nobody_judged_opens_it(
    status: str | None, facts: frozenset[str], judged: frozenset[str]
) -> None:
    assert lifecycle.next_status(status, facts | {"new"}, judged) == Status.OPEN


@calm
@given(FACTS, FACTS)
def test_a_change_is_told_where_there_is_one(facts: frozenset[str], judged: frozenset[str]) -> None:
    assert (lifecycle.changed(facts, judged) == "") == (facts == judged)
    assert lifecycle.changed(facts, None) == ""


@calm
@given(st.lists(st.sampled_from("abcdef")), st.lists(st.sampled_from("abcdef")))
def test_a_fingerprint_is_that_of_the_set_of_facts(one: list[str], other: list[str]) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (set(one) == set(other))


def test_a_snapshot_that_comes_again_is_the_same_fact() -> None:
    september = {**PENSION, "delivered_on": "2026-09-10"}
    assert _fingerprint(september) == _fingerprint({**PENSION, "delivered_on": "2026-10-10"})


def test_a_pension_that_began_in_another_month_is_another_fact() -> None:
    assert _fingerprint(PENSION) != _fingerprint({"started_month": "2026-07"})


def test_a_candidate_keeps_its_number_whatever_carries_it() -> None:
    assert candidate_id("C1", "PENSION") == candidate_id("C1", "PENSION")
    assert len({candidate_id(claim, cause) for claim in ("C1", "C2") for cause in ("PENSION", "DEATH")}) == 4


def _fingerprint(pension: dict[str, str]) -> str:
    case = Case("memory", 1, {"says": "", "pension_payees": pension})
    (fingerprint,) = judge(docket(case)).candidates["fingerprint"]
    return str(fingerprint)
