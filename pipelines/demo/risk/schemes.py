"""骗取与失职 — what the signals must see: shells, borrowed accounts, flips, acts that nobody may do alone."""

import datetime as dt
from collections.abc import Callable

from pipelines.demo.calendar import hyphened, month_of, on
from pipelines.demo.risk import innocents, who
from pipelines.demo.risk.city import DISTRICTS, PAY_DAY, ROLL_DAY, City, Job, weekday

# How many are hung on a hard shell and how many of its real staff leave: docs/risk.md, 演示城市的单位.
HUNG, STAFF = (2, 10), (0, 9)
SHARED = 3  # two people on one account are a household


def shells(city: City) -> None:
    """Employers on paper: people insured for two months at the minimum base, then gone, month after month."""
    for n in range(20):
        employer = city.employers.new("10")
        account = who.shared_account(city.one_more()) if n % 2 else ""
        _short_jobs(city, employer, int(city.rng.integers(8, 31)), 8, 0.95, (account, "", 10))
        city.true("SHORT_TENURE", "employer", employer, "important", "shell")
        if account:
            city.true("ACCOUNT_SHARED", "account", account, "lead", "shell_card")


def mixed_shells(city: City) -> None:
    """The hard ones: two to nine hung on a real employer, most of them with one account or phone."""
    for n in range(40):
        employer = city.employers.new("10")
        tie = "" if n % 5 < 2 else str(city.one_more())
        account = who.shared_account(int(tie)) if tie and n % 2 else ""
        phone = who.shared_phone(int(tie)) if tie and not account else ""
        many = int(city.rng.integers(*HUNG))
        _short_jobs(city, employer, many, 4, 0.8, (account, phone, 12))
        for _ in range(int(city.rng.integers(*STAFF))):
            city.left(Job(city.person(), employer, city.day(city.month - 11, city.month), 30))
        city.true("SHORT_TENURE", "employer", employer, "important", "mixed_shell")
        if account and many >= SHARED:
            city.true("ACCOUNT_SHARED", "account", account, "lead", "mixed_shell_card")


def _short_jobs(
    city: City, employer: int, many: int, spread: int, strands: float, tie: tuple[str, str, int]
) -> None:
    """``many`` claims after short jobs over ``spread`` months; ``tie``: account, phone, how many share it."""
    account, phone, most = tie
    for k in range(many):
        left = weekday(on(city.month - 10 + k % spread, 3 + k % 20))
        strand = city.chance(strands)
        job = Job(city.person(), employer, left, int(city.rng.integers(1, 4)), gap=strand, least=strand)
        shares = k < most
        city.claim(job, account=account if shares else "", phone=phone if shares else "")


def mules(city: City) -> None:
    """People of different employers who are all paid on one account that is somebody else's."""
    for _ in range(20):
        account, n = who.shared_account(city.one_more()), int(city.rng.integers(3, 13))
        paid = 0
        for _ in range(n):
            claim = city.claim(_any_job(city), account=account)
            paid += city.rows["payment"][-1][1] == claim
            city.rows["account_check"].append((account, claim, "other", city.last))
        level = "important"
        city.true("ACCOUNT_SHARED", "account", account, level, "mule", n=n, certain=int(paid == n))


def _any_job(city: City) -> Job:
    employer = int(city.rng.integers(city.claims // 2))
    return Job(city.person(), employer, city.day(city.month - 9, city.month - 3), 30)


def flips(city: City) -> None:
    """An operator turns accounts to a card just before the roll closes, and back when it was paid."""
    for office in range(5):
        operator, facts = city.team(office)[0], []
        for _ in range(3):
            facts += _flip(city, operator, office % DISTRICTS)
        where = {"district": office % DISTRICTS, "n": 3, "certain": 1, "facts": facts}
        city.true("ACCOUNT_FLIP", "operator", operator, "important", "flip", **where)


def _flip(city: City, operator: int, district: int) -> list[str]:
    there = (row for row in _in_district(city, district) if month_of(row[3]) > city.month - 9)
    claim, person = next((row[0], row[1]) for row in there if city.chance(0.2))
    month = int(city.rng.integers(city.month - 5, city.month))
    own, card = who.own_account(person), who.shared_account(city.one_more())
    closing = weekday(on(month, ROLL_DAY))
    there_ = closing - dt.timedelta(days=1 if closing.weekday() else 3)
    back = weekday(on(month, PAY_DAY) + dt.timedelta(days=2))
    change: Callable[..., str] = city.act
    return [
        change("change_account", claim, there_, operator, before=own, after=card),
        change("change_account", claim, back, operator, before=card, after=own),
    ]


def _in_district(city: City, district: int) -> list[tuple[int, int, int, dt.date]]:
    return [row[:4] for row in city.rows["claim"] if row[2] == district and row[3] >= city.log_starts]


def duties(city: City) -> None:
    """Acts of one person on one claim that two people should have done, without an exception."""
    for k in range(min(49, city.offices - innocents.SMALL)):
        office = k
        operator = city.team(office)[1]
        district = office % DISTRICTS
        there = _in_district(city, district)
        claim, _, _, registered = there[(k * 37) % len(there)]
        day = weekday(max(registered, on(city.month - 10)) + dt.timedelta(days=4))
        kinds = (("accept", "review"), ("accept", "approve"), ("change_account", "approve"))[k % 3]
        facts = [city.act(kind, claim, day, operator) for kind in kinds]
        where = {"period": hyphened(month_of(day)), "district": district, "certain": 1}
        city.true("DUTY_CONFLICT", "operator", operator, "fault", "alone", facts=facts, **where)


def nights_at_the_counter(city: City) -> None:
    """An operator who works at the counter at night, as nobody else of the office does."""
    for office in range(5, 10):
        operator = city.team(office)[0]
        there = _in_district(city, office % DISTRICTS)
        for k in range(14):
            claim, _, _, registered = there[k * 3]
            day = weekday(max(registered, on(city.month - 8)) + dt.timedelta(days=k))
            city.act("certify", claim, min(day, city.last), operator, hour=22)
        city.true("OFF_HOURS", "operator", operator, "lead", "counter_at_night")


ORDINARY = (shells, mules, flips, duties, nights_at_the_counter)
HARD = (mixed_shells, mules, flips, duties, nights_at_the_counter)
