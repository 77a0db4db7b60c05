"""无辜 — who looks like a scheme and is none; audit practice accuses most of them."""

import datetime as dt

from pipelines.demo.calendar import on
from pipelines.demo.risk import who
from pipelines.demo.risk.city import DISTRICTS, City, Job, weekday

SMALL = 9  # offices with an exception, the last ones


def layoffs(city: City) -> None:
    """Many leave one employer in a month after years."""
    for _ in range(6):
        _all_at_once(city, "layoff", int(city.rng.integers(40, 120)), 60, 0.0)


def closures(city: City) -> None:
    """A small firm closes; some of its people had come lately."""
    for _ in range(20):
        _all_at_once(city, "small_closure", int(city.rng.integers(5, 15)), 40, 0.3)


def start_ups(city: City) -> None:
    """A new firm fails after two months: one cohort, at the minimum base."""
    for _ in range(15):
        _all_at_once(city, "failed_startup", int(city.rng.integers(6, 20)), 2, 1.0)


def _all_at_once(city: City, story: str, people: int, months: int, short: float) -> None:
    employer, day = city.employers.new("10"), city.day(city.month - 9, city.month - 1)
    for _ in range(people):
        late = city.chance(short)
        job = Job(city.person(), employer, day, 2 if late else months, gap=late, least=late)
        city.claim(job)
    city.innocent("employer", employer, story)


def families(city: City) -> None:
    """Two to four of one household with one telephone; couples on one account."""
    for n in range(200):
        phone = who.shared_phone(city.one_more())
        for _ in range(2 + n % 3):
            city.innocent("claim", city.claim(_job(city), phone=phone), "family_phone")
    for _ in range(77):
        account = who.shared_account(city.one_more())
        for _ in range(2):
            city.claim(_job(city), account=account)
        city.innocent("account", account, "couple_account")


def agents(city: City) -> None:
    """Guardians and homes that are registered; one account into which a bank gathers."""
    for _ in range(10):
        account = who.shared_account(city.one_more())
        city.rows["payee_agent"].append((account, on(city.month - 40)))
        for _ in range(int(city.rng.integers(3, 9))):
            claim = city.claim(_job(city), account=account)
            city.rows["account_check"].append((account, claim, "other", city.last))
        city.innocent("account", account, "guardian_account")
    gathering = who.shared_account(0)
    for _ in range(40):
        city.claim(_job(city), account=gathering)
    city.innocent("account", gathering, "dummy_account")


def online_at_night(city: City) -> None:
    """People who look after their claims themselves when the counter is closed."""
    recent = [row for row in city.rows["claim"] if row[3] >= city.log_starts]
    for row in recent[:: max(len(recent) // 5000, 1)]:
        city.act("login", row[0], weekday(row[3] + dt.timedelta(days=3)), None, "online", hour=23)


def small_offices(city: City) -> None:
    """Two people do the work of three, with an exception that somebody else signed."""
    for office in range(city.offices - SMALL, city.offices):
        operator, by = city.team(office)[0], city.team((office + 1) % city.offices)[-2]
        since = on(city.month - 40)
        for pair in ("accept-review", "review-approve", "approve-accept"):
            city.rows["duty_exception"].append((operator, pair, since, by))
        there = [r for r in city.rows["claim"] if r[2] == office % DISTRICTS and r[3] >= city.log_starts]
        for claim, _, _, registered, *_ in there[:12]:
            for kind in ("accept", "review", "approve"):
                city.act(kind, claim, weekday(registered), operator)
        city.innocent("operator", operator, "excepted_small_office", rule="DUTY_CONFLICT")


def personnel_offices(city: City) -> None:
    """A firm's personnel office helps those who left: its registered telephone is on their claims."""
    for _ in range(10):
        employer, phone = city.employers.new("10"), who.shared_phone(city.one_more())
        city.rows["contact"].append((employer, city.person(), phone))
        city.innocent("employer", employer, "personnel_office", ban="important")
        for k in range(int(city.rng.integers(6, 11))):
            left = weekday(on(city.month - 10 + k % 4, 3 + k))
            city.claim(Job(city.person(), employer, left, int(city.rng.integers(1, 4))), phone=phone)
        for _ in range(30):
            city.left(Job(city.person(), employer, city.day(city.month - 11, city.month - 1), 30))


def seasonal(city: City) -> None:
    """The hard ones: the same season every year, with people who stay all the year."""
    for _ in range(30):
        employer = city.employers.new("60")
        city.innocent("employer", employer, "seasonal", ban="important")
        steady = city.person()
        for month in range(city.month - 14, city.month + 1):
            city.rows["contributions"].append((steady, employer, month, city.minimum + 1500))
        first = city.month - int(city.rng.integers(5, 10))
        for k in range(int(city.rng.integers(10, 26))):
            now = weekday(on(first + k % 3, 5 + k % 15))
            strand = city.chance(0.6)
            city.claim(Job(city.person(), employer, now, 3, gap=strand, least=strand))
            city.left(Job(city.person(), employer, weekday(on(first - 12 + k % 3, 5 + k % 15)), 3))


def _job(city: City) -> Job:
    employer = int(city.rng.integers(city.claims // 2))
    return Job(city.person(), employer, city.day(city.month - 12, city.month - 2), 30)


ORDINARY = (
    layoffs, closures, start_ups, families, agents, online_at_night, small_offices, personnel_offices,
)  # fmt: skip
HARD = (*ORDINARY, seasonal)
