"""经办人自有账户 — an account of an operator's own is paid for somebody else's claim."""

from matchers.risk import acts
from matchers.risk.accounts import of_operators, paid_facts, people, personal
from matchers.risk.ground import Ground
from matchers.risk.signals import Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per operator; important where he acted on one of the claims or two people are concerned."""
    paid = personal(ground, ground.payments[ground.within(ground.payments["paid_on"])])
    paid = paid.astype({"account": object, "person": object})
    served = people(paid)
    paid = paid[paid["account"].map(served) <= ground.value("account_people_most")]
    rows = paid.merge(of_operators(ground), on="account", suffixes=("", "_operator"))
    rows = rows[rows["person"] != rows["person_operator"]]
    signal = acts.signals(ground, RULE.code)
    raised = []
    for who, own in rows.groupby("who"):
        n = own["person"].nunique()
        level = Level.IMPORTANT if n > 1 or acts.acted(ground, str(who), own) else Level.LEAD
        raised.append(signal(who, level, {"n": n}, paid_facts("own_account", own)))
    return raised


RULE = Rule(
    code="OWN_TIES",
    title="经办人自有账户",
    basis="渝人社发〔2019〕169号 四（一）",
    look=look,
    needs=("operator", "payee_agent"),
    words={"own_account": "他人的待遇发到经办人员自己的账户"},
    counter="本人合法申领、登记的代领、夫妻联名账户；先问账户由来",
)
