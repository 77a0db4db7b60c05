"""人员之间的比较 — operators of whose acts far more are marked than of their office's, as leads."""

from matchers.risk import acts, shares
from matchers.risk.ground import Ground
from matchers.risk.signals import Fact, Level, Signal
from matchers.schemas import OfficeActs, OfficeShares, OperatorActs


def outstanding(ground: Ground, done: OfficeActs, mark: str, least: str) -> OfficeShares:
    """Operators with at least ``least`` (a value of the policy) marked acts, far above what is ordinary.

    ``done``: acts with who, office and the boolean column ``mark``. By who comes out: k, n, office,
    ordinary, q.
    """
    counts = done.groupby("who").agg(k=(mark, "sum"), n=(mark, "size"))
    judged = shares.above_office(counts.assign(office=acts.main_offices(done)))
    return judged[(judged["k"] >= ground.value(least)) & (judged["q"] <= ground.ratio("alpha"))]


def leads(ground: Ground, code: str, above: OfficeShares, marked: OperatorActs, reason: str) -> list[Signal]:
    """One lead for each operator of ``outstanding``, with the marked acts as facts in the order they have."""
    signal = acts.signals(ground, code)
    raised = []
    for who, row in above.iterrows():
        own = marked[marked["who"] == who]
        facts = tuple(
            Fact(reason, c if isinstance(c, str) else None, event_id=e)
            for c, e in zip(own["claim_id"], own["event_id"], strict=True)
        )
        figures = {"n": int(row["k"]), "of": int(row["n"]), "q": float(f"{row['q']:.2g}")}
        ordinary = f"同办公室其他人员及全市的较大者 {row['ordinary']:.1%}"
        raised.append(signal(who, Level.LEAD, figures, facts, expected=ordinary))
    return raised
