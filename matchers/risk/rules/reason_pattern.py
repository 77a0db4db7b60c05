"""单位减员原因异常 — one employer corrects far more reasons to involuntary than others of its kind."""

from matchers.risk.evidence.corrections import corrected, counts
from matchers.risk.ground import PLACE, Ground
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per employer; fewer than five corrections say nothing, an award with its number is no correction."""
    turned, raised = corrected(ground), []
    about = counts(ground, turned).to_dict("index")
    claims = ground.claims[ground.within(ground.claims["separated_on"])]
    for employer, own in turned.groupby("employer"):
        row = about[employer]
        n, bound = int(row["seen"]), float(row["bound"])
        if n < ground.value("pattern_least") or bound <= ground.value("pattern_ratio"):
            continue
        asked = claims.loc[claims["employer"] == employer, "claim_id"]
        facts = [Fact("corrected", None, None, None, *place) for place in own[PLACE].itertuples(index=False)]
        facts += [Fact("to_be_asked", claim) for claim in asked]
        where = ground.district_of(set(asked)) if len(asked) else ""
        figures = {"n": n, "leavers": int(row["leavers"]), "ratio_bound": round(bound, 2)}
        ordinary = f"同类单位约 {row['expected']:.1f} 次"
        which = RULE.code, "employer", str(employer), where, ground.year
        raised.append(Signal(*which, Level.LEAD, figures, tuple(facts), ordinary))
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
