"""风险研判 — every rule over one ground: the signals, what could not be looked at, which leads were cut."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from matchers.risk.ground import Ground
from matchers.risk.rules import rules
from matchers.risk.signals import RELATION_WORDS, Level, Rule, Signal

POLICY_WORDS = {"reason_codes": "口径 reason_codes", "minimum_base": "口径 minimum_base"}
RELATIONS = {
    "claim_event": "events", "operator": "operators", "duty_exception": "exceptions",
    "account_check": "checks", "payee_agent": "agents", "service_hours": "hours",
}  # fmt: skip
FEEDS = {
    "contributions": "contributions", "staff_reductions": "forms", "deaths": "deaths", "hires": "hires",
    "identity_changes": "changes",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """``missing``: rule → what was not provided, so that it saw nothing and cleared nothing; ``cut``:
    (district, rule) → leads beyond the cap, which are counted and not written.
    """

    signals: tuple[Signal, ...]
    missing: Mapping[str, tuple[str, ...]]
    cut: Mapping[tuple[str, str], int]


def judge(ground: Ground, titles: Mapping[str, str], unfounded: frozenset[str] = frozenset()) -> Outcome:
    """Every rule, those that look at other signals last. ``titles``: feed → its Chinese title; ``unfounded``:
    fingerprints that people have answered, which without a new fact are not raised again.
    """
    missing = {code: gone for code, rule in rules().items() if (gone := lacking(ground, rule, titles))}
    raised: list[Signal] = []
    for code, rule in sorted(rules().items(), key=lambda item: item[1].last):
        if code not in missing:
            seen = rule.look(replace(ground, raised=tuple(raised)))
            raised += [s for s in seen if fingerprint(s) not in unfounded]
    kept, cut = _capped(ground, raised)
    return Outcome(tuple(sorted(kept, key=lambda s: (s.rule, s.subject, s.period))), missing, cut)


def fingerprint(signal: Signal) -> str:
    """The same for the same rule, subject and supporting facts, in whatever month they are seen."""
    facts = sorted({_key(f.event_id, f.payment_id, f.claim_id, f.feed, f.file, f.line) for f in signal.facts})
    return _digest(signal.rule, signal.subject_kind, signal.subject, *facts)


def signal_id(signal: Signal) -> str:
    """The number of a signal, stable by rule, subject and period."""
    return "FX" + _digest(signal.rule, signal.subject_kind, signal.subject, signal.period)[:16].upper()


def _key(*parts: object) -> str:
    return json.dumps(parts, default=str)


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def lacking(ground: Ground, rule: Rule, titles: Mapping[str, str]) -> tuple[str, ...]:
    """What a rule needs and was not provided, in Chinese; ``titles``: feed → its title."""
    relations = [RELATION_WORDS[n] for n in rule.needs if getattr(ground, RELATIONS[n]) is None]
    feeds = [titles.get(n, n) for n in rule.feeds if getattr(ground, FEEDS[n]) is None]
    return (*relations, *feeds, *(POLICY_WORDS[n] for n in rule.policy if ground.policy.lacks(n)))


def money(ground: Ground, signals: Sequence[Signal]) -> list[int]:
    """For each signal the benefits in fen of its claims that were paid in the twelve months."""
    paid = ground.payments[ground.within(ground.payments["paid_on"])].groupby("claim_id")["fen"].sum()
    return [int(paid.reindex(s.claims).fillna(0).sum()) for s in signals]


def _capped(ground: Ground, raised: list[Signal]) -> tuple[list[Signal], Mapping[tuple[str, str], int]]:
    """All signals but leads beyond a district's cap, most money first; none of an operator is cut."""
    rows = pd.DataFrame(
        {
            "fen": money(ground, raised),
            "capped": [s.level == Level.LEAD and s.subject_kind != "operator" for s in raised],
            "district": [s.district for s in raised],
            "rule": [s.rule for s in raised],
            "subject": [s.subject for s in raised],
        }
    ).astype({"capped": bool})
    leads = rows[rows["capped"]].sort_values(["fen", "rule", "subject"], ascending=[False, True, True])
    beyond = leads[leads.groupby("district").cumcount() >= ground.value("leads_most")]
    cut = Counter(zip(beyond["district"], beyond["rule"], strict=True))
    return [s for i, s in enumerate(raised) if i not in set(beyond.index)], cut
