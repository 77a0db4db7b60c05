"""On PostgreSQL the desk's role does what the desk must, sees the districts it names, and nothing else."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, insert, make_url, select, text
from sqlalchemy.exc import DBAPIError

import sql
from sql import tables as t
from sql.desk_tables import DESK
from tests.desk import as_desk
from tests.findings import AT, DISTRICTS, city
from tests.test_roles import privileges

SCOPED = (
    "candidate_tally",
    "probable_link",
    "evidence",
    "overpayment",
    "review",
    "review_detail",
    "excluded_match",
    "material_request",
)


@pytest.fixture
def owner(postgresql_url: str) -> Iterator[Engine]:
    engine = sql.connect(postgresql_url)
    made = city(claims=60)
    for row in list(made.rows["suspension_candidate"]):
        number = row["candidate_id"]
        made.add("review", review_id=f"HC{number}", candidate_id=number, decision="verifying", reason_code="",
                 note="", decided_by="甲", decided_at=AT)  # fmt: skip
        made.add("review_detail", review_id=f"HC{number}", cause=row["cause"], tier=row["tier"],
                 policy_version="1")  # fmt: skip
        made.add("probable_link", pair_id=f"Q{number}", person_id=row["person_id"], feed="hires", line=1,
                 delivery_id="hires/2026-10-10", file=number, tier="probable", probability=0.9,
                 explanation="{}")  # fmt: skip
    made.fill(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def desk(owner: Engine) -> Iterator[Engine]:
    engine = as_desk(owner)
    yield engine
    engine.dispose()


def seen(engine: Engine, table: str, districts: str | None) -> int:
    with engine.begin() as connection:
        if districts is not None:
            connection.execute(text("SELECT set_config('crossmatch.districts', :d, true)"), {"d": districts})
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


@pytest.mark.parametrize("table", ["suspension_candidate", *SCOPED])
def test_a_transaction_sees_the_districts_it_names_and_one_that_names_none_sees_nothing(
    owner: Engine, desk: Engine, table: str
) -> None:
    every = seen(owner, table, None)
    parts = [seen(desk, table, district) for district in DISTRICTS]
    assert every
    assert [seen(desk, table, nothing) for nothing in (None, "", "5001", "x,y", "500106%")] == [0] * 5
    assert sum(parts) == every == seen(desk, table, "*")
    assert seen(desk, table, ",".join(DISTRICTS[:2])) == parts[0] + parts[1]


AGENCYS = ("recipient", "claim", "payment", "recovery")


@pytest.fixture
def elsewhere(owner: Engine) -> str:
    """A person of the first district who has a claim in the second one too, with a payment and a recovery."""
    with owner.begin() as connection:
        own = select(t.claim).where(t.claim.c.district == DISTRICTS[0]).limit(1)
        claim = dict(connection.execute(own).mappings().one())
        connection.execute(insert(t.claim).values(claim | {"claim_id": "CX", "district": DISTRICTS[1]}))
        paid = {"claim_id": "CX", "benefit_month": "2026-01", "benefit_kind": "benefit", "amount": 1}
        connection.execute(insert(t.payment).values(payment_id="PX", state="paid", **paid))
        for district in DISTRICTS:
            c = t.claim.c
            number = connection.execute(select(c.claim_id).where(c.district == district).limit(1)).scalar()
            each = paid | {"claim_id": number}
            connection.execute(insert(t.payment).values(payment_id=district, state="paid", **each))
            back = {"recovery_id": district, "received_on": AT.date()}
            connection.execute(insert(t.recovery).values(each | back))
    return str(claim["person_id"])


def test_of_the_agency_s_relations_the_desk_reads_the_people_of_the_districts_and_no_table(
    owner: Engine, elsewhere: str, desk: Engine
) -> None:
    people = "SELECT person_id FROM claim WHERE district = :d"
    claims = f"claim_id IN (SELECT claim_id FROM claim WHERE person_id IN ({people}))"
    for relation in AGENCYS:
        view = f"crossmatch_desk.{relation}"
        theirs = f"person_id IN ({people})" if relation == "recipient" else claims
        assert [seen(desk, view, nothing) for nothing in (None, "", "5001", "x,y", "500106%")] == [0] * 5
        assert seen(desk, view, "*") == (every := seen(owner, relation, None)) > 0
        for district in DISTRICTS:
            wanted = text(f"SELECT count(*) FROM {relation} WHERE {theirs}")
            with owner.connect() as connection:
                expected = connection.execute(wanted, {"d": district}).scalar_one()
            assert every > seen(desk, view, district) == expected > 0, (relation, district)
        with pytest.raises(DBAPIError) as refused:
            seen(desk, f"public.{relation}", "*")
        assert getattr(refused.value.orig, "sqlstate", None) == "42501"
    both = f"(SELECT * FROM crossmatch_desk.claim WHERE person_id = '{elsewhere}') AS own"
    assert [seen(desk, both, district) for district in (*DISTRICTS[:3], "")] == [2, 2, 0, 0]


def test_a_function_in_a_condition_is_not_shown_the_rows_of_another_district(desk: Engine) -> None:
    """What would leak a row by its error is asked of the rows alone that may be seen."""
    for condition in ("1 / (CASE WHEN district = '500106' THEN 1 ELSE 0 END) = 1", "district::int = 500106"):
        assert seen(desk, f"(SELECT * FROM crossmatch_desk.claim WHERE {condition}) AS own", "500106") > 0


def test_the_name_of_a_district_does_not_outlive_its_transaction(desk: Engine) -> None:
    with desk.connect() as connection:
        with connection.begin():
            connection.execute(text("SELECT set_config('crossmatch.districts', '*', true)"))
        with connection.begin():
            count = select(sa.func.count()).select_from(t.suspension_candidate)
            assert connection.execute(count).scalar_one() == 0


@pytest.mark.parametrize("role", ["pipeline", "reader", None])
def test_the_night_the_reader_and_the_owner_see_everything_as_before(
    owner: Engine, desk: Engine, role: str | None
) -> None:
    del desk
    url = make_url(owner.url.render_as_string(hide_password=False))
    engine = sql.connect((url.set(username=role) if role else url).render_as_string(hide_password=False))
    assert seen(engine, "suspension_candidate", None) == seen(owner, "suspension_candidate", None) > 0
    engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE suspension_candidate SET tier = 'lead'",
        "UPDATE suspension_candidate SET district = '500106'",
        "DELETE FROM suspension_candidate",
        "INSERT INTO evidence SELECT * FROM evidence",
        "UPDATE payment SET state = 'returned'",
        "INSERT INTO recipient (person_id, id_kind) VALUES ('p', 'passport')",
        "DELETE FROM audit_event",
        "UPDATE audit_event SET actor = 'x'",
        "DELETE FROM review",
        "UPDATE review SET decision = 'dismissed'",
        "UPDATE review SET decided_by = 'x'",
        "UPDATE review_detail SET recoverable_fen = 0",
        "UPDATE identity_decision SET decision = 'same'",
        "SELECT * FROM risk_fact",
        "SELECT * FROM risk_memory",
        "SELECT subject FROM quality_check",
        "UPDATE correction_proposal SET district = 'x'",
        "SELECT * FROM person_cluster_member",
        "DELETE FROM desk_account",
        "UPDATE desk_notice SET number = 'x'",
        "UPDATE run_epoch SET epoch = 99",
        "INSERT INTO applied_migration VALUES ('x', 'x', 'x')",
        "ALTER TABLE suspension_candidate NO FORCE ROW LEVEL SECURITY",
        "SET ROLE pipeline",
        "CREATE TABLE crossmatch.mine (x text)",
    ],
)
def test_the_desk_is_refused(desk: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError) as refused, desk.begin() as connection:
        connection.execute(text(statement))
    assert getattr(refused.value.orig, "sqlstate", None) == "42501"


READ_ONLY = {
    "match_run", "delivery", "evidence", "overpayment", "preventable", "excluded_match", "identity_question",
    "probable_link", "material_request", "entitlement_notice", "run_epoch", "applied_migration",
    "alembic_version", "suspension_candidate", "recipient", "claim", "payment", "recovery",
    "cleanup_run", "cleanup_finding", "correction_proposal", "correction_export", "correction_export_row",
    "correction_list", "correction_list_row", "readiness", "entitlement_check", "risk_run", "risk_signal",
}  # fmt: skip
ADDED = {
    "review", "review_detail", "judged_fact", "audit_event", "release_decision", "identity_decision",
    "report_export", "report_export_row", "backfill", "outbox", "desk_attachment", "desk_export",
    "desk_notice", "correction_decision", "review_money",
}  # fmt: skip
CHANGED = {"candidate_tally", "desk_session", "desk_assignment", "desk_filter", "desk_draft"}
COLUMNS = {
    ("suspension_candidate", "status"), ("run_epoch", "only_row"), ("review", "second_by"),
    ("review", "second_at"), ("correction_proposal", "status"), ("correction_decision", "second_by"),
    ("correction_decision", "second_at"),
}  # fmt: skip


def test_the_desk_has_the_rights_that_are_listed_here_and_no_other(owner: Engine, desk: Engine) -> None:
    expected = {table: {"SELECT"} for table in READ_ONLY} | {table: {"SELECT", "INSERT"} for table in ADDED}
    expected |= {table: {"SELECT", "INSERT", "UPDATE", "DELETE"} for table in CHANGED}
    kept = ("desk_account", "reply_deadline", "notice_counter")
    expected |= {table: {"SELECT", "INSERT", "UPDATE"} for table in kept}
    expected["desk_sign_in"] = {"SELECT", "INSERT", "DELETE"}
    assert privileges(owner.url.render_as_string(hide_password=False), "desk") == expected
    single = text(
        "SELECT table_name, column_name FROM information_schema.column_privileges"
        " WHERE grantee = 'desk' AND privilege_type = 'UPDATE'"
    )
    with owner.connect() as connection:
        columns = {(table, column) for table, column in connection.execute(single)}
    whole = {table for table, rights in expected.items() if "UPDATE" in rights}
    assert {(table, column) for table, column in columns if table not in whole} == COLUMNS


def test_what_hangs_on_a_person_a_claim_or_a_candidate_has_a_policy_of_districts(
    owner: Engine, desk: Engine
) -> None:
    """Of a table without one no row names a person: a new column that does needs a policy."""
    guarded = text("SELECT tablename FROM pg_policies WHERE policyname = 'districts' AND roles = '{desk}'")
    forced = text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    with owner.connect() as connection:
        policies = set(connection.execute(guarded).scalars())
        assert policies <= set(connection.execute(forced).scalars())
    readable = {*READ_ONLY, *ADDED, *CHANGED, "reply_deadline"}
    personal = {"person_id", "claim_id", "candidate_id", "review_id"}
    ours = {**t.OURS.tables, **DESK.tables}
    named = {name for name in readable & set(ours) if personal & set(ours[name].columns.keys())}
    assert named
    assert named <= policies


@pytest.mark.parametrize("role", ["pipeline", "reader"])
def test_no_night_and_no_reader_sees_a_hash_or_a_session(owner: Engine, desk: Engine, role: str) -> None:
    del desk
    engine = sql.connect(owner.url.set(username=role).render_as_string(hide_password=False))
    for table in DESK.tables:
        with pytest.raises(DBAPIError) as refused, engine.begin() as connection:
            connection.execute(text(f"SELECT * FROM {table}"))
        assert getattr(refused.value.orig, "sqlstate", None) == "42501"
    engine.dispose()
