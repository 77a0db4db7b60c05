"""多人同一收款账户 — one account is paid for several people who are not a household."""

from matchers.risk.accounts import paid_facts, people, personal
from matchers.risk.ground import Ground
from matchers.risk.signals import Level, Rule, Signal

ORDINARY = "一人一户，夫妻两人"


def look(ground: Ground) -> list[Signal]:
    """Accounts with 3 to 30 people; important where at least two holders were checked to be somebody else."""
    assert ground.checks is not None
    paid = personal(ground, ground.payments[ground.within(ground.payments["paid_on"])])
    least, most = ground.value("account_people_least"), ground.value("account_people_most")
    several = paid["account"].map(people(paid)).between(least, most)
    raised = []
    for account, own in paid[several].groupby("account"):
        n = own["person"].nunique()
        holders = ground.checks[ground.checks["account"] == account]
        holders = holders[holders["claim_id"].isna() | holders["claim_id"].isin(own["claim_id"])]
        others = int((holders["holder"] == "other").sum())
        level = Level.IMPORTANT if others >= ground.value("account_others") else Level.LEAD
        figures = {"n": n, "others": others, "payments": len(own)}
        facts, where = paid_facts("paid_here", own), ground.district_of(set(own["claim_id"]))
        about = RULE.code, "account", str(account), where, ground.year
        raised.append(Signal(*about, level, figures, facts, ORDINARY))
    return raised


RULE = Rule(
    code="ACCOUNT_SHARED",
    title="多人同一收款账户",
    basis="渝人社发〔2019〕169号 四（一）",
    look=look,
    needs=("account_check", "payee_agent"),
    words={"paid_here": "待遇发到该账户"},
    counter="代领未登记、福利机构或监护人代收、亲属共用；领取人可能并不知情，先问本人",
)
