"""单位减员原因异常 — one employer corrects far more reasons to involuntary than others of its kind."""

import pandas as pd

from matchers.risk import reasons, shares
from matchers.risk.ground import PLACE, Ground
from matchers.risk.policy import INVOLUNTARY, VOLUNTARY
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per employer; fewer than five corrections say nothing, an award with its number is no correction."""
    assert ground.kinds is not None
    kept = reasons.forms(ground)
    turned = kept[(kept["before"] == VOLUNTARY) & (kept["meaning"] == INVOLUNTARY) & kept["reference"].isna()]
    turned = turned[ground.within(turned["filed_on"])]
    people = turned.groupby("employer")["person"].nunique().rename("seen")
    both = pd.concat([reasons.leavers(ground).rename("left"), people], axis=1).fillna(0.0).astype(float)
    seen, leavers = both["seen"], both.max(axis=1)
    kind = seen.index.to_series().map(ground.kinds).fillna("")
    expected = shares.expected_by_kind(seen, leavers, kind)
    bound = shares.lower_bounds(seen, expected, ground.ratio("bound"))
    claims = ground.claims[ground.within(ground.claims["separated_on"])]
    raised = []
    for employer, own in turned.groupby("employer"):
        n = int(seen[employer])
        if n < ground.value("pattern_least") or bound[employer] <= ground.value("pattern_ratio"):
            continue
        asked = claims.loc[claims["employer"] == employer, "claim_id"]
        facts = [Fact("corrected", None, None, None, *place) for place in own[PLACE].itertuples(index=False)]
        facts += [Fact("to_be_asked", claim) for claim in asked]
        where = ground.district_of(set(asked)) if len(asked) else ""
        figures = {"n": n, "leavers": int(leavers[employer]), "ratio_bound": round(float(bound[employer]), 2)}
        ordinary = f"同类单位约 {expected[employer]:.1f} 次"
        raised.append(
            Signal(
                RULE.code,
                "employer",
                str(employer),
                where,
                ground.year,
                Level.LEAD,
                figures,
                tuple(facts),
                ordinary,
            )
        )
    return raised


RULE = Rule(
    code="REASON_PATTERN",
    title="单位减员原因异常",
    basis="渝人社发〔2019〕169号 一（四）",
    look=look,
    feeds=("contributions", "staff_reductions"),
    policy=("reason_codes",),
    words={"corrected": "减员原因由本人意愿改为非本人意愿", "to_be_asked": "该单位离职者的申领，列为待问"},
    counter="仲裁裁决、人力资源软件缺省值、培训后集中更正；先看更正依据",
)
