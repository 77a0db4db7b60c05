"""关联图 — which claims hang together by accounts and telephones; shown to people, and never a signal.

A key that more than ``most`` people have (a bank's own account, a helper's telephone) ties nobody together:
without that bound one city's graph was one component of two thousand people.
"""

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from matchers.risk.accounts import personal
from matchers.risk.ground import Ground
from matchers.schemas import Ties

MOST = 30


def components(ties: Ties, most: int = MOST) -> "pd.Series[int]":
    """The number of each claim's component, by claim_id. ``ties``: claim_id and key, one row for each use."""
    edges = ties.dropna()
    claim, claims = pd.factorize(edges["claim_id"])
    key, keys = pd.factorize(edges["key"])
    claim, key = np.divmod(np.unique(claim * len(keys) + key), max(len(keys), 1))
    narrow = np.bincount(key, minlength=len(keys))[key] <= most
    claim, key = claim[narrow], key[narrow]
    size = len(claims) + len(keys)
    graph = coo_matrix((np.ones(len(key)), (claim, len(claims) + key)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    tied = np.unique(claim)
    return pd.Series(labels[tied], index=claims[tied], name="component")


def ties_of(ground: Ground) -> Ties:
    """What claims paid in the twelve months share: claim_id and key, an account of people or a telephone."""
    paid = ground.payments[ground.within(ground.payments["paid_on"])]
    accounts = personal(ground, paid)[["claim_id", "account"]].set_axis(["claim_id", "key"], axis=1)
    own = ground.claims[ground.claims["claim_id"].isin(paid["claim_id"])]
    phones = own[["claim_id", "phone"]].set_axis(["claim_id", "key"], axis=1)
    return pd.concat([accounts, phones]).dropna().drop_duplicates()
