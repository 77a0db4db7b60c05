"""经办人自有账户 — an account of an operator's own is paid for somebody else's claim."""

import pandas as pd

from matchers.risk import acts
from matchers.risk.accounts import people, personal
from matchers.risk.ground import Ground
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per operator; important where he acted on one of the claims or two people are concerned."""
    assert ground.operators is not None
    paid = personal(ground, ground.payments[ground.within(ground.payments["paid_on"])])
    paid = paid.astype({"account": object, "person": object})
    served = people(paid)
    paid = paid[paid["account"].map(served) <= ground.value("account_people_most")]
    rows = paid.merge(_accounts(ground), on="account", suffixes=("", "_operator"))
    rows = rows[rows["person"] != rows["person_operator"]]
    signal = acts.signals(ground, RULE.code)
    raised = []
    for who, own in rows.groupby("who"):
        n = own["person"].nunique()
        level = Level.IMPORTANT if n > 1 or _acted(ground, str(who), own) else Level.LEAD
        facts = tuple(
            Fact("own_account", c, payment_id=p)
            for c, p in zip(own["claim_id"], own["payment_id"], strict=True)
        )
        raised.append(signal(who, level, {"n": n}, facts))
    return raised


def _accounts(ground: Ground) -> pd.DataFrame:
    """who, person, account: what operators have registered, and where benefits of their own went."""
    assert ground.operators is not None
    staff = ground.operators[["who", "person", "account"]]
    paid = ground.payments[["person", "account"]].astype(object)
    own = ground.operators[["who", "person"]].merge(paid, on="person")
    return pd.concat([staff, own]).dropna().drop_duplicates(["who", "account"])


def _acted(ground: Ground, who: str, payments: pd.DataFrame) -> bool:
    if ground.events is None:
        return False
    own = ground.events[ground.events["who"] == who]
    return bool(own["claim_id"].isin(payments["claim_id"]).any())


RULE = Rule(
    code="OWN_TIES",
    title="经办人自有账户",
    basis="渝人社发〔2019〕169号 四（一）",
    look=look,
    needs=("operator", "payee_agent"),
    words={"own_account": "他人的待遇发到经办人员自己的账户"},
    counter="本人合法申领、登记的代领、夫妻联名账户；先问账户由来",
)
