"""身份变更的链 — under which numbers and names the police have known one person.

A link is a number together with a name: two people whose equal number was given twice, and who both got
another, share the number and nothing else, and no chain joins them.
"""

from collections.abc import Iterable
from itertools import product
from typing import TypeVar

import pandas as pd

from matchers.schemas import Chains, IdentityChanges, Joined

Key = TypeVar("Key", str, tuple[str, str])
CHAIN = ["id_key", "name_key", "chain"]


def chains(changes: IdentityChanges) -> Chains:
    """``CHAIN``: each number and name that stand in a change, and the chain that joins it to others.

    A register may lag behind in one of the two, so a change joins both its numbers with both its names.
    """
    links: list[tuple[tuple[str, str], tuple[str, str]]] = []
    columns = ["id_key", "old_id_key", "name_key", "old_name_key"]
    for number, old_number, name, old_name in changes[columns].itertuples(index=False, name=None):
        nodes = [*product(_given(number, old_number), _given(name, old_name))]
        links += [(nodes[0], other) for other in nodes]
    label = united(links)
    rows = [(number, name, "+".join(first)) for (number, name), first in label.items()]
    return pd.DataFrame(rows, columns=CHAIN, dtype=object)


def components(links: Joined) -> dict[str, str]:
    """Each end of the links a, b → the smallest member of its connected component."""
    return united(links[["a", "b"]].itertuples(index=False, name=None))


def united(links: Iterable[tuple[Key, Key]]) -> dict[Key, Key]:
    """Each end of the links → the smallest member of its connected component."""
    label: dict[Key, Key] = {}

    def root(key: Key) -> Key:
        while label.setdefault(key, key) != key:
            label[key] = label[label[key]]
            key = label[key]
        return key

    for a, b in links:
        first, second = sorted((root(a), root(b)))
        label[second] = first
    return {key: root(key) for key in label}


def _given(*values: object) -> list[str]:
    return [value for value in values if isinstance(value, str) and value]
