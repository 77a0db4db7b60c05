"""Every sentence of the risk case book: what raises a signal, and before it what must not."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from matchers.risk import rules as rule_modules
from matchers.risk.ground import Ground
from matchers.risk.judge import RELATIONS, fingerprint, judge, lacking
from matchers.risk.rules import rules
from matchers.schemas import schemas
from tests.riskbook import cases, ground, said

BOOK = [(rule, case) for rule in rules() for case in cases(rule)]
FORBIDDEN = {"sex", "birth_date", "name", "old_name_text", "id_kind", "surname", "neighbourhood", "ethnicity"}


@pytest.mark.parametrize(("rule", "case"), BOOK, ids=[f"{rule}-{case['says']}" for rule, case in BOOK])
def test_a_sentence_of_the_risk_case_book_holds(rule: str, case: dict[str, object]) -> None:
    made = ground(case)
    missing = lacking(made, rules()[rule], {})
    raised = [] if missing else rules()[rule].look(made)
    assert bool(missing) == bool(case.get("missing")), missing
    assert sorted(map(said, raised)) == sorted(case.get("raises", []))
    reasons = {f.reason for s in raised for f in s.facts}
    assert reasons <= set(rules()[rule].words) | {r for r in reasons if r.startswith("duty:")}
    assert all(type(f.line) in (int, type(None)) for s in raised for f in s.facts)
    if "reasons" in case:
        assert sorted(reasons) == sorted(case["reasons"])


@pytest.mark.parametrize("rule", rules())
def test_every_rule_has_its_innocent_sentences_first(rule: str) -> None:
    raises = [bool(case.get("raises")) for case in cases(rule)]
    assert not raises[0]
    assert any(raises)
    assert sum(not r for r in raises) >= 2


@pytest.mark.parametrize("rule", rules())
def test_every_relation_that_a_rule_needs_has_a_sentence_without_it(rule: str) -> None:
    without = {name for case in cases(rule) for name in case.get("missing", ())}
    assert {*rules()[rule].needs, *rules()[rule].feeds} <= without


def test_a_city_in_which_nothing_happened_raises_nothing() -> None:
    outcome = judge(ground({}), {})
    assert (outcome.signals, dict(outcome.missing), dict(outcome.cut)) == ((), {}, {})


def test_rewriting_the_identity_of_a_claim_that_is_not_there_raises_nothing() -> None:
    edit = {
        "claim_id": "C9", "kind": "change_identity", "edit": "rewritten", "name_changed": True,
        "before_number": "K1", "after_number": "K2", "before_name": "N1", "after_name": "N2",
    }  # fmt: skip
    made = ground({"events": [edit]})
    assert judge(replace(made, claims=made.claims.iloc[:0]), {}).signals == ()


def test_what_people_found_unfounded_is_not_raised_again() -> None:
    made = ground({"payments": [{"claim_id": "C{i}", "many": 3}]})
    first = judge(made, {})
    assert [said(s) for s in first.signals] == ["lead A1 2026 n=3"]
    answered = frozenset(map(fingerprint, first.signals))
    assert judge(made, {}, answered).signals == ()
    more = ground({"payments": [{"claim_id": "C{i}", "many": 4}]})
    assert [said(s) for s in judge(more, {}, answered).signals] == ["lead A1 2026 n=4"]


def test_leads_beyond_the_cap_of_a_district_are_counted_and_those_with_most_money_stay() -> None:
    rows = [
        {"claim_id": f"C{i}-{n}", "account": f"A{i}", "fen": 1000 * i} for i in range(1, 24) for n in range(3)
    ]
    outcome = judge(ground({"payments": rows}), {})
    assert dict(outcome.cut) == {("500199", "ACCOUNT_SHARED"): 3}
    assert {s.subject for s in outcome.signals} == {f"A{i}" for i in range(4, 24)}
    assert outcome.cut_claims == {f"C{i}-{n}" for i in range(1, 4) for n in range(3)}


def test_no_frame_of_the_ground_has_a_column_that_rules_must_not_read() -> None:
    named = {n for n in schemas() if n.startswith("risk_")}
    columns = {c.name for n in named - {"risk_changes"} for c in schemas()[n].columns}
    assert not columns & FORBIDDEN
    assert {RELATIONS[n] for n in RELATIONS} <= {f.name for f in fields(Ground)}


def test_a_rule_is_a_module_of_at_most_forty_lines() -> None:
    folder = Path(rule_modules.__path__[0])
    sizes = {path.name: len(path.read_text("utf-8").splitlines()) for path in folder.glob("*.py")}
    assert {name: size for name, size in sizes.items() if size > 40} == {}
