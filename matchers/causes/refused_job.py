"""无正当理由拒绝介绍的工作 — always for a person to judge."""

from matchers.docket import Docket
from matchers.facts.refusals import WORDS, refusals
from matchers.findings import Cause, Findings


def rule(docket: Docket) -> Findings:
    """Refusals among ``job_referrals``."""
    return refusals(docket, "job_referrals")


CAUSE = Cause(
    code="REFUSED_JOB", title="无正当理由拒绝介绍的工作", feeds=("job_referrals",), rule=rule, words=WORDS
)
