"""What a clean-up proposes people decide, twice where it matters; a signed file goes out, or is undone."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import Engine, insert, select, update

from matchers.cleanup.steps import standing
from pipelines.base.errors import UsageError
from pipelines.base.settings import SIGNING_KEY, Settings
from pipelines.cleanup import lists, merges, quality, steps
from pipelines.cleanup.export import export, verify
from pipelines.cleanup.returned import take_in
from pipelines.database import lock
from pipelines.decisions import cleaned
from sql import cleanup_tables as t
from sql.tables import claim
from tests.cleanup_proposals import AT, CLAIM, DISTRICT, SPLIT, decide, proposed, status


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=database_url, store=tmp_path / "store", reports=tmp_path / "reports")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with proposed(database_url) as engine:
        yield engine


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> Ed25519PrivateKey:
    made = Ed25519PrivateKey.generate()
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    monkeypatch.setenv(SIGNING_KEY, pem.decode())
    return made


def test_a_correction_that_touches_nobodys_keys_takes_one_person(engine: Engine) -> None:
    assert decide(engine, "SPLIT", "accepted", "甲一") == "accepted"
    assert decide(engine, "SPLIT", "accepted", "甲一", after=1) == "accepted"
    with engine.connect() as connection:
        assert len(connection.execute(select(t.correction_decision)).all()) == 1


@pytest.mark.parametrize("proposal", ["SHORT", "MERGE"])
@pytest.mark.parametrize("decision", ["accepted", "rejected"])
def test_a_merge_or_a_term_takes_two_different_people(engine: Engine, proposal: str, decision: str) -> None:
    assert decide(engine, proposal, decision, "甲一") == "proposed"
    assert decide(engine, proposal, decision, "甲 一", after=1) == "proposed"
    assert decide(engine, proposal, decision, "乙二", after=2) == decision


def test_who_says_the_opposite_does_not_sign_second(engine: Engine) -> None:
    decide(engine, "MERGE", "accepted", "甲一")
    assert decide(engine, "MERGE", "rejected", "乙二", after=1) == "proposed"
    assert decide(engine, "MERGE", "rejected", "丙三", after=2) == "rejected"


@pytest.mark.parametrize("name", ["受理人", "审批人", "王 五"])
def test_who_accepted_or_approved_the_claim_signs_nothing_about_it(engine: Engine, name: str) -> None:
    for first, second in ((name, ""), ("甲一", name)):
        with pytest.raises(UsageError, match="受理或审批过"):
            decide(engine, "SHORT", "accepted", first, second)
    assert status(engine, "SHORT") == "proposed"


def test_who_edited_the_record_does_not_sign_its_merge(engine: Engine) -> None:
    with pytest.raises(UsageError, match="改过这条记录"):
        decide(engine, "MERGE", "accepted", "甲一", "赵六")


@pytest.mark.parametrize(
    ("by", "second", "decision"),
    [
        ("", "", "accepted"),
        ("甲一", "甲一", "accepted"),
        ("甲一", "", "applied"),
        ("甲一", "", "undone"),
        ("甲一", "", "x"),
    ],
)
def test_a_decision_that_cannot_be_taken_is_refused(
    engine: Engine, by: str, second: str, decision: str
) -> None:
    with pytest.raises(UsageError):
        decide(engine, "MERGE", decision, by, second)
    assert status(engine, "MERGE") == "proposed"


def test_without_a_key_a_draft_is_written_and_nothing_moves(engine: Engine, settings: Settings) -> None:
    decide(engine, "SHORT", "accepted", "甲一", "乙二")
    with lock.held(engine, shared=True) as held:
        done = export(settings, held, DISTRICT, "丁四")
    assert done.file.name.startswith("草稿")
    assert not done.signed_by
    assert not done.file.with_suffix(".sig").exists()
    assert status(engine, "SHORT") == "accepted"


def test_a_signed_export_holds_what_was_accepted_and_shows_every_change(
    engine: Engine, settings: Settings, key: Ed25519PrivateKey
) -> None:
    decide(engine, "SHORT", "accepted", "甲一", "乙二")
    decide(engine, "MERGE", "accepted", "甲一", "乙二")
    with lock.held(engine, shared=True) as held:
        done = export(settings, held, DISTRICT, "丁四")
        with pytest.raises(UsageError, match="没有已同意"):
            export(settings, held, DISTRICT, "丁四")
    assert verify(done.file, key.public_key())["rows"] == 2
    assert status(engine, "SHORT") == status(engine, "MERGE") == "exported"
    merged, short = sorted(_rows(done.file), key=lambda row: row["建议编号"])
    assert (merged["保留个人编号"], merged["并入个人编号"], merged["姓名"]) == ("P1", "P2", "张三")
    assert (short["更正前"], short["更正后"], short["复核人"]) == ("6", "12", "乙二")
    whole = done.file.read_bytes()
    for suffix in (".csv", ".json", ".sig"):
        file = done.file.with_suffix(suffix)
        before = file.read_bytes()
        file.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        with pytest.raises(UsageError, match="签名不符"):
            verify(done.file, key.public_key())
        file.write_bytes(before)
    with pytest.raises(UsageError, match="签名不符"):
        verify(done.file, Ed25519PrivateKey.generate().public_key())
    assert done.file.read_bytes() == whole


def test_an_export_that_died_before_it_was_noted_is_written_again_the_same(
    engine: Engine, settings: Settings, key: Ed25519PrivateKey
) -> None:
    decide(engine, "SHORT", "accepted", "甲一", "乙二")
    with lock.held(engine, shared=True) as held:
        first = export(settings, held, DISTRICT, "丁四")
    before = {p.name: p.read_bytes() for p in first.file.parent.iterdir()}
    with engine.begin() as connection:
        for table in (t.correction_export_row, t.correction_export):
            connection.execute(table.delete())
        connection.execute(update(t.correction_proposal).values(status="accepted").where(
            t.correction_proposal.c.proposal_id == "SHORT"))  # fmt: skip
    with lock.held(engine, shared=True) as held:
        export(settings, held, DISTRICT, "丁四")
    assert {p.name: p.read_bytes() for p in first.file.parent.iterdir()} == before


def test_a_merge_that_went_out_is_undone_taken_back_and_never_proposed_again(
    engine: Engine, settings: Settings, key: Ed25519PrivateKey
) -> None:
    decide(engine, "MERGE", "accepted", "甲一", "乙二")
    with lock.held(engine, shared=True) as held:
        export(settings, held, DISTRICT, "丁四")
    assert decide(engine, "MERGE", "applied", "甲一", after=1) == "applied"
    with engine.connect() as connection:
        assert merges.superseded(connection) == {"P2": "P1"}
    assert decide(engine, "MERGE", "undone", "甲一", after=2) == "applied"
    assert decide(engine, "MERGE", "undone", "乙二", after=3) == "rejected"
    with lock.held(engine, shared=True) as held:
        back = export(settings, held, DISTRICT, "丁四")
    assert [(r["操作"], r["更正前"], r["更正后"]) for r in _rows(back.file)] == [("撤回", "P1", "P1+P2")]
    with engine.connect() as connection:
        assert merges.superseded(connection) == {}
        assert merges.rejected(connection).to_numpy().tolist() == [["P1", "P2"]]
    with lock.held(engine, shared=True) as held, pytest.raises(UsageError, match="没有已同意"):
        export(settings, held, DISTRICT, "丁四")


def test_what_was_only_accepted_is_undone_into_a_proposal(engine: Engine) -> None:
    decide(engine, "SPLIT", "accepted", "甲一")
    assert decide(engine, "SPLIT", "undone", "甲一", after=1) == "proposed"


def test_a_filled_in_list_comes_back_and_the_same_list_again_changes_nothing(
    engine: Engine, settings: Settings
) -> None:
    with lock.held(engine) as held:
        made = lists.write(settings, held, "R1", date(2026, 10, 20), DISTRICT)
    assert made.proposals == 2
    _fill(
        made.file,
        {"SHORT": ("同意", "有材料", "甲一", "乙二"), "MERGE": ("不同意", "两个人", "甲一", "乙二")},
    )
    tried = take_in(engine, made.file, "丁四", apply=False, at=AT)
    assert tried.outcomes["taken"] == 2
    assert status(engine, "SHORT") == "proposed"
    take_in(engine, made.file, "丁四", apply=True, at=AT)
    assert (status(engine, "SHORT"), status(engine, "MERGE")) == ("accepted", "rejected")
    again = take_in(engine, made.file, "丁四", apply=True, at=AT + timedelta(hours=1))
    assert again.outcomes["on_record"] == 2
    assert not again.problems


def test_a_changed_a_missing_and_a_wrongly_signed_row_are_named_and_move_nothing(
    engine: Engine, settings: Settings
) -> None:
    with lock.held(engine) as held:
        made = lists.write(settings, held, "R1", date(2026, 10, 20), DISTRICT)
    answers = {"SHORT": ("同意", "有材料", "受理人", "乙二"), "MERGE": ("同意", "有材料", "甲一", "乙二")}
    _fill(made.file, answers, edited={"MERGE": ("更正后", "P2")})
    receipt = take_in(engine, made.file, "丁四", apply=True, at=AT)
    assert receipt.outcomes["refused"] == 2
    assert {problem.proposal_id for problem in receipt.problems} == {"SHORT", "MERGE"}
    assert status(engine, "SHORT") == status(engine, "MERGE") == "proposed"
    _fill(made.file, {}, without="SHORT")
    assert take_in(engine, made.file, "丁四", apply=True, at=AT).missing == ("SHORT",)


def test_the_same_run_writes_the_same_list_and_page(engine: Engine, settings: Settings) -> None:
    def written() -> dict[str, bytes]:
        with lock.held(engine) as held:
            made = lists.write(settings, held, "R1", date(2026, 10, 20), DISTRICT)
            with engine.connect() as connection:
                quality.write(settings, connection)
        return {p.name: p.read_bytes() for p in made.file.parent.iterdir()}

    assert written() == written()


def test_the_page_of_quality_sets_the_first_run_against_this_one_and_says_first_what_favours_people(
    engine: Engine,
) -> None:
    finding = dict.fromkeys(t.cleanup_finding.c.keys(), "") | {
        "district": DISTRICT, "last_run": "R2", "confidence": "likely", "favours": "person",
    }  # fmt: skip
    rows = [
        {"finding_id": "MENDED", "check_code": "ENT_UNDER", "status": "withdrawn", "first_run": "R1"},
        {"finding_id": "STAYS", "check_code": "ENT_UNDER", "status": "open", "first_run": "R1"},
        {"finding_id": "NEW", "check_code": "ID_15", "status": "open", "first_run": "R2"},
    ]
    with engine.begin() as connection:
        first = connection.execute(select(t.cleanup_run)).mappings().one()
        later = {"run_id": "R2", "finished_at": AT + timedelta(days=30)}
        connection.execute(insert(t.cleanup_run).values({**first} | later))
        placed = [finding | row | {"record_key": row["finding_id"]} for row in rows]
        connection.execute(insert(t.cleanup_finding), placed)
        shown = quality.figures(connection)
        elsewhere = quality.figures(connection, ["999902"])
    assert shown
    assert elsewhere
    counted = [
        (group["title"], row["before"], row["now"]) for group in shown["groups"] for row in group["rows"]
    ]
    assert counted == [("有利于本人", 2, 1), ("不涉及得失", 0, 1)]
    assert [(row["before"], row["now"]) for row in shown["districts"]] == [(2, 2)]
    assert elsewhere["groups"] == elsewhere["districts"] == []


def test_a_night_takes_terms_that_were_reproduced_and_doubts_the_others(engine: Engine) -> None:
    check = {"person_no": "P1", "counted": 48, "owed": 0, "double": 0, "gaps": 0, "deemed": 0,
             "carried_over": 0, "expected": 12, "recorded": 12, "exact": True, "direction": "equal",
             "months_short": 0,
             "short_fen": 0, "expected_if": ""}  # fmt: skip
    rows = [
        check | {"claim_id": "SURE"},
        check | {"claim_id": "MAXIMUM", "exact": False},
        check | {"claim_id": "LOWERED"},
        check | {"claim_id": "MERGED", "expected_if": '{"P1+P2": 15}'},
        check | {"claim_id": "C1", "direction": "under"},
        check | {"claim_id": "OVER", "direction": "over"},
    ]
    finding = {"finding_id": "F", "check_code": "ENT_UNDER", "relation": "claim", "record_key": "C1",
             "column_name": "entitled_months", "district": "", "months": "", "value": "12",
             "confidence": "likely", "favours": "person", "why": "", "evidence": "",
             "status": "open", "first_run": "R1",
             "last_run": "R1"}  # fmt: skip
    granted = {"SURE": 12, "MAXIMUM": 12, "LOWERED": 10, "MERGED": 12, "OVER": 12}
    with engine.begin() as connection:
        claims = [CLAIM | {"claim_id": name, "entitled_months": n} for name, n in granted.items()]
        connection.execute(insert(claim), claims)
        connection.execute(insert(t.entitlement_check), rows)
        connection.execute(insert(t.cleanup_finding).values(**finding))
        terms = cleaned.checked_terms(connection)
    assert dict(zip(terms["claim_id"], terms["term"], strict=True)) == {
        "SURE": "reproduced", "MERGED": "doubtful", "C1": "doubtful",
    }  # fmt: skip
    decide(engine, "SHORT", "rejected", "甲一", "乙二")
    with engine.connect() as connection:
        assert "C1" not in set(cleaned.checked_terms(connection)["claim_id"])


def test_employers_are_one_for_a_night_only_when_people_have_accepted_it(engine: Engine) -> None:
    alias = {"uscc": SPLIT["record_key"], "name": "厂", "basis": "uscc", "confidence": "certain"}
    with engine.begin() as connection:
        ids = ("70010001", "80020002")
        connection.execute(insert(t.employer_alias), [alias | {"employer_id": number} for number in ids])
        assert cleaned.one_employer(connection).empty
    decide(engine, "SPLIT", "accepted", "甲一")
    with engine.connect() as connection:
        assert cleaned.one_employer(connection)["employer_id"].tolist() == list(ids)


PLACE = {"check_code": "ENT_UNDER", "relation": "claim", "record_key": "C1", "column_name": "entitled_months"}


@pytest.mark.parametrize(
    ("was", "still", "value", "becomes"),
    [
        ("rejected", True, "6", "rejected"), ("accepted", True, "6", "accepted"),
        ("withdrawn", True, "6", "proposed"), ("stale", True, "6", "proposed"),
        ("proposed", False, "6", "withdrawn"), ("accepted", False, "9", "stale"),
        ("exported", False, "12", "applied"), ("exported", False, "6", "exported"),
    ],
)  # fmt: skip
def test_a_later_run_moves_a_proposal_as_its_record_has_moved(
    was: str, still: bool, value: str, becomes: str
) -> None:
    row = {**PLACE, "proposal_id": "X", "before_value": "6", "after_value": "12", "status": was}
    before, current = pd.DataFrame([row]), pd.DataFrame([PLACE | {"before_value": value}])
    now = before[[*PLACE, "proposal_id"]].head(1 if still else 0)
    moved = standing(before, now, current.drop(columns="check_code"))
    assert moved.to_numpy().tolist() == [["X", becomes]]


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def _fill(
    file: Path,
    answers: dict[str, tuple[str, str, str, str]],
    edited: dict[str, tuple[str, str]] | None = None,
    without: str = "",
) -> None:
    book = openpyxl.load_workbook(file)
    sheet = book[lists.SHEET]
    at = {cell.value: cell.column for cell in sheet[1]}
    for row in range(sheet.max_row, 1, -1):
        number = sheet.cell(row, at["建议编号"]).value
        for heading, text in zip(
            ("决定", "理由", "决定人", "复核人"), answers.get(number, ("",) * 4), strict=True
        ):
            sheet.cell(row, at[heading]).value = text or None
        if edited and number in edited:
            heading, text = edited[number]
            sheet.cell(row, at[heading]).value = text
        if number == without:
            sheet.delete_rows(row)
    book.save(file)


def test_supervision_alone_reads_of_edited_keys_and_collected_accounts_and_contacts_are_listed_on_request(
    engine: Engine, settings: Settings
) -> None:
    asked = dict.fromkeys(t.cleanup_finding.c.keys(), "") | {
        "district": DISTRICT, "status": "open", "relation": "registrations", "confidence": "ask",
        "favours": "nobody", "first_run": "R1", "last_run": "R1",
    }  # fmt: skip
    rows = [
        asked | {"finding_id": code, "check_code": code, "record_key": key, "column_name": column}
        for code, key, column in (
            ("DOUBLE_CHANGE", "P71", "id_number"), ("ACCOUNT", "P72+P73+P74", "bank_account"),
            ("CONTACT", "P75", "phone"), ("ID_BIRTH", "P76", "birth_date"),
        )
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(t.cleanup_finding), rows)

    def listed(name: str, sheet: str) -> set[str]:
        book = openpyxl.load_workbook(settings.reports / "历史清理" / name)
        return {str(cell.value) for row in book[sheet].iter_rows() for cell in row} & {
            str(row["record_key"]) for row in rows
        }

    steps.report(settings)
    folder = settings.reports / "历史清理"
    assert listed(f"更正建议-{DISTRICT}.xlsx", "待核问题") == {"P76"}
    assert listed("基金监督/待核问题.xlsx", "待核问题") == {"P71", "P72+P73+P74"}
    assert (folder / "基金监督").stat().st_mode & 0o777 == 0o700
    assert not list(folder.glob("联系方式-*"))

    steps.report(settings, (DISTRICT,), contacts=True)
    assert listed(f"联系方式-{DISTRICT}.xlsx", "联系方式") == {"P75"}
