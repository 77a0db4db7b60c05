"""Each rule of version 2026.2 has its sentences in the case book, the innocent first, or its tests."""

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from matchers.findings import TIERS
from tests.casebook import cases, listed

HERE = Path(__file__).parent
RULES: dict[str, dict[str, Any]] = tomllib.loads((HERE / "amended_rules.toml").read_text("utf-8"))
SENTENCES = {case.fields["says"]: case for case in cases()}
STRENGTHS = {tier: strength for strength, tier in TIERS.items()}


@cache
def every_test() -> frozenset[str]:
    trees = [ast.parse(path.read_text("utf-8")) for path in HERE.glob("test_*.py")]
    return frozenset(n.name for tree in trees for n in tree.body if isinstance(n, ast.FunctionDef))


def strongest(sentence: str) -> int:
    """The strength of the strongest suspicion that the sentence raises; 0 for none."""
    finds = listed(SENTENCES[sentence].fields.get("finds", []))
    return max((STRENGTHS[find["tier"]] for find in finds), default=0)


def test_all_thirty_are_there() -> None:
    assert [int(number) for number in RULES] == list(range(1, 31))


@pytest.mark.parametrize("number", RULES)
def test_each_rule_has_sentences_or_tests_that_exist(number: str) -> None:
    rule = RULES[number]
    named = [*rule.get("innocent", []), *rule.get("suspect", [])]
    assert set(named) <= SENTENCES.keys()
    assert set(rule.get("tests", [])) <= every_test()
    assert rule.get("innocent") or rule.get("tests")


@pytest.mark.parametrize("number", [number for number, rule in RULES.items() if "suspect" in rule])
def test_the_innocent_come_first_and_are_suspected_of_less(number: str) -> None:
    rule = RULES[number]
    assert list(rule)[:3] == ["rule", "innocent", "suspect"]
    assert max(map(strongest, rule["innocent"])) <= max(map(strongest, rule["suspect"]))
