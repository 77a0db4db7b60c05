"""条文 — the articles that a report rests on: each once, with its words, its source and its date.

Beside what a cause is stopped by stand the articles on how it is established and how money is paid back.
"""

from collections.abc import Iterable

from matchers.law import Article, policy

NOTIFYING, VERIFYING, REPAYING, TWO_MONTHS = "J25", "J26", "J46", "N169"
EVERYWHERE = (NOTIFYING, VERIFYING)


def articles(policy_name: str, causes: Iterable[str], *further: str) -> tuple[Article, ...]:
    """The articles of the causes that the policy has, of ``EVERYWHERE`` and ``further``, each once.

    ``further``: keys under ``[laws]``; one that a policy does not have is the nation's.
    """
    rules = policy(policy_name)
    laws = {**policy("national").laws, **rules.laws}
    of_causes = [a for cause in sorted(set(causes) & rules.causes.keys()) for a in rules.articles(cause)]
    return tuple(dict.fromkeys([*of_causes, *(laws[key] for key in (*EVERYWHERE, *further))]))
