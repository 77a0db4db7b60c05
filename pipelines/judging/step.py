"""研判步骤 — builds the docket from the night's frames, judges it, and keeps the judgement.

A great city is judged part by part, so that memory grows with the largest part and not with the city; people
who are tied together are in one part, and what is kept is the same to the byte however many parts there are.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import fields
from datetime import date

import pandas as pd
import pyarrow as pa

from expectations.feed import feeds
from matchers import judge as rules
from matchers.docket import Docket
from matchers.judge import Judgement
from matchers.law import policy
from matchers.parts import parts
from pipelines import runs
from pipelines.base.frames import Night, together
from pipelines.base.settings import Settings
from pipelines.judging.writeback import Who

PERSON = ["person_id", "sex", "birth_date", "id_usable"]
NULLABLE_MONTHS = "float64"
CLAIMS_A_PART = 20_000
ORDER = {
    "candidates": "claim_id", "evidence": "candidate_id", "overpayments": "candidate_id",
    "preventable": "candidate_id", "excluded": "claim_id", "requests": "claim_id", "notices": "claim_id",
}  # fmt: skip


def judge(settings: Settings, as_of: date, claims_a_part: int = CLAIMS_A_PART) -> dict[str, int]:
    """Candidates by cause; the whole judgement is kept in the night's folder, each frame by claim.

    ``claims_a_part``: about how many claims are judged at once.
    """
    night = Night.of(settings, as_of)
    judged: dict[str, list[pa.Table]] = {name: [] for name in ORDER}
    for people in _parts(night, claims_a_part):
        judgement = rules.judge(docket(settings, as_of, people))
        for name, tables in judged.items():
            tables.append(pa.Table.from_pandas(getattr(judgement, name), preserve_index=False))
    for name, tables in judged.items():
        keep(night, name, tables)
    causes = night.frame("judged/candidates")["cause"]
    return {str(cause): int(n) for cause, n in causes.value_counts().sort_index().items()}


def keep(night: Night, name: str, tables: Sequence[pa.Table]) -> None:
    """Store one frame of a judgement from the tables of its parts: the same bytes however it was cut."""
    night.keep_table(f"judged/{name}", together(tables).sort_by(ORDER[name]).combine_chunks())


def docket(settings: Settings, as_of: date, people: Set[str] | None = None) -> Docket:
    """All that the night knows, from the frames that ``link`` left; of these people alone, where some are
    given, of whom none is tied to anybody else.
    """
    night = Night.of(settings, as_of)
    claims = night.frame("claims")
    claims = claims.merge(night.frame("recipients")[PERSON], on="person_id", how="inner", validate="m:1")
    claims = claims.merge(night.frame("identities"), on="person_id", how="inner", validate="m:1")
    if people is not None:
        claims = claims[claims["person_id"].isin(people)].reset_index(drop=True)
    own = None if people is None else ("claim_id", set(claims["claim_id"]))
    opened = runs.opened(settings, as_of)
    linked = {name: _linked(night, name, people) for name in feeds() if night.path(f"linked/{name}").exists()}
    return Docket(
        as_of=as_of,
        policy=policy(settings.policy),
        claims=claims,
        payments=night.frame("payments", own),
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


def _parts(night: Night, claims_a_part: int) -> Iterator[Set[str] | None]:
    """The people of each part; None where one part holds everybody."""
    many = round(len(night.frame("claims")) / claims_a_part)
    if many <= 1:
        yield None
        return
    keys = {"identities": "identity", "recipients": "id_key"}
    ties = [
        night.frame(name)[["person_id", key]].set_axis(["person_id", "key"], axis=1)
        for name, key in keys.items()
    ]
    part = parts(pd.concat(ties, ignore_index=True), many)
    for number in range(many):
        yield set(part.index[part == number])


def _linked(night: Night, name: str, people: Set[str] | None) -> pd.DataFrame:
    rows = night.frame(f"linked/{name}", None if people is None else ("person_id", people))
    month_columns = {c.name: NULLABLE_MONTHS for c in feeds()[name].columns.values() if c.type == "month"}
    days = {c.name for c in feeds()[name].columns.values() if c.type == "date"} | {"delivered_on"}
    return rows.astype(month_columns).assign(**{d: pd.to_datetime(rows[d]) for d in days})
