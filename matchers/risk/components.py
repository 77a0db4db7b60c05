"""关联图 — which claims hang together by accounts and telephones; shown to people, and never a signal.

A key that more than ``most`` people have (a bank's own account, a helper's telephone) ties nobody together:
without that bound one city's graph was one component of two thousand people.
"""

import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from matchers.schemas import Ties

MOST = 30


def components(ties: Ties, most: int = MOST) -> "pd.Series[int]":
    """The number of each claim's component, by claim_id. ``ties``: claim_id and key, one row for each use."""
    edges = ties.dropna().drop_duplicates()
    degree = edges["key"].map(edges["key"].value_counts())
    edges = edges[degree <= most]
    claim, claims = pd.factorize(edges["claim_id"])
    key, keys = pd.factorize(edges["key"])
    size = len(claims) + len(keys)
    graph = coo_matrix(([1] * len(edges), (claim, key + len(claims))), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    return pd.Series(labels[: len(claims)], index=claims, name="component")
