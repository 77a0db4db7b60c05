"""风险研判 — every rule over one ground: the signals, what could not be looked at, which leads were cut."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pandas as pd

from matchers.risk.ground import Ground
from matchers.risk.rules import rules
from matchers.risk.signals import RELATION_WORDS, SUPPORTS, Level, Rule, Signal

POLICY_WORDS = {"reason_codes": "口径 reason_codes", "minimum_base": "口径 minimum_base"}
RELATIONS = {
    "claim_event": "events", "operator": "operators", "duty_exception": "exceptions",
    "account_check": "checks", "payee_agent": "agents", "service_hours": "hours",
}  # fmt: skip
FEEDS = {
    "contributions": "contributions", "staff_reductions": "forms", "deaths": "deaths", "hires": "hires",
    "identity_changes": "changes", "business_roles": "contacts",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """``missing``: rule → what was not provided, so that it saw nothing and cleared nothing; ``cut``:
    (district, rule) → leads beyond the cap, which are counted and not written, their numbers in
    ``beyond`` and the claims under them in ``cut_claims``; ``partly``: rule → what was not
    provided for a part of it.
    """

    signals: tuple[Signal, ...]
    missing: Mapping[str, tuple[str, ...]]
    cut: Mapping[tuple[str, str], int]
    beyond: frozenset[str] = frozenset()
    cut_claims: frozenset[str] = frozenset()
    partly: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def judge(ground: Ground, titles: Mapping[str, str], unfounded: frozenset[str] = frozenset()) -> Outcome:
    """Every rule, those that look at other signals last. ``titles``: feed → its Chinese title; ``unfounded``:
    fingerprints that people have answered, which without a new fact are not raised again.
    """
    missing = {code: gone for code, rule in rules().items() if (gone := lacking(ground, rule, titles))}
    raised: list[Signal] = []
    for code, rule in sorted(rules().items(), key=lambda item: item[1].last):
        if code not in missing:
            seen = rule.look(replace(ground, raised=tuple(raised)))
            raised += [s for s in seen if not answered(s, unfounded)]
    kept, beyond = _capped(ground, raised)
    return Outcome(
        tuple(sorted(kept, key=lambda s: (s.rule, s.subject, s.period))),
        missing,
        Counter((s.district, s.rule) for s in beyond),
        frozenset(map(signal_id, beyond)),
        frozenset(claim for s in beyond for claim in s.claims),
        {c: gone for c in rules() if c not in missing and (gone := _silent(ground, rules()[c], titles))},
    )


def answered(signal: Signal, unfounded: Set[str]) -> bool:
    """Whether people have judged all that speaks for it: the signal as it is, or each of its facts."""
    return fingerprint(signal) in unfounded or fact_fingerprints(signal) <= unfounded


def fingerprint(signal: Signal) -> str:
    """The same for the same rule, subject and supporting facts, in whatever month they are seen."""
    about = signal.rule, signal.subject_kind, signal.subject
    return fingerprint_of(*about, *(_key(asdict(f)) for f in signal.facts))


def fact_fingerprints(signal: Signal) -> set[str]:
    """One for each supporting fact."""
    about = signal.rule, signal.subject_kind, signal.subject
    return {fact_fingerprint(*about, asdict(f)) for f in signal.facts if f.weight == SUPPORTS}


def fact_fingerprint(rule: str, kind: str, subject: str, fact: Mapping[str, Any]) -> str:
    """The fingerprint of one fact (its columns as in ``Fact``) of a rule and subject."""
    return "F" + fingerprint_of(rule, kind, subject, _key(fact))


def fingerprint_of(rule: str, kind: str, subject: str, *facts: str) -> str:
    """A digest of rule, subject and the keys of facts, in whatever order these come."""
    return _digest(rule, kind, subject, *sorted(set(facts)))


def signal_id(signal: Signal) -> str:
    """The number of a signal, stable by rule, subject and period."""
    return "FX" + _digest(signal.rule, signal.subject_kind, signal.subject, signal.period)[:16].upper()


def _key(fact: Mapping[str, Any]) -> str:
    names = ("event_id", "payment_id", "claim_id", "feed", "file", "line")
    return json.dumps([fact[name] for name in names], default=str)


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def lacking(ground: Ground, rule: Rule, titles: Mapping[str, str]) -> tuple[str, ...]:
    """What a rule needs and was not provided, in Chinese; ``titles``: feed → its title."""
    return _not_given(ground, (*rule.needs, *rule.feeds, *rule.policy), titles)


def _silent(ground: Ground, rule: Rule, titles: Mapping[str, str]) -> tuple[str, ...]:
    """What was not provided for a part of a rule, which says nothing without it."""
    return _not_given(ground, rule.strands, titles)


def _not_given(ground: Ground, names: Sequence[str], titles: Mapping[str, str]) -> tuple[str, ...]:
    words = {**RELATION_WORDS, **{n: titles.get(n, n) for n in FEEDS}, **POLICY_WORDS}
    frames = RELATIONS | FEEDS
    return tuple(
        words[n]
        for n in names
        if (ground.policy.lacks(n) if n in POLICY_WORDS else getattr(ground, frames[n]) is None)
    )


def money(ground: Ground, signals: Sequence[Signal]) -> list[int]:
    """For each signal the benefits in fen of its claims that were paid in the twelve months."""
    paid = ground.payments[ground.within(ground.payments["paid_on"])].groupby("claim_id")["fen"].sum()
    return [int(paid.reindex(s.claims).fillna(0).sum()) for s in signals]


def _capped(ground: Ground, raised: list[Signal]) -> tuple[list[Signal], list[Signal]]:
    """All but the leads beyond a district's cap, and those: most money stays, none of an operator is cut."""
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
    cut = set(beyond.index)
    return [s for i, s in enumerate(raised) if i not in cut], [raised[i] for i in sorted(cut)]
