"""The demo municipality: the same bytes for a seed, an honest truth, nobody real, any size."""

import csv
import datetime as dt
import gzip
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median

import openpyxl
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

import sql
from expectations.feed import feed, feeds
from pipelines.base.errors import UsageError
from pipelines.cli import app
from pipelines.demo import Counts, build, inbox
from pipelines.demo.calendar import Calendar, month_of
from pipelines.demo.case import Finding
from pipelines.demo.casting import Town
from pipelines.demo.claims import ACTIVE, BENEFIT, MEDICAL, Claim, Payment, Recipient, Recovery, open_claim
from pipelines.demo.employers import employer, uscc
from pipelines.demo.identity import mangled
from pipelines.demo.people import PERMIT_REGIONS, REGIONS, Person, recipients
from pipelines.demo.story import stories
from pipelines.demo.truth import owed

AS_OF = dt.date(2026, 6, 18)
SMALL = {"claims": 200, "rows": 3_000, "seed": 7, "as_of": AS_OF, "mangled": 0.2}
CAUSES = {
    *("REEMPLOYED", "BUSINESS", "PENSION", "DEATH", "MILITARY", "EMIGRATED", "IMPRISONED"),
    *("REFUSED_JOB", "REFUSED_TRAINING", "DUPLICATE_BENEFIT", "EXHAUSTED", "PAID_AFTER_STOP"),
}
REASONS = {
    *("invalid_row", "resident_scheme", "fund_paid", "self_paid", "refunded", "history", "prepaid"),
    *("before_claim", "after_claim", "late_deregistration", "intermediary", "back_paid", "project_cover"),
    *("flexible_employment", "public_post", "traineeship", "self_employment", "last_employment"),
    *("role_not_operating", "role_predates_claim", "entity_dormant", "entity_closed", "end_unknown"),
    *("cooperative", "survivor_benefit", "one_off", "ended_before_claim", "paused", "retroactive_grant"),
    *("death_dates_differ", "declaration_revoked", "signs_of_life", "returned_recruit", "not_confined"),
    *("served_before_claim", "ordinary_exit", "restored_before_claim", "released_before_claim"),
    *("justified_refusal", "notice_unproven", "not_contacted", "no_feedback", "employer_refused"),
    *("course_cancelled", "answered_outside_claim", "accepted", "one_id_two_persons", "two_person_ids"),
    *("shared_id", "alias", "namesake", "unusable_id", "superseded", "not_delivered"),
    *("nothing_paid_after", "owed_by_last_employer", "registration_annulled", "stale_hire", "ended_same_day"),
    *(
        "term_may_begin_at_detention",
        "manner_changed",
        "employer_kind_unknown",
        "base_corrected",
        "not_begun",
    ),
    *("birth_date_differs", "sex_differs", "same_amount_twice", "number_alone", "extended_to_retirement"),
    *("base_corrected", "negative_payment"),
}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("city")
    build(path, **SMALL)
    return path


@pytest.fixture(scope="module")
def played() -> Counter[tuple[str, dt.date]]:
    """How many rows the stories of a large city leave in each delivery, everybody else left out."""
    rows: Counter[tuple[str, dt.date]] = Counter()
    for story, case in Town(11, Calendar(AS_OF), 0.0).cases(4_000):
        story.play(case)
        rows.update((row.feed, row.delivered_on) for row in case.rows)
    return rows


