"""临发前变更 — accounts that operators changed just before the roll closed, and what became of them."""

import pandas as pd

from matchers.risk import acts
from matchers.risk.accounts import covered, people, personal
from matchers.risk.ground import Ground
from matchers.schemas import EvidenceRows
from matchers.workdays import completed, is_working_day


def flips(ground: Ground) -> EvidenceRows:
    """Changes taken back, or to an account of several: who, claim_id, event_id, back_id (taking it back)."""
    changed = _changes(ground)
    return _to_others(ground, changed).combine_first(_back(ground, changed))


def _changes(ground: Ground) -> pd.DataFrame:
    """What operators changed at the counter, without a reference, just before the district's roll closed."""
    assert ground.events is not None
    events = acts.own(ground)
    changed = events[
        (events["kind"] == "change_account") & (events["channel"] == "counter") & events["reference"].isna()
    ]
    changed = changed.merge(ground.claims[["claim_id", "district", "person"]], on="claim_id").sort_values(
        "at"
    )
    closing = ground.events[ground.events["kind"] == "payroll_make"].dropna(subset="roll_district")
    closing = closing[["roll_district", "at"]].rename(columns={"roll_district": "district", "at": "closes"})
    rolls = pd.merge_asof(
        changed,
        closing.sort_values("closes"),
        left_on="at",
        right_on="closes",
        by="district",
        direction="forward",
    ).dropna(subset="closes")
    near = [
        _working_days(a, b) <= ground.value("flip_working_days")
        for a, b in zip(rolls["day"], rolls["closes"], strict=True)
    ]
    chosen = rolls[pd.Series(near, index=rolls.index, dtype=bool)]
    assert ground.agents is not None
    chosen = chosen[~covered(chosen.rename(columns={"after": "account"}), ground.agents, "day")]
    return chosen[~chosen["after"].isin(ground.policy.dummies)].set_index("event_id", drop=False)


def _working_days(changed: pd.Timestamp, closes: pd.Timestamp) -> int:
    """Working days after the change up to the closing."""
    if closes.normalize() == changed:
        return 0
    return completed(changed.date(), closes.date()) + is_working_day(closes.date())


def _back(ground: Ground, changed: pd.DataFrame) -> pd.DataFrame:
    """Changes taken back within the time, on a day of the twelve months."""
    events = acts.own(ground)
    later = events[(events["kind"] == "change_account") & (events["channel"] == "counter")]
    pairs = changed.reset_index(drop=True).merge(
        later[["claim_id", "event_id", "day", "at", "after"]], on="claim_id", suffixes=("", "_back")
    )
    apart = (pairs["day_back"] - pairs["day"]).dt.days
    pairs = pairs[(pairs["at_back"] > pairs["at"]) & (pairs["after_back"] == pairs["before"])]
    pairs = pairs[
        (apart.loc[pairs.index] <= ground.value("flip_back_days")) & ground.within(pairs["day_back"])
    ]
    first = pairs.sort_values("at_back").drop_duplicates("event_id")
    return first.assign(back_id=first["event_id_back"]).set_index("event_id", drop=False)


def _to_others(ground: Ground, changed: pd.DataFrame) -> pd.DataFrame:
    """Changes to an account that had been paid for somebody else and serves several people."""
    paid = personal(ground, ground.payments)
    served = people(paid)
    several = served[served.between(ground.value("flip_people"), ground.value("account_people_most"))].index
    rows = changed[changed["after"].isin(several) & ground.within(changed["day"])].reset_index(drop=True)
    earlier = rows.merge(
        paid[["account", "paid_on", "person"]], left_on="after", right_on="account", suffixes=("", "_paid")
    )
    earlier = earlier[(earlier["paid_on"] < earlier["day"]) & (earlier["person_paid"] != earlier["person"])]
    used = rows[rows["event_id"].isin(earlier["event_id"])]
    return used.assign(back_id=None).set_index("event_id", drop=False)
