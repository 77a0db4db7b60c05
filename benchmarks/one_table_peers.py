"""Splink and goldenmatch on one table, each by its own means: the peers of ``benchmarks/one_table.py``.

Run by that script in a process of its own, with any Python that has the tool and pyarrow: ``python
one_table_peers.py splink|goldenmatch FOLDER`` reads ``table.parquet`` and ``table.json`` (words, codes, keys)
and writes ``clusters.parquet``, a column of cluster numbers for each threshold, and ``measured.json``.
Splink blocks on our keys; comparisons, training and clusters are those of its manual. Goldenmatch is given
the columns alone and configures itself.
"""

import importlib
import json
import resource
import sys
from pathlib import Path
from typing import Any

import pandas as pd

U_PAIRS, EM_PAIRS = 1e6, 2e6
THRESHOLDS = (0.5, 0.9, 0.99)


def splink(frame: pd.DataFrame, stated: dict[str, Any]) -> pd.DataFrame:
    """The cluster of every row at each of ``THRESHOLDS``."""
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    comparisons = [
        cl.NameComparison(c) if n < 2 else cl.JaroWinklerAtThresholds(c, [0.9, 0.7])
        for n, c in enumerate(stated["words"])
    ] + [cl.DamerauLevenshteinAtThresholds(c, [1, 2]) for c in stated["codes"]]
    rules = [block_on(*([key] if isinstance(key, str) else key)) for key in stated["keys"]]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[c.configure(term_frequency_adjustments=True) for c in comparisons],
        blocking_rules_to_generate_predictions=rules,
    )
    database = DuckDBAPI()
    linker = Linker(database.register(frame.assign(unique_id=range(len(frame))), table_name="one"), settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*stated["words"][:2], stated["codes"][0])], recall=0.6
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=1)
    for rule in (block_on(stated["codes"][0]), block_on(*stated["words"][:2])):
        linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=EM_PAIRS)
    pairs = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    clusters = {}
    for threshold in THRESHOLDS:
        made = linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=threshold
        ).as_pandas_dataframe()
        clusters[str(threshold)] = made.sort_values("unique_id")["cluster_id"].to_numpy()
    return pd.DataFrame(clusters)


def goldenmatch(frame: pd.DataFrame, stated: dict[str, Any]) -> pd.DataFrame:
    """The cluster of every row, as the tool decides with no configuration at all."""
    import pyarrow as pa

    tool = importlib.import_module("goldenmatch")  # of the Python that the caller names, not of this project
    table = pa.Table.from_pandas(frame[stated["words"] + stated["codes"]], preserve_index=False)
    result = tool.dedupe_df(table)
    cluster = pd.Series(range(len(frame))).add(len(frame))
    for number, one in result.clusters.items():
        cluster[one["members"]] = number
    return pd.DataFrame({"own": cluster})


if __name__ == "__main__":
    tool, where = sys.argv[1], Path(sys.argv[2])
    stated = json.loads((where / "table.json").read_text())
    run = {"splink": splink, "goldenmatch": goldenmatch}[tool]
    run(pd.read_parquet(where / "table.parquet"), stated).to_parquet(where / "clusters.parquet")
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) // 1024
    cpu = round(used.ru_utime + used.ru_stime, 1)
    (where / "measured.json").write_text(json.dumps({"cpu": cpu, "peak_mb": peak}))
