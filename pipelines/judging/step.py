"""研判步骤 — builds the docket from the night's frames, judges it, and keeps the judgement."""

from dataclasses import fields
from datetime import date

import pandas as pd

from expectations.feed import feeds
from matchers import judge as rules
from matchers.docket import Docket
from matchers.judge import Judgement
from matchers.law import policy
from pipelines import runs
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.judging.writeback import Who

PERSON = ["person_id", "sex", "birth_date", "id_usable"]
NULLABLE_MONTHS = "float64"


def judge(settings: Settings, as_of: date) -> dict[str, int]:
    """Candidates by cause; the whole judgement is kept in the night's folder."""
    night = Night.of(settings, as_of)
    judgement = rules.judge(docket(settings, as_of))
    for part in fields(Judgement):
        night.keep(f"judged/{part.name}", getattr(judgement, part.name))
    return {
        str(cause): int(n) for cause, n in judgement.candidates["cause"].value_counts().sort_index().items()
    }


def docket(settings: Settings, as_of: date) -> Docket:
    """All that the night knows, from the frames that ``link`` left."""
    night = Night.of(settings, as_of)
    claims = night.frame("claims")
    claims = claims.merge(night.frame("recipients")[PERSON], on="person_id", how="inner", validate="m:1")
    claims = claims.merge(night.frame("identities"), on="person_id", how="inner", validate="m:1")
    opened = runs.opened(settings, as_of)
    linked = {name: _linked(night, name) for name in feeds() if night.path(f"linked/{name}").exists()}
    return Docket(
        as_of=as_of,
        policy=policy(settings.policy),
        claims=claims,
        payments=night.frame("payments"),
        linked=linked,
        unavailable=frozenset(opened.unavailable),
        demoted=opened.demoted,
        confirmed=frozenset(opened.confirmed),
        terms=_pairs(night.frame("terms")),
        one_employer=_pairs(night.frame("one_employer")),
        titles={name: feed.title for name, feed in feeds().items()},
        details={name: feed.details for name, feed in feeds().items()},
    )


def kept(settings: Settings, as_of: date) -> tuple[Judgement, Who]:
    """The judgement of the night, and who is who; questions stand on each person's latest claim."""
    night = Night.of(settings, as_of)
    judgement = Judgement(**{part.name: night.frame(f"judged/{part.name}") for part in fields(Judgement)})
    claims = night.frame("claims").sort_values(["start_month", "claim_id"])
    latest = claims.drop_duplicates("person_id", keep="last").set_index("person_id")["claim_id"]
    asked = night.frame("questions")
    asked = asked.assign(claim_id=asked["person_id"].map(latest))
    return judgement, Who(asked[asked["claim_id"].notna()], night.frame("probable_links"))


def live_claims(settings: Settings, as_of: date) -> int:
    """How many claims are live on the night."""
    return int(Night.of(settings, as_of).frame("claims")["live"].sum())


def _pairs(frame: pd.DataFrame) -> dict[str, str]:
    """The second column of a frame by its first."""
    return {str(key): str(value) for key, value in frame.itertuples(index=False, name=None)}


def _linked(night: Night, name: str) -> pd.DataFrame:
    rows = night.frame(f"linked/{name}")
    month_columns = {c.name: NULLABLE_MONTHS for c in feeds()[name].columns.values() if c.type == "month"}
    days = {c.name for c in feeds()[name].columns.values() if c.type == "date"} | {"delivered_on"}
    return rows.astype(month_columns).assign(**{d: pd.to_datetime(rows[d]) for d in days})
