"""匹配 — every feed's extracts in use, linked to the recipients of the night, feed after feed."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import Engine, select

from expectations.feed import Feed, feeds
from matchers.law import policy
from matchers.people import identity, resident_id
from matchers.text import fold_array, name_key
from pipelines import runs
from pipelines.base.errors import CrossmatchError
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import agency
from pipelines.database.lock import Lock
from pipelines.decisions.precision import confirmed, demoted
from pipelines.deliveries import in_use, retention
from pipelines.engine.seam import MatchEngine, match_engine
from pipelines.linking import residue
from sql import match
from sql.tables import identity_decision

CHANGES = "identity_changes"
BENEFIT = ("claims", "payments", "recipients")
PLACE = ["delivery_id", "file", "line"]
LINK = ["person_id", "link_tier", "link_probability", *PLACE]
CHECKED_ROWS = 200_000


def prepared(recipients: pd.DataFrame) -> pd.DataFrame:
    """``recipients`` with id_text, id_class, id_key, id_usable and name_key.

    A resident's own number must be sound to be a key; a passport is its own. Birth date and sex that are not
    registered are those of the number.
    """
    texts, keys, classes, _ = resident_id.normalise_array(_text(recipients["id_number"]))
    names, _ = fold_array(_text(recipients["name"]), name_key)
    told = recipients.assign(
        id_text=texts.to_pylist(),
        id_class=np.array(resident_id.CLASSES, dtype=object)[classes],
        id_key=pd.Series(keys.to_pylist(), index=recipients.index, dtype=object),
        name_key=names.to_pylist(),
    )
    foreign = (told["id_class"] == "other") & (told["id_kind"] != "resident_id")
    usable = told["id_class"].isin(resident_id.USABLE) | (foreign & told["id_key"].notna())
    key = told["id_key"].where(usable, None)
    number = identity.born_and_sex(key)
    return told.assign(
        id_usable=usable,
        id_key=key,
        birth_date=told["birth_date"].fillna(number["birth_date"]),
        sex=told["sex"].fillna(number["sex"]),
    )


def link(settings: Settings, held: Lock, as_of: date) -> dict[str, int]:
    """Linked rows by feed, and questions.

    Leaves what the night knows in its folder: ``claims``, ``payments``, ``recipients``, ``identities``,
    ``linked/<feed>``, ``residue/<feed>``, ``questions``, and opens the run.
    """
    night, engine = Night.of(settings, as_of), held.engine
    found = _benefit(settings, engine, as_of, night)
    store = Store(settings.store)
    first = retention.first_month(night.frame("claims"), as_of)
    used = {n: retention.at_hand(settings, engine, in_use(engine, n, as_of, store), first) for n in feeds()}
    decisions = _decisions(engine)
    fallen = demoted(engine, policy(settings.policy), as_of)
    known_before = runs.Known(decisions, fallen, confirmed(engine) if fallen else ())
    runs.begin(held, settings, as_of, used.values(), [night.frame(n) for n in BENEFIT], known_before)
    with match_engine(settings) as matcher:
        known = identity.register(found, _changes(matcher, used[CHANGES].extracts))
        night.keep("identities", known.identities)
        night.keep("known_key", known.keys)
        matcher.register("known_key", [night.path("known_key")])
        questions, counts, shares = [identity.shared(found, known)], {}, {}
        for name, feed in feeds().items():
            if name == CHANGES or not (used[name].available and used[name].extracts):
                night.forget(f"linked/{name}")
                continue
            matcher.register("extract", used[name].extracts)
            links, asked = _link_feed(matcher, night, feed, found, known, decisions)
            [usable] = matcher.rows(match("usable"))
            questions.append(asked)
            counts[name] = len(links)
            shares[name] = (usable["usable"], usable["hits"])
    proposed = residue.propose(settings, as_of, shares, known.names, decisions)
    _add(night, proposed)
    questions.append(proposed.questions.rename(columns={"pair_id": "question_id", "tier": "kind"}))
    asked_all = pd.concat([q for q in questions if not q.empty] or questions, ignore_index=True)
    asked_all = asked_all[~asked_all["question_id"].isin(tuple(decisions))]
    night.keep("questions", asked_all.astype({"probability": "float64"}))
    runs.note(settings, as_of, proposed.drift, _checks(night, list(counts)))
    return counts | {"proposed": len(proposed.links), "questions": len(asked_all)}


def _add(night: Night, proposed: residue.Proposed) -> None:
    """Proposed links stand among the linked rows of their feed, and by themselves with their reasons."""
    night.keep("probable_links", proposed.links)
    for feed, links in proposed.links.groupby("feed"):
        rows = residue.linked_rows(residue.residue(night, str(feed)), links)
        _keep_linked(night, str(feed), pd.concat([night.frame(f"linked/{feed}"), rows]))


def _checks(night: Night, linked: list[str]) -> tuple[str, ...]:
    """What is odd about claims and recipients, for people to read; links that cannot be right stop the night.

    Tables of more than ``CHECKED_ROWS`` rows are not read row by row.
    """
    from expectations.suite import judge_rows

    recipients = night.frame("recipients")
    odd = judge_rows("recipients", recipients).warnings if len(recipients) <= CHECKED_ROWS else ()
    nobodys = int((~night.frame("claims")["person_id"].isin(recipients["person_id"])).sum())
    unchecked = (f"{nobodys} 笔申领在领取人员档案中查无此人，未比对",) if nobodys else ()
    links = pd.concat(
        [night.frame(f"linked/{name}")[LINK] for name in linked] or [pd.DataFrame(columns=LINK)]
    )
    who = night.frame("identities").set_index("person_id")["identity"]
    people = links.assign(person_id=links["person_id"].map(who)).drop_duplicates(["person_id", *PLACE])
    wrong = judge_rows("links", people.reset_index(drop=True)).critical if len(links) <= CHECKED_ROWS else ()
    if wrong:
        raise CrossmatchError(f"匹配结果自检未通过：{'；'.join(wrong)}；请保留现场并报告")
    return (*(f"领取人员档案{warning}" for warning in odd), *unchecked)


def _decisions(engine: Engine) -> dict[str, str]:
    c = identity_decision.c
    with engine.connect() as connection:
        return {pair: decision for pair, decision in connection.execute(select(c.pair_id, c.decision))}


def _benefit(settings: Settings, engine: Engine, as_of: date, night: Night) -> pd.DataFrame:
    """The recipients of the night; the benefit records are kept as they were read, in one transaction.

    Recipients without a checked claim are among them where they share a number with one who has.
    """
    with engine.connect() as connection:
        claims = agency.claims(connection, as_of, settings.lookback_months)
        payments = agency.payments(connection, as_of, settings.lookback_months)
        everybody = prepared(agency.recipients(connection))
    found = _concerned(everybody, claims["person_id"])
    night.keep("claims", agency.last_benefit_months(claims, payments, as_of))
    night.keep("payments", payments)
    night.keep("recipients", found)
    return found


def _concerned(everybody: pd.DataFrame, checked: "pd.Series[str]") -> pd.DataFrame:
    """The people of the checked claims, and whoever is registered under a number of theirs."""
    own = everybody["person_id"].isin(set(checked))
    shared = everybody["id_key"].isin(set(everybody.loc[own, "id_key"].dropna()))
    return everybody[own | shared].reset_index(drop=True)


def _text(column: "pd.Series[str]") -> pa.StringArray:
    return pa.array(column.fillna("").astype(object), pa.string())


def _changes(matcher: MatchEngine, extracts: Sequence[Path]) -> pd.DataFrame:
    if not extracts:
        return pd.DataFrame(columns=["id_key", "old_id_key", "name_key", "old_name_key"], dtype=object)
    matcher.register("extract", extracts)
    return pd.DataFrame(matcher.rows(match("changes")), dtype=object)


def _link_feed(
    matcher: MatchEngine,
    night: Night,
    feed: Feed,
    found: pd.DataFrame,
    known: identity.Register,
    decisions: Mapping[str, str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The feed's links and its questions; its linked rows and its residue are kept with the night.

    Rows of somebody else's number count as the recipient's where a person has said that they are.
    """
    matched = night.path(f"matched/{feed.name}")
    matcher.write(match("linked"), matched)
    matcher.write(match("residue"), night.path(f"residue/{feed.name}"))
    rows = night.frame(f"matched/{feed.name}")
    rows = rows.assign(delivered_on=pd.to_datetime(rows["delivered_on"]))
    rows = rows.assign(delivery_id=feed.name + "/" + rows["delivered_on"].dt.strftime("%Y-%m-%d"))
    links, doubtful = identity.tiers(rows, found, known, decisions)
    said = identity.doubt_ids(doubtful, feed.name).map(dict(decisions))
    links = pd.concat([links, doubtful[said == "same"]]).assign(link_probability=1.0, link_words=None)
    _keep_linked(night, feed.name, links.drop(columns="own"))
    matched.unlink()
    return links, identity.doubts(doubtful[said.isna()], feed.name)


def _keep_linked(night: Night, feed: str, links: pd.DataFrame) -> None:
    order = ["delivered_on", "file", "line", "person_id"]
    night.keep(f"linked/{feed}", links.sort_values(order).reset_index(drop=True))
