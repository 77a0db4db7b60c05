"""疑点集中于一人 — far more of one person's claims have an important signal than of his office's."""

import pandas as pd

from matchers.risk import acts, shares
from matchers.risk.ground import Ground
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per operator; claims of an employer that was assigned to him do not count, nor do tiny offices."""
    marked = {
        c
        for s in ground.raised
        if s.level == Level.IMPORTANT and s.subject_kind != "operator"
        for c in s.claims
    }
    accepted = acts.placed(ground, _accepted(ground))
    accepted = accepted.assign(marked=accepted["claim_id"].isin(marked))
    counts = accepted.groupby("who").agg(k=("marked", "sum"), n=("marked", "size"))
    counts = counts.assign(office=acts.main_offices(accepted))
    judged = shares.above_office(counts)
    enough = (judged["k"] >= ground.value("concentration_least")) & (judged["q"] <= ground.ratio("alpha"))
    enough &= judged["office"].map(acts.staff(ground)) >= ground.value("office_people")
    districts = acts.districts(ground)
    raised = []
    for who, row in judged[enough].iterrows():
        own = accepted[(accepted["who"] == who) & accepted["marked"]].sort_values("claim_id")
        facts = tuple(
            Fact("accepted", c, event_id=e) for c, e in zip(own["claim_id"], own["event_id"], strict=True)
        )
        figures = {"n": int(row["k"]), "of": int(row["n"]), "q": float(f"{row['q']:.2g}")}
        ordinary = f"同办公室其他人员及全市的较大者 {row['ordinary']:.1%}"
        raised.append(
            Signal(
                RULE.code,
                "operator",
                str(who),
                districts.get(str(who), ""),
                ground.year,
                Level.LEAD,
                figures,
                facts,
                ordinary,
            )
        )
    return raised


def _accepted(ground: Ground) -> pd.DataFrame:
    """Claims accepted in the twelve months, each by its first acceptance, less assigned employers'."""
    assert ground.exceptions is not None
    events = acts.own(ground)
    events = events[(events["kind"] == "accept") & ground.within(events["at"])].sort_values("at")
    rows = events.drop_duplicates("claim_id").merge(ground.claims[["claim_id", "employer"]], on="claim_id")
    pairs = "accept:" + rows["employer"].fillna("")
    return rows[~acts.excepted(rows.assign(pair=pairs), ground.exceptions)]


RULE = Rule(
    code="CONCENTRATION",
    title="疑点集中于一人",
    basis="渝人社发〔2019〕169号 四（一）",
    look=look,
    needs=("claim_event", "operator", "duty_exception"),
    words={"accepted": "由其受理、另有重要信号的申领"},
    counter="按单位分工、园区专窗、人手少；受理的人往往并不知情，先问分工",
    last=True,
)
