"""The states of a candidate: declared in one place, and each with its way on."""

import ast
from pathlib import Path

import pytest

from matchers.lifecycle import ACTIVE, FALLEN, MAY_FOLLOW, PROVEN, Status, Step, reached

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "matchers" / "lifecycle.py"
MODULES = sorted(p for part in ("matchers", "pipelines", "dags") for p in (ROOT / part).rglob("*.py"))
STATES = {*Status, *Step}


def bare(source: str) -> list[tuple[int, str]]:
    """The lines on which a state stands as a string of its own."""
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return [
        (node.lineno, node.value) for node in nodes if isinstance(node.value, str) and node.value in STATES
    ]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_state_stands_as_a_bare_string(module: Path) -> None:
    assert module == PLACE or bare(module.read_text("utf-8")) == []


def test_a_bare_state_is_seen_wherever_it_stands() -> None:
    assert bare("a = b['open']\nc = f'{x[\"closed\"]}'") == [(1, "open"), (2, "closed")]


def test_every_step_leads_to_a_state_and_every_state_but_the_withdrawn_is_left_or_left_alone() -> None:
    assert {Status(reached(step)) for step in Step} == set(Status) - {Status.OPEN, Status.WITHDRAWN}
    assert set(MAY_FOLLOW) == set(Step)
    assert {before for may in MAY_FOLLOW.values() for before in may} == set(Status) - {Status.WITHDRAWN}


def test_every_state_is_either_active_or_fallen_or_closed() -> None:
    assert sorted([*ACTIVE, *FALLEN, Status.CLOSED]) == sorted(Status)
    assert set(PROVEN) - set(ACTIVE) == {Status.CLOSED}
