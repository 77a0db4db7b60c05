"""关联图 — a million uses of accounts and telephones: the product's components against networkx's.

``python -m benchmarks.components [--edges 1000000]``: a line of JSON; processor time, the least of three.
Two ratios: from the rows as they are read (claims and HMAC keys as text, the bound on how many share a key),
and from numbered nodes, where only building the graph and finding its components count.
"""

import argparse
import json
import time
from collections.abc import Callable

import networkx as nx
import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from matchers.risk.components import MOST, components

RUNS = 3


def ties(edges: int, seed: int = 7) -> pd.DataFrame:
    """claim_id and key: as many keys as there are two claims for, each row drawn by itself."""
    rng = np.random.default_rng(seed)
    claims, keys = (rng.integers(0, int(edges * share), edges) for share in (0.6, 0.4))
    text = [f"C{n:08d}" for n in claims], [f"{n:040x}" for n in keys]
    return pd.DataFrame(dict(zip(("claim_id", "key"), text, strict=True)))


def theirs(rows: pd.DataFrame) -> int:
    """How many components networkx has of the same rows, under the same bound."""
    edges = rows.drop_duplicates()
    edges = edges[edges["key"].map(edges["key"].value_counts()) <= MOST]
    return _of_networkx(edges["claim_id"].tolist(), edges["key"].tolist())


def _of_networkx(left: list[object], right: list[object]) -> int:
    graph = nx.Graph()
    graph.add_edges_from(zip(left, right, strict=True))
    return nx.number_connected_components(graph)


def _of_scipy(left: "np.ndarray", right: "np.ndarray") -> int:
    size = int(right.max()) + 1
    graph = coo_matrix((np.ones(len(left)), (left, right)), shape=(size, size))
    return int(connected_components(graph, directed=False)[0])


def least(work: Callable[[], int]) -> tuple[float, int]:
    """Seconds of processor time of the quickest run, and what came out."""
    spent = []
    for _ in range(RUNS):
        begun = time.process_time()
        out = work()
        spent.append(time.process_time() - begun)
    return round(min(spent), 3), out


def main() -> None:
    """Both ratios; every way must count the same components."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--edges", type=int, default=1_000_000)
    rows = ties(asked.parse_args().edges)
    claim, claims = pd.factorize(rows["claim_id"])
    key = pd.factorize(rows["key"])[0] + len(claims)
    left, right = claim.tolist(), key.tolist()
    ways = {
        "rows": least(lambda: components(rows).nunique()),
        "rows networkx": least(lambda: theirs(rows)),
        "graph": least(lambda: _of_scipy(claim, key)),
        "graph networkx": least(lambda: _of_networkx(left, right)),
    }
    if len({out for _, out in ways.values()}) != 1:
        raise SystemExit(f"{ways}: not the same components")
    seconds = {name: spent for name, (spent, _) in ways.items()}
    ratios = {n: round(seconds[f"{n} networkx"] / seconds[n], 1) for n in ("rows", "graph")}
    print(json.dumps({"edges": len(rows), "seconds": seconds, "times as fast": ratios}))


if __name__ == "__main__":
    main()