def _digests(world: Path) -> dict[str, str]:
    files = sorted(file for file in world.rglob("*") if file.is_file())
    return {str(f.relative_to(world)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def _sheet(world: Path, name: str) -> list[dict[str, str]]:
    with (world / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _query(world: Path, statement: str) -> list[tuple[object, ...]]:
    engine = sql.connect(f"sqlite:///{world / 'benefit.db'}")
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return rows


def test_one_seed_gives_one_city_to_the_byte(city: Path, tmp_path: Path) -> None:
    build(tmp_path / "same", **SMALL)
    build(tmp_path / "other", **SMALL | {"seed": 8})
    assert _digests(tmp_path / "same") == _digests(city)
    assert _digests(tmp_path / "other")["truth.csv"] != _digests(city)["truth.csv"]


def test_a_feed_that_has_no_day_in_the_calendar_leaves_the_city_as_it_is(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    another = replace(feed("enlistments"), name="another")
    monkeypatch.setattr(inbox, "feeds", lambda: {"another": another, **feeds()})
    build(tmp_path / "same", **SMALL)
    assert _digests(tmp_path / "same") == _digests(city)


def test_every_cause_and_every_reason_to_exclude_has_a_story() -> None:
    played = frozenset().union(*(story.plays for story in stories()))
    assert played >= CAUSES | REASONS


def test_every_story_is_played_and_every_claim_is_either_found_or_quiet(city: Path) -> None:
    truth, quiet = _sheet(city, "truth.csv"), _sheet(city, "quiet.csv")
    assert {row["story"] for row in truth} == {s.name for s in stories() if s.guilty}
    assert {row["story"] for row in quiet} >= {s.name for s in stories() if s.plays and not s.guilty}
    suspected, silent = {row["claim_id"] for row in truth}, {row["claim_id"] for row in quiet}
    assert not suspected & silent
    assert suspected | silent == {str(row[0]) for row in _query(city, "SELECT claim_id FROM claim")}
    assert {row["link"] for row in truth} == {"exact", "converted", "alias", "name_differs", "mangled"}


def test_a_mangled_person_is_never_more_than_a_lead_and_a_new_name_never_precise(city: Path) -> None:
    for row in _sheet(city, "truth.csv"):
        assert row["link"] != "mangled" or row["tier"] == "lead"
        assert row["link"] != "name_differs" or row["tier"] != "precise"


def _lines(file: Path) -> int:
    """Physical rows behind the header, counted without any of the writing code."""
    if file.suffix == ".parquet":
        return pq.read_metadata(file).num_rows
    if file.suffix == ".xlsx":
        book = openpyxl.load_workbook(file, read_only=True)
        filled = [sum(any(row) for row in sheet.iter_rows(min_row=4, values_only=True)) for sheet in book]
        return sum(filled)
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    if content[:2] == b"\xff\xfe":
        content = content[2:].decode("utf-16-le").encode()
    return content.count(b"\n") - content.endswith(b"\n")


def test_the_counts_agree_with_the_files(city: Path) -> None:
    counts = {(row["feed"], row["delivered_on"]): int(row["rows"]) for row in _sheet(city, "counts.csv")}
    seen: dict[tuple[str, str], int] = {}
    earlier: set[tuple[str, str]] = set()
    for file in sorted(f for f in (city / "inbox").rglob("*") if f.is_file() and f.name != "manifest.json"):
        feed, day = file.parent.name, file.parent.parent.name
        content = (feed, hashlib.sha256(file.read_bytes()).hexdigest())
        if day <= AS_OF.isoformat() and content not in earlier:
            seen[feed, day] = seen.get((feed, day), 0) + _lines(file)
        earlier.add(content)
    assert seen == counts


def test_a_manifest_says_what_is_in_its_files(city: Path) -> None:
    manifests = sorted((city / "inbox").rglob("manifest.json"))
    assert any("supersedes" in json.loads(m.read_text("utf-8")) for m in manifests)
    for manifest in manifests:
        described = json.loads(manifest.read_text("utf-8"))
        for name, file in described["files"].items():
            assert hashlib.sha256((manifest.parent / name).read_bytes()).hexdigest() == file["sha256"]
        assert described["rows"] == sum(file["rows"] for file in described["files"].values())


def test_a_file_is_sent_twice_and_another_part_of_the_inbox_lies_in_the_future(city: Path) -> None:
    files = [f for f in (city / "inbox").rglob("*") if f.is_file()]
    assert len({f.read_bytes() for f in files}) < len(files)
    assert max(f.parent.parent.name for f in files) > AS_OF.isoformat()


def test_formats_encodings_and_dirt_of_every_kind_arrive(city: Path) -> None:
    files = [f for f in (city / "inbox").rglob("*_*") if f.is_file()]
    assert {f.suffix for f in files} == {".csv", ".txt", ".gz", ".xlsx", ".parquet"}
    contents = [f.read_bytes() for f in files if f.suffix in (".csv", ".txt")]
    assert any(c.startswith(b"\xff\xfe") for c in contents)
    assert any(c.startswith(b"\xef\xbb\xbf") for c in contents)
    assert any("公民身份号码".encode("gb18030") in c for c in contents)
    assert any(b"AAC002" in c for c in contents)
    rows = [row for row in _sheet(city, "counts.csv") if row["feed"] == "contributions"]
    assert sum(int(row["rejected"]) for row in rows) > 0
    assert sum(int(row["dropped"]) for row in rows) > 0


def test_nobody_has_a_number_of_a_region_that_exists(city: Path) -> None:
    made_up = (*REGIONS, *PERMIT_REGIONS, "959990")
    numbers = [str(n) for (n,) in _query(city, "SELECT id_number FROM recipient WHERE id_kind <> 'passport'")]
    for file in (city / "inbox").rglob("*_*.csv"):
        encoding = "utf-16" if file.read_bytes()[:2] == b"\xff\xfe" else "latin-1"
        content = file.read_bytes().decode(encoding, "replace")
        numbers += re.findall(r"(?<![0-9A-Z])\d{17}[0-9X](?![0-9A-Z])", content)
    usable = [number.strip() for number in numbers if _checks(number)]
    assert len(usable) > 500
    assert all(number.startswith(made_up) for number in usable)


def _checks(number: str) -> bool:
    number = number.strip().upper().replace(" ", "")
    if not re.fullmatch(r"\d{6}(19|20)\d{2}(0[1-9]|1[0-2])\d{5}[0-9X]", number):
        return False
    values = [10 if c == "X" else int(c) for c in number]
    return sum(v * pow(2, 17 - place, 11) for place, v in enumerate(values)) % 11 == 1


def test_recipients_numbers_are_valid_all_different_and_credit_codes_have_their_length() -> None:
    import numpy as np

    people = recipients(np.random.default_rng(1), 500)
    assert all(_checks(person.id_number) for person in people)
    assert len({person.id_number for person in people}) == 500
    assert all(person.born.strftime("%Y%m%d") in person.id_number for person in people)
    assert {len(uscc(Random(n))) for n in range(20)} == {18}


def test_a_mangled_number_is_never_a_valid_one() -> None:
    import numpy as np

    rng = Random(3)
    written = [mangled(person, rng).id_number for person in recipients(np.random.default_rng(2), 400)]
    assert not any(_checks(number) for number in written)
    assert len({len(number) for number in written}) > 3


def _claim(calendar: Calendar) -> Claim:
    person = Person("510290199001010014", "王安", "M", dt.date(1990, 1, 1), "", "599901")
    recipient = Recipient("P1", person, person.id_number)
    claim = open_claim(Random(1), calendar, "C1", recipient, employer(Random(2)), ACTIVE)
    claim.start = month_of(dt.date(2026, 1, 1))
    claim.payments = []
    for month in range(claim.start, claim.start + 5):
        claim.pay(month, BENEFIT, 150_000)
        claim.pay(month, MEDICAL, 40_000)
    return claim


def test_the_truth_counts_months_and_fen_as_the_records_stand() -> None:
    calendar = Calendar(AS_OF)
    claim = _claim(calendar)
    event = claim.start
    claim.payments[4] = replace(claim.payments[4], state="returned")
    claim.payments.append(Payment(event + 5, BENEFIT, 150_000, "scheduled", None))
    claim.payments.append(Payment(event + 6, BENEFIT, 150_000, "paid", dt.date(2026, 7, 26)))
    claim.recoveries = [
        Recovery(event + 1, BENEFIT, 50_000, dt.date(2026, 6, 1)),
        Recovery(event + 3, BENEFIT, 999_000, dt.date(2026, 6, 1)),
        Recovery(event + 4, BENEFIT, 150_000, dt.date(2026, 6, 19)),
    ]
    months = frozenset(range(event, event + 8)) - {event + 2}
    counted = owed(Finding(claim, "PENSION", "precise", event, months, "exact"), calendar)
    assert counted.stop == event + 1
    assert counted.months == (event + 1, event + 3, event + 4)
    assert counted.overpaid == 100_000 + 0 + 150_000
    assert counted.preventable == 150_000


def test_what_survivors_got_is_not_owed_because_of_the_death() -> None:
    calendar = Calendar(AS_OF)
    claim = _claim(calendar)
    event = claim.start
    claim.pay(event + 1, "funeral", 600_000)
    months = frozenset(range(event, event + 2))
    died = Finding(claim, "DEATH", "precise", event, months, "exact")
    assert owed(died, calendar).overpaid == 150_000
    assert owed(replace(died, cause="PENSION"), calendar).overpaid == 750_000


def test_an_event_before_the_claim_stops_its_first_month() -> None:
    calendar = Calendar(AS_OF)
    claim = _claim(calendar)
    event = claim.start - 7
    months = frozenset(range(event, calendar.now + 1))
    counted = owed(Finding(claim, "EMIGRATED", "precise", event, months, "exact"), calendar)
    assert counted.stop == claim.start
    assert len(counted.months) == 5


@pytest.mark.parametrize(
    "as_of", [dt.date(2024, 2, 29), dt.date(2025, 1, 1), dt.date(2026, 7, 31), dt.date(2025, 3, 10)]
)
def test_any_day_may_be_the_night(as_of: dt.date, tmp_path: Path) -> None:
    made = build(tmp_path / "city", claims=150, rows=1_000, seed=3, as_of=as_of)
    assert made.candidates > 50
    for row in _sheet(tmp_path / "city", "truth.csv"):
        assert row["event_month"] <= f"{as_of:%Y-%m}"
    assert all(row["delivered_on"] <= as_of.isoformat() for row in _sheet(tmp_path / "city", "counts.csv"))


def test_the_city_can_live_in_a_database_of_its_own(empty_url: str, tmp_path: Path) -> None:
    made = build(tmp_path / "city", claims=40, rows=500, url=empty_url)
    engine = sql.connect(empty_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM claim")) == made.claims
    engine.dispose()
    with pytest.raises(UsageError, match="recipient"):
        build(tmp_path / "again", claims=40, rows=500, url=empty_url)


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("x", "utf-8")
    with pytest.raises(UsageError, match="目录非空"):
        build(tmp_path, claims=10, rows=100)
    assert [file.name for file in tmp_path.iterdir()] == ["kept.txt"]


def test_the_command_says_what_it_built(tmp_path: Path) -> None:
    path = tmp_path / "city"
    asked = ["demo", str(path), "--claims", "20", "--rows", "200", "--as-of", "2025-05-20", "--json"]
    ran = CliRunner().invoke(app, asked)
    assert ran.exit_code == 0
    made = Counts(**json.loads(ran.stdout))
    assert made.candidates == len(_sheet(path, "truth.csv"))
    assert made.deliveries == len(_sheet(path, "counts.csv"))


GROWTH = """
import resource, sys
from pathlib import Path
from pipelines.demo import build
for name, rows in (("small", 20_000), ("large", 1_200_000)):
    build(Path(sys.argv[1]) / name, claims=30, rows=rows)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_rows_go_to_disk_and_do_not_stay_in_memory(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", GROWTH, str(tmp_path)], capture_output=True, check=True, text=True
    )
    small, large = map(int, ran.stdout.split())
    rows = sum(
        int(r["rows"]) for r in _sheet(tmp_path / "large", "counts.csv") if r["feed"] == "contributions"
    )
    assert rows > 1_150_000
    assert large - small < 200


@pytest.mark.parametrize("name", ["identity_changes", "deaths", "contributions"])
def test_a_city_of_any_size_passes_the_bounds_of_its_own_deliveries(
    played: Counter[tuple[str, dt.date]], name: str
) -> None:
    days = [day for day in Calendar(AS_OF).days(name) if day <= AS_OF]
    newest, before = played[name, days[-1]], median(played[name, day] for day in days[:-1])
    low, high = feeds()[name].health.rows_between
    assert low * before <= newest <= high * before
