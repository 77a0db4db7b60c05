"""案卷的来历 — the docket of a night, from the frames that ``link`` left in its folder."""

from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import date

import pandas as pd

from expectations.feed import feeds
from matchers.docket import Docket
from matchers.law import policy
from matchers.schemas import AnyRows, Linked, Payments, PersonTies, schemas
from pipelines import runs
from pipelines.base.frames import Night
from pipelines.base.settings import Settings

PERSON = ["person_id", "sex", "birth_date", "id_usable"]
TIES = {"identities": "identity", "recipients": "id_key"}
NULLABLE_MONTHS = "float64"


def docket(settings: Settings, as_of: date) -> Docket:
    """All that the night knows."""
    return filled(without_rows(settings, as_of), Night.of(settings, as_of))


def without_rows(settings: Settings, as_of: date, people: Set[str] | None = None) -> Docket:
    """All that the night knows of ``people``, None for everybody, but for payments and linked rows."""
    night, opened = Night.of(settings, as_of), runs.opened(settings, as_of)
    claims = night.frame("claims", None if people is None else ("person_id", people))
    claims = claims.merge(night.frame("recipients")[PERSON], on="person_id", how="inner", validate="m:1")
    claims = claims.merge(night.frame("identities"), on="person_id", how="inner", validate="m:1")
    return Docket(
        as_of=as_of,
        policy=policy(settings.policy),
        claims=claims,
        payments=schemas()["payments"].empty(),
        linked={},
        unavailable=frozenset(opened.unavailable),
        demoted=opened.demoted,
        confirmed=frozenset(opened.confirmed),
        terms=_pairs(night.frame("terms")),
        one_employer=_pairs(night.frame("one_employer")),
        titles={name: feed.title for name, feed in feeds().items()},
        details={name: feed.details for name, feed in feeds().items()},
    )


def filled(bare: Docket, night: Night, people: Set[str] | None = None) -> Docket:
    """The docket of ``people`` with their payments and linked rows of the night."""
    theirs = None if people is None else ("person_id", people)
    paid = None if people is None else ("claim_id", set(bare.claims["claim_id"]))
    linked = {feed: night.frame(f"linked/{feed}", theirs) for feed in linked_feeds(night)}
    return with_rows(bare, night.frame("payments", paid), linked)


def with_rows(bare: Docket, payments: Payments, linked: Mapping[str, AnyRows]) -> Docket:
    """The docket with payments and, by feed, linked rows as they are stored."""
    return replace(
        bare, payments=payments, linked={feed: _linked(rows, feed) for feed, rows in linked.items()}
    )


def linked_feeds(night: Night) -> list[str]:
    """The feeds of which the night has linked rows."""
    return [feed for feed in feeds() if night.path(f"linked/{feed}").exists()]


def ties(night: Night) -> PersonTies:
    """Who is tied to whom on the night: by being one person, or by a number."""
    each = [
        night.frame(name)[["person_id", key]].set_axis(["person_id", "key"], axis=1)
        for name, key in TIES.items()
    ]
    return pd.concat(each, ignore_index=True)


def _pairs(frame: pd.DataFrame) -> dict[str, str]:
    """The second column of a frame by its first."""
    return {str(key): str(value) for key, value in frame.itertuples(index=False, name=None)}


def _linked(rows: AnyRows, feed: str) -> Linked:
    columns = feeds()[feed].columns.values()
    month_columns = {c.name: NULLABLE_MONTHS for c in columns if c.type == "month"}
    days = {c.name for c in columns if c.type == "date"} | {"delivered_on"}
    return rows.astype(month_columns).assign(**{d: pd.to_datetime(rows[d]) for d in days})
