"""疑点集中于一人 — far more of one person's claims have an important signal than of his office's."""

from matchers.risk import acts
from matchers.risk.ground import Ground
from matchers.risk.outstanding import leads, outstanding
from matchers.risk.signals import Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per operator; claims of an employer that was assigned to him do not count, nor do tiny offices."""
    suspected = {
        c
        for s in ground.raised
        if s.level == Level.IMPORTANT and s.subject_kind != "operator"
        for c in s.claims
    }
    accepted = acts.placed(ground, acts.accepted(ground))
    accepted = accepted.assign(marked=accepted["claim_id"].isin(suspected))
    above = outstanding(ground, accepted, "marked", "concentration_least")
    above = above[above["office"].map(acts.staff(ground)) >= ground.value("office_people")]
    marked = accepted[accepted["marked"]].sort_values("claim_id")
    return leads(ground, RULE.code, above, marked, "accepted")


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
