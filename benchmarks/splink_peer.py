"""Splink 5 on DuckDB, given our Chinese features as SQL: the peer of ``benchmarks/linkage.py``.

Run by that script in its own process, with any Python that has splink, pypinyin and pyarrow:
``python splink_peer.py residue FOLDER`` reads recipients.parquet and residue.parquet and writes pairs.parquet
and splink.json; ``python splink_peer.py febrl4 FOLDER`` reads a.parquet and b.parquet. EM sees at most two
million pairs, u a million.
"""

import json
import resource
import sys
import time
from functools import cache
from pathlib import Path

import pandas as pd
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

EM_PAIRS, U_PAIRS = 2e6, 1e6


@cache
def _reading(character: str) -> str:
    from pypinyin import lazy_pinyin

    return lazy_pinyin(character)[0]


def _prepared(frame: pd.DataFrame, number: str) -> pd.DataFrame:
    """Columns for the SQL: name, surname, its sound, number segments from both ends, birth date as text."""
    key = frame["name_key"].fillna("")
    text = frame[number]
    full = text.where(text.str.fullmatch(r"[0-9X*]{16,19}").fillna(False))
    return pd.DataFrame(
        {
            "unique_id": frame.index.astype(str),
            "name": key.where(key != ""),
            "surname": key.str[:1],
            "sound": [" ".join(_reading(c) for c in name) or None for name in key],
            "id": text,
            "head": full.str[:14].where(~full.str[:14].str.contains(r"\*", na=True)),
            "tail": full.str[-12:].where(~full.str[-12:].str.contains(r"\*", na=True)),
            "ends": full.str[:6] + full.str[-4:],
            "birth": frame["birth_date"].dt.strftime("%Y-%m-%d"),
            "year": frame["birth_date"].dt.strftime("%Y"),
            "sex": frame["sex"],
            "phone": frame["phone"],
            "district": frame["district"],
            "employer": frame["employer_name"],
        }
    )


def _rare(level: object, chance: float) -> object:
    """A level too rare for random sampling, with the chance of coincidence that we give our own model."""
    return level.configure(u_probability=chance, fix_u_probability=True)


def _custom(name: str, *levels: object) -> cl.CustomComparison:
    return cl.CustomComparison(
        comparison_levels=[cll.NullLevel(name), *levels, cll.ElseLevel()], output_column_name=name
    )


def _comparisons() -> list[object]:
    level = cll.CustomLevel
    return [
        _custom(
            "name",
            cll.ExactMatchLevel("name", term_frequency_adjustments=True),
            level('"sound_l" = "sound_r"', "same sound"),
            level(
                'length("name_l") = length("name_r") and length("name_l") = 3 and '
                "(list_unique(list_distinct(string_split(\"name_l\", ''))) = 3) and "
                '"surname_l" = "surname_r" and substr("name_l", 2, 1) = substr("name_r", 3, 1)',
                "swapped",
            ),
            level(
                'length("name_l") = length("name_r") and length("name_l") > 2 and '
                '((substr("name_l", 1, 2) = substr("name_r", 1, 2)) or '
                '("surname_l" = "surname_r" and substr("name_l", 3, 1) = substr("name_r", 3, 1)) or '
                'substr("name_l", 2, 2) = substr("name_r", 2, 2))',
                "one character differs",
            ),
            level('"surname_l" = "surname_r"', "surname"),
        ),
        _custom(
            "id",
            _rare(level('damerau_levenshtein("id_l", "id_r") <= 1', "one edit"), 3e-8),
            _rare(
                level('"id_r" like \'%000\' and substr("id_l", 1, 15) = substr("id_r", 1, 15)', "float"), 4e-7
            ),
            _rare(
                level('"id_r" like \'%*%\' and ("ends_l" = "ends_r" or "head_l" = "head_r")', "mask"),
                3e-7,
            ),
            level("substr(\"id_l\", 1, 6) = substr(replace(\"id_r\", '.', ''), 1, 6)", "region"),
        ),
        _custom(
            "birth",
            cll.ExactMatchLevel("birth"),
            level('damerau_levenshtein("birth_l", "birth_r") <= 1', "one edit"),
            level('substr("birth_l", 1, 4) = substr("birth_r", 1, 4)', "year"),
        ),
        _custom("phone", _rare(cll.ExactMatchLevel("phone"), 1e-7)),
        _custom("sex", cll.ExactMatchLevel("sex")),
        _custom("district", cll.ExactMatchLevel("district", term_frequency_adjustments=True)),
        _custom("employer", cll.ExactMatchLevel("employer", term_frequency_adjustments=True)),
    ]


def residue(folder: Path) -> dict[str, float]:
    """Reads, prepares, trains, predicts; every phase timed."""
    clock = {"start": time.perf_counter()}
    left = _prepared(pd.read_parquet(folder / "recipients.parquet"), "id_key")
    right = _prepared(pd.read_parquet(folder / "residue.parquet"), "id_number")
    clock["prepared"] = time.perf_counter()
    rules = [
        block_on("birth", "surname"), block_on("phone"), block_on("head"), block_on("tail"), block_on("ends"),
        block_on("sound", "year"), block_on("sound", "district"),
        block_on("birth", "substr(name, 2, 1)"),
    ]  # fmt: skip
    share = json.loads((folder / "task.json").read_text())["share"]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=_comparisons(),
        blocking_rules_to_generate_predictions=rules,
        probability_two_random_records_match=share / len(left),
        max_iterations=15,
        retain_matching_columns=False,
    )
    database = DuckDBAPI()
    linker = Linker(
        [database.register(left, table_name="l"), database.register(right, table_name="r")], settings
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=1)
    for rule in (block_on("tail"), block_on("sound", "district")):
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, fix_probability_two_random_records_match=True, max_pairs=EM_PAIRS
        )
    clock["trained"] = time.perf_counter()
    pairs = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    clock["predicted"] = time.perf_counter()
    pairs[["unique_id_l", "unique_id_r", "match_probability"]].to_parquet(folder / "pairs.parquet")
    return {
        "prepare": clock["prepared"] - clock["start"],
        "train": clock["trained"] - clock["prepared"],
        "predict": clock["predicted"] - clock["trained"],
        "total": clock["predicted"] - clock["start"],
    }


def febrl4(folder: Path) -> dict[str, float]:
    """The model of Splink's own febrl4 example."""
    start = time.perf_counter()
    a, b = (pd.read_parquet(folder / f"{side}.parquet") for side in "ab")
    rules = [
        block_on("given_name", "surname"), block_on("date_of_birth"), block_on("soc_sec_id"),
        block_on("state", "address_1"), block_on("street_number", "address_1"), block_on("postcode"),
    ]  # fmt: skip
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="rec_id",
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=rules,
    )
    database = DuckDBAPI()
    linker = Linker([database.register(a, table_name="a"), database.register(b, table_name="b")], settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=1)
    for rule in (block_on("date_of_birth"), block_on("postcode")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=EM_PAIRS)
    pairs = linker.inference.predict(threshold_match_probability=0.001).as_pandas_dataframe()
    pairs[["rec_id_l", "rec_id_r", "match_probability"]].to_parquet(folder / "pairs.parquet")
    return {"total": time.perf_counter() - start}


if __name__ == "__main__":
    task, where = sys.argv[1], Path(sys.argv[2])
    measured = {"residue": residue, "febrl4": febrl4}[task](where)
    measured["cpu"] = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    status = Path("/proc/self/status").read_text().splitlines()
    measured["peak_mb"] = next(int(s.split()[1]) for s in status if s.startswith("VmHWM:")) / 1024
    (where / "splink.json").write_text(json.dumps(measured))
