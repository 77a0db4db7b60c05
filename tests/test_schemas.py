"""Each frame that passes between modules has the columns that are declared for it, and no others."""

import datetime as dt
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

import sql
from expectations.feed import feeds
from matchers import schemas as declared
from matchers.cleanup.entitlement import Benefits
from matchers.cleanup.ledger import Ledger
from matchers.cleanup.register import Register as History
from matchers.docket import Docket
from matchers.findings import Findings
from matchers.judge import Judgement, in_force
from matchers.people.register import Register
from matchers.schemas import KINDS, RiskAgents, schemas
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.cleanup.assemble import Result
from pipelines.cleanup.sources import Records, Sources
from pipelines.database.migrate import upgrade
from pipelines.demo import build
from pipelines.judging.docket import docket
from pipelines.judging.writeback import Who
from pipelines.linking.residue import Proposed
from pipelines.linking.step import ByNumber
from tests.boundaries import Passage, nameless_fields, nameless_functions, watched
from tests.city import City

AS_OF = dt.date(2025, 3, 12)
ROOT = Path(__file__).parents[1]
KEPT = {
    "claims": "claims", "payments": "payments", "recipients": "recipients", "identities": "identities",
    "recipients_by_key": "recipients_by_key", "questions": "questions", "probable_links": "probable_links",
    "terms": "terms", "one_employer": "one_employer",
}  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Passage]:
    """A night and its reports, and what passed between their functions."""
    home = tmp_path_factory.mktemp("frames")
    world, url = home / "world", f"sqlite:///{home / 'world' / 'benefit.db'}"
    build(world, claims=120, rows=900, seed=11, as_of=AS_OF, mangled=0.2)
    engine = sql.connect(url)
    upgrade(engine)
    made = Settings(database_url=url, inbox=world / "inbox", store=home / "store", reports=home / "reports")
    with watched("matchers", "pipelines") as passage:
        City(world, made, engine).night(AS_OF.isoformat(), report=True)
    return made, passage


@pytest.fixture
def settings(ran: tuple[Settings, Passage]) -> Settings:
    return ran[0]


@pytest.fixture
def night(ran: tuple[Settings, Passage]) -> Passage:
    return ran[1]


def _kept(folder: Path) -> dict[str, str]:
    """The frames in a night's folder → the schema of each."""
    places = (p.relative_to(folder).with_suffix("").as_posix() for p in folder.rglob("*.parquet"))
    return {place: _schema_of(*place.split("/")) for place in places}


def _schema_of(room: str, name: str = "") -> str:
    return {"linked": "linked", "residue": "residue", "judged": name}.get(room) or KEPT[room]


def test_every_frame_that_a_night_keeps_is_as_declared(settings: Settings) -> None:
    night = Night.of(settings, AS_OF)
    kept = _kept(night.folder)
    assert {*KEPT, *(f"judged/{part.name}" for part in fields(Judgement))} <= set(kept)
    assert {place: schemas()[name].faults(night.frame(place)) for place, name in kept.items()} == {
        place: [] for place in kept
    }


def test_a_linked_row_has_the_columns_of_its_feed_and_of_its_link_and_no_others(settings: Settings) -> None:
    night = Night.of(settings, AS_OF)
    own = {c.name for c in schemas()["linked"].columns}
    for name in (n for n in feeds() if night.path(f"linked/{n}").exists()):
        beside = set(night.frame(f"linked/{name}").columns) - own
        assert set(feeds()[name].columns) - own <= beside, name


def test_what_each_cause_says_is_as_declared(settings: Settings) -> None:
    whole = docket(settings, AS_OF).renumbered()
    assert schemas()["payments"].faults(whole.payments) == []
    for code, cause in in_force(whole).items():
        findings = cause.rule(whole)
        assert schemas()["facts"].faults(findings.facts) == [], code
        assert schemas()["exclusions"].faults(findings.excluded) == [], code


@pytest.mark.parametrize(
    "holder",
    [
        Docket,
        Judgement,
        Findings,
        Register,
        Who,
        ByNumber,
        Proposed,
        Benefits,
        Ledger,
        History,
        Records,
        Sources,
        Result,
    ],
)
def test_a_class_that_holds_frames_names_them_and_shows_their_columns(holder: type) -> None:
    hints = holder.__annotations__.values()
    names = {arg for hint in hints for part in (hint, *get_args(hint)) for arg in _schema_names(part)}
    assert names
    for name in names:
        assert all(column.name in str(holder.__doc__) for column in schemas()[name].columns)


def _schema_names(hint: object) -> set[str]:
    return {str(name) for name in getattr(hint, "__metadata__", ())}


def test_every_schema_has_a_name_for_signatures() -> None:
    named = {arg for word in vars(declared).values() for arg in _schema_names(word)}
    assert named == set(schemas())
    assert all(c.kind in KINDS and c.meaning for s in schemas().values() for c in s.columns)


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        ({"claim_id": ["C1"]}, "kind: lacks"),
        ({"claim_id": [None], "kind": ["a"]}, "claim_id: 1 empty"),
        ({"claim_id": [7], "kind": ["a"]}, "claim_id: not key"),
        ({"claim_id": ["C1"], "kind": ["a"], "more": [1]}, "more: not declared"),
    ],
)
def test_what_is_not_as_declared_is_named(frame: dict[str, list[object]], fault: str) -> None:
    whole = {"basis": ["b"], "note": ["n"], **frame}
    assert fault in schemas()["notices"].faults(pd.DataFrame(whole))


@pytest.mark.parametrize("tree", ["matchers", "pipelines"])
def test_no_class_holds_a_frame_without_a_name(tree: str) -> None:
    assert nameless_fields(ROOT / tree) == []


@pytest.mark.parametrize("tree", ["matchers", "pipelines"])
def test_every_frame_that_a_public_function_takes_or_gives_has_a_name(tree: str) -> None:
    assert nameless_functions(ROOT / tree) == []


def test_every_frame_that_passes_between_the_functions_of_a_night_is_as_declared(night: Passage) -> None:
    assert night.faults == {}
    assert {"claim_rows", "caused_facts", "stopped_payments", "tiered_rows", "candidate_rows"} <= night.names


def test_a_frame_that_may_be_missing_is_held_against_its_declaration_where_it_is_there() -> None:
    passage = Passage()
    passage.see("read(agents)", RiskAgents | None, pd.DataFrame({"nobody": ["x"]}))
    passage.see("read() ->", RiskAgents | None, None)
    assert passage.names == {"risk_agents"}
    assert set(passage.faults) == {"read(agents)"}


def test_a_frame_without_a_name_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text(
        "class New:\n    rows: pd.DataFrame\n    named: Claims\n\ndef read(rows: Claims) -> pd.DataFrame: ..."
    )
    assert nameless_fields(tmp_path) == ["new.New.rows"]
    assert nameless_functions(tmp_path) == ["new.read"]
