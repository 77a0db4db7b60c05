"""死亡之后 — what was done as the person himself on a later day than that of the death."""

from matchers.risk.ground import Ground
from matchers.schemas import EvidenceRows

KINDS = ("login", "certify", "change_account")
OWN_CHANNELS = ("online", "kiosk")
REVOKED = "撤销宣告"


def after_death(ground: Ground) -> EvidenceRows:
    """The acts: claim_id, district, event_id, at; none where a death was revoked or sources date it apart."""
    assert ground.events is not None
    assert ground.deaths is not None
    by_person = ground.deaths.groupby("person")
    unsure = (by_person["died_on"].nunique() > 1) | by_person["kind"].agg(lambda kinds: REVOKED in set(kinds))
    died = by_person["died_on"].first()[~unsure]
    events = ground.events.merge(ground.claims[["claim_id", "person", "district"]], on="claim_id")
    own = events[
        events["kind"].isin(KINDS) & events["channel"].isin(OWN_CHANNELS) & events["operator_id"].isna()
    ]
    late: EvidenceRows = own[(own["at"].dt.normalize() > own["person"].map(died)) & ground.within(own["at"])]
    return late
