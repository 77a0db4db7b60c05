"""无正当理由拒绝提供的培训 — always for a person to judge."""

from matchers.docket import Docket
from matchers.facts.refusals import WORDS, refusals
from matchers.findings import Cause, Findings


def rule(docket: Docket) -> Findings:
    """Refusals among ``training_referrals``."""
    return refusals(docket, "training_referrals")


CAUSE = Cause(
    code="REFUSED_TRAINING",
    title="无正当理由拒绝提供的培训",
    feeds=("training_referrals",),
    rule=rule,
    words=WORDS,
)
