"""关联申领 — claims tied by account or telephone to one that a signal rests on; shown to people, no more."""

import pandas as pd

from matchers.risk.components import components, ties_of
from matchers.risk.ground import Ground
from matchers.schemas import SignalFacts, TiedClaims
from pipelines.reports.words import district
from pipelines.reports.workbook import Column

COLUMNS = (
    Column("关联（其中最小的申领编号）", "component", 26),
    Column("申领编号", "claim_id", 14),
    Column("区县", "district_name", 12),
    Column("本笔所在的信号", "signals", 50, "long"),
)


def tied(ground: Ground, facts: SignalFacts) -> TiedClaims:
    """The claims of each component of several claims in which a signal holds.

    ``facts``: signal_id and claim_id of the signals that may be shown. Without the register of agents, whose
    accounts tie nobody together, no component is shown.
    """
    if ground.agents is None:
        return pd.DataFrame(columns=[column.name for column in COLUMNS])
    label = components(ties_of(ground), ground.value("account_people_most")).rename_axis("claim_id")
    rows = label.rename("label").reset_index()
    named = facts.dropna(subset="claim_id").groupby("claim_id")["signal_id"]
    rows["signals"] = rows["claim_id"].map(named.agg(lambda ids: "、".join(sorted(set(ids))))).fillna("")
    by_label = rows.groupby("label")
    several = by_label["claim_id"].transform("size") > 1
    holds = by_label["signals"].transform("max") != ""
    shown = rows.assign(component=by_label["claim_id"].transform("min"))[several & holds]
    codes = ground.claims.set_index("claim_id")["district"]
    return shown.assign(district_name=shown["claim_id"].map(codes).map(district)).sort_values(
        ["component", "claim_id"]
    )
