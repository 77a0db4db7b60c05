"""The case book: every sentence of ``tests/causes/*.toml`` holds, and every word of the rules has one."""

import re
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from matchers.causes import causes
from matchers.findings import EVERY_CAUSE
from matchers.judge import Judgement, judge
from tests.casebook import BOOK, USUAL_CLAIM, USUAL_LINK, USUAL_PAYMENTS, Case, cases, docket
from tests.verdict import CASE, FIND, FLAGS, PAYMENT, expected, flat, heard, reasons_named, strange_words

COMMON = Case("", 0, {}).terms
QUIET = {case.file: case for case in reversed(cases()) if "finds" not in case.fields}


@cache
def night(terms: str) -> Judgement:
    """All sentences of the same terms, judged in one night."""
    return judge(docket(*(case for case in cases() if case.terms == terms)))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.place)
def test_the_sentence_holds(case: Case) -> None:
    assert flat(heard(case, night(case.terms))) == flat(expected(case)), str(case)


@pytest.mark.parametrize("case", QUIET.values(), ids=lambda case: case.place)
def test_a_night_that_finds_nothing_is_a_night_like_any_other(case: Case) -> None:
    assert flat(heard(case, judge(docket(case)))) == flat(expected(case)), str(case)


def test_the_order_in_which_rows_come_changes_nothing() -> None:
    common = [case for case in cases() if case.terms == COMMON]
    night_docket = docket(*common)
    turned = judge(
        replace(
            night_docket,
            claims=_shuffled(night_docket.claims),
            payments=_shuffled(night_docket.payments),
            linked={name: _shuffled(rows) for name, rows in night_docket.linked.items()},
        )
    )
    prints = ["candidate_id", "fingerprint", "summary"]
    for case in common:
        assert flat(heard(case, turned)) == flat(heard(case, night(COMMON))), str(case)
    assert set(turned.candidates[prints].itertuples(index=False, name=None)) == set(
        night(COMMON).candidates[prints].itertuples(index=False, name=None)
    )


def test_a_rule_found_wrong_too_often_gives_leads_that_say_so_but_what_was_confirmed_stands() -> None:
    night_docket = docket(*(case for case in cases() if case.terms == COMMON))
    before = night(COMMON).candidates.set_index("candidate_id")
    rule = before[(before["cause"] == "REEMPLOYED") & (before["tier"] == "precise")].index
    proven, fallen = rule[0], rule[1:]
    judged = judge(
        replace(night_docket, demoted={"REEMPLOYED/precise": "该规则不准"}, confirmed=frozenset({proven}))
    )
    after = judged.candidates.set_index("candidate_id").loc[before.index]
    assert len(fallen) > 5
    assert set(after.loc[fallen, "tier"]) == {"lead"}
    assert all("该规则不准" in summary for summary in after.loc[fallen, "summary"])
    assert after.drop(index=fallen).equals(before.drop(index=fallen))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.place)
def test_the_sentence_uses_declared_words_only(case: Case) -> None:
    assert strange_words(case) == set(), str(case)


def test_every_word_in_which_sentences_are_written_stands_in_the_readme() -> None:
    explained = set(re.findall(r"`(\w+)`", (BOOK / "README.md").read_text("utf-8")))
    words = {*CASE, *FIND, *FLAGS, *PAYMENT, *USUAL_CLAIM, *USUAL_PAYMENTS, *USUAL_LINK}
    assert words - explained == set()


def test_every_sentence_stands_once() -> None:
    sentences = [case.fields["says"] for case in cases()]
    assert len(sentences) == len(set(sentences))


def test_every_cause_has_a_book_and_a_sentence_that_raises_it() -> None:
    raised = {cause for case in cases() for _, cause in expected(case)["finds"]}
    assert raised == set(causes())
    assert {code.lower() for code in causes()} <= {case.file for case in cases()}


@pytest.mark.parametrize("code", sorted(causes()))
def test_every_reason_of_a_cause_has_a_sentence(code: str) -> None:
    named = {word for case in cases() for cause, word in reasons_named(case) if cause == code}
    assert named - set(EVERY_CAUSE) == set(causes()[code].words)


def test_every_reason_that_all_causes_share_has_a_sentence() -> None:
    assert set(EVERY_CAUSE) <= {word for case in cases() for _, word in reasons_named(case)}


def _shuffled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=7, ignore_index=True)
