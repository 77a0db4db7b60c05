"""死亡后仍有本人操作 — somebody acted as the person himself after the day of death."""

from matchers.risk.ground import Ground, period
from matchers.risk.signals import Fact, Level, Rule, Signal

KINDS = ("login", "certify", "change_account")
OWN_CHANNELS = ("online", "kiosk")
REVOKED = "撤销宣告"


def look(ground: Ground) -> list[Signal]:
    """Per claim; a death that was revoked, or that sources date differently, raises nothing."""
    assert ground.events is not None
    assert ground.deaths is not None
    by_person = ground.deaths.groupby("person")
    unsure = (by_person["died_on"].nunique() > 1) | by_person["kind"].agg(lambda kinds: REVOKED in set(kinds))
    died = by_person["died_on"].first()[~unsure]
    events = ground.events.merge(ground.claims[["claim_id", "person", "district"]], on="claim_id")
    own = events[
        events["kind"].isin(KINDS) & events["channel"].isin(OWN_CHANNELS) & events["operator_id"].isna()
    ]
    late = own[(own["at"].dt.normalize() > own["person"].map(died)) & ground.within(own["at"])]
    raised = []
    for claim, acts in late.sort_values("at").groupby("claim_id"):
        facts = tuple(Fact("after_death", str(claim), event_id=e) for e in acts["event_id"])
        first = acts.iloc[0]
        raised.append(
            Signal(
                RULE.code,
                "claim",
                str(claim),
                first["district"],
                period(first["at"]),
                Level.IMPORTANT,
                {"n": len(acts)},
                facts,
            )
        )
    return raised


RULE = Rule(
    code="AFTER_DEATH",
    title="死亡后仍有本人操作",
    basis="社会保险法第四十九条",
    look=look,
    needs=("claim_event",),
    feeds=("deaths",),
    words={"after_death": "死亡次日以后的本人操作"},
    counter="死亡登记有误或日期不一、遗属代为申报；先与登记机关核对死亡日期",
)
