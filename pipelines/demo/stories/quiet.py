"""Lawful claims of every shape, about which there are only ordinary records."""

from pipelines.demo.calendar import compact
from pipelines.demo.case import Case
from pipelines.demo.claims import EXHAUSTED, FORGOTTEN, FRESH, STOPPED, SUSPENDED
from pipelines.demo.story import story


@story()
def quiet(_: Case) -> None:
    """An ordinary claim."""


@story(shape=FRESH)
def quiet_fresh(_: Case) -> None:
    """A claim of the last months."""


@story(shape=STOPPED)
def quiet_stopped(_: Case) -> None:
    """A claim that the agency has stopped already."""


@story(shape=SUSPENDED)
def quiet_suspended(_: Case) -> None:
    """A claim in suspense."""


@story(shape=EXHAUSTED)
def quiet_exhausted(_: Case) -> None:
    """A claim drawn to its end."""


@story("not_checked", shape=FORGOTTEN)
def pension_long_after(case: Case) -> None:
    """A pension that began during a claim whose last payment lies before the look-back window."""
    month = case.claim.last - 2
    facts = {"scheme": "企业职工", "payee_kind": "2", "started_month": compact(month), "state": "1"}
    case.report("pension_payees", case.day(month), facts)
