"""平常 — offices, employers and everybody who is no part of any story."""

import datetime as dt
from typing import Any, Final

import numpy as np

from pipelines.demo.calendar import hyphened, on
from pipelines.demo.risk.city import DISTRICTS, ROLL_DAY, City, Job, weekday
from pipelines.demo.risk.who import KINDS

TEAM: Final = ("accept", "accept", "accept", "review", "approve", "payroll")
APART: Final = ("accounting", "cashier", "data", "system", "audit")
LEAVERS_A_CLAIM: Final = 7
# Of ordinary employers, as measured on the sample city: docs/risk.md, 演示城市的单位.
SHORT: Final = {"10": 0.126, "20": 0.084, "60": 0.111, "80": 0.216}  # share of short jobs among claims
SPREAD: Final = 0.6  # variance of an employer's share of short jobs, that of its kind being one
SIZES: Final = 1.45  # standard deviation of the logarithm of how many leave an employer
SHORT_MOST: Final = 0.9


def staff(city: City) -> None:
    """Six people for each office, five more for each district, the hours of every office."""
    for office in range(city.offices):
        for post in TEAM:
            _post(city, office, post)
    for district in range(DISTRICTS):
        for post in APART:
            _post(city, city.offices + district, post)
    day = city.log_starts
    while day <= city.last:
        if day.weekday() < 5:
            city.rows["service_hours"] += [(o, day) for o in range(city.offices)]
        day += dt.timedelta(days=1)


def _post(city: City, office: int, post: str) -> None:
    operator = len(city.operator_office)
    city.operator_office.append(office)
    since = on(city.month - 40)
    city.rows["operator"].append((operator, city.person(), office, office % DISTRICTS, post, since))


def rolls(city: City) -> None:
    """Each district's roll of each month: made by one person, checked by another."""
    for month in range(city.month - 17, city.month + 1):
        for district in range(DISTRICTS):
            makes = city.team(district)[-1]
            checks = city.team(district + DISTRICTS if city.offices >= 2 * DISTRICTS else district)[-2]
            reference, day = f"GD-{{{district}}}-{hyphened(month)}", weekday(on(month, ROLL_DAY))
            for kind, by in (("payroll_make", makes), ("payroll_check", checks)):
                city.act(kind, None, day, by, hour=15, reference=reference)


def employers(city: City) -> None:
    """Employers of every kind, with somebody insured at each."""
    for n in range(int(city.claims * 0.8)):
        city.employers.new(KINDS[n % len(KINDS)])
        city.rows["contributions"].append((city.person(), n, city.month - 14, city.minimum + 2000))


def everybody(city: City) -> None:
    """The claims of ordinary people, and those who left and did not claim."""
    many = len(city.employers.all)
    weight = city.rng.lognormal(0, SIZES, many)
    weight /= weight.sum()
    short = _shares_of_short_jobs(city)
    at = city.rng.choice(many, city.claims, p=weight)
    for employer in at:
        city.claim(_job(city, int(employer), short[employer]))
    for employer in city.rng.choice(many, city.claims * LEAVERS_A_CLAIM, p=weight):
        job = _job(city, int(employer), short[employer])
        city.left(job, str(city.rng.choice(np.array(["211", "212", "231"]))))


def _shares_of_short_jobs(city: City) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """By employer: those of one kind differ too, or whoever stands out would be too easy to judge."""
    of_kind = np.array([SHORT[one.kind] for one in city.employers.all])
    own = np.random.default_rng([city.seed, 13]).gamma(1 / SPREAD, SPREAD, len(of_kind))
    return np.minimum(of_kind * own, SHORT_MOST)


def _job(city: City, employer: int, short: float) -> Job:
    months = int(city.rng.integers(1, 4)) if city.chance(short) else int(city.rng.integers(5, 60))
    day = city.day(city.month - 22, city.month - 1)
    return Job(city.person(), employer, day, months, gap=city.chance(0.3), least=city.chance(0.35))
