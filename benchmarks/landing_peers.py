"""What landing is compared with; each is run in a process of its own: ``… <name> <file> <folder>``.

Prints one JSON object: ``rows`` that came out, ``rejected`` rows that are on record.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

RECIPIENTS = 200_000
SQL_ID = (
    "upper(translate(replace(trim(\"公民身份号码\"), ' ', ''), '０１２３４５６７８９Ｘｘ', '0123456789XX'))"
)
SQL_DATE = (
    "try_strptime(replace(replace(replace(replace(replace({0}, '年', '-'), '月', '-'), '日', ''), '/', '-'),"
    " ' 00:00:00', ''), ['%Y-%m-%d', '%Y%m%d'])::date"
)
SQL_MONTH = (
    "CASE WHEN regexp_full_match({0}, '[12][0-9]{{3}}(0[1-9]|1[0-2])')"
    " THEN cast(substr({0}, 1, 4) AS integer) * 12 + cast(substr({0}, 5, 2) AS integer) - 1"
    " ELSE year(try_strptime(replace(replace({0}, '年', '-'), '月', ''), ['%Y-%m', '%Y%m'])) * 12"
    " + month(try_strptime(replace(replace({0}, '年', '-'), '月', ''), ['%Y-%m', '%Y%m'])) - 1 END"
)


def land(file: Path, folder: Path, processes: int = 2) -> dict[str, int]:
    """Our landing."""
    from expectations.feed import feed
    from pipelines import readers
    from pipelines.engine.pool import Pool

    done = readers.land(file, feed("contributions"), folder, part="p", workers=lambda size: Pool(processes))
    return {"rows": done.rows_landed, "rejected": done.rows_rejected}


def night(file: Path, folder: Path) -> dict[str, int]:
    """Landing, measures, exact match and residue, by the statements that a night runs."""
    from pipelines.base.settings import Settings
    from pipelines.engine.seam import match_engine
    from sql import match

    landed = folder / "delivered_on=2025-08-10"
    done = land(file, landed)
    measures = match("measures").format(persons=match("persons_sampled"), covered="covered_month")
    settings = Settings(store=folder / "store")
    settings.store.mkdir()
    extract = sorted((landed / "extract").glob("*.parquet"))
    with match_engine(settings) as engine:
        engine.register("extract", extract)
        engine.rows(measures)
        engine.register("recipients_by_key", [file.with_suffix(".keys")])
        linked = engine.write(match("linked"), folder / "linked.parquet")
        residue = engine.write(match("residue"), folder / "residue.parquet")
    return done | {"linked": linked, "residue": residue}


def recipients(text: Path) -> None:
    """Leave the keys of as many recipients as a large city has beside an extract in UTF-8."""
    everybody = f"read_csv('{text}', header = true, all_varchar = true, delim = ',', ignore_errors = true)"
    duckdb.sql(
        f"""COPY (
            SELECT id_key, 'P' || substr(id_key, 7) AS person_id, true AS own
            FROM (SELECT DISTINCT "公民身份号码" AS id_key FROM {everybody})
            WHERE length(id_key) = 18
            LIMIT {RECIPIENTS}
        ) TO '{text.with_suffix(".keys")}' (FORMAT parquet)"""
    )


def iconv(file: Path, folder: Path) -> dict[str, int]:
    """The C library's converter and nothing else; ``-c`` deletes what it cannot read."""
    utf8(file, Path("/dev/null"))
    return {}


def duckdb_parse(file: Path, folder: Path) -> dict[str, int]:
    """DuckDB reading the extract that somebody else made UTF-8, all as text, to Parquet."""
    return _duckdb(file.with_suffix(".utf8"), folder, "*")


def duckdb_sql(file: Path, folder: Path) -> dict[str, int]:
    """DuckDB after iconv, the same columns normalised in SQL."""
    utf8(file, folder / "utf8.csv")
    number = ", ".join(
        [
            f"{SQL_ID} AS id_number",
            f"CASE WHEN length({SQL_ID}) = 18 AND substr('10X98765432', 1 + cast("
            + " + ".join(
                f"coalesce(try_cast(substr({SQL_ID}, {place}, 1) AS integer), 0) * {weight}"
                for place, weight in enumerate((7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), 1)
            )
            + f" AS integer) % 11, 1) = substr({SQL_ID}, 18, 1) THEN {SQL_ID} END AS id_key",
        ]
    )
    columns = [
        number, 'trim("姓名") AS name', "replace(trim(\"姓名\"), ' ', '') AS name_key",
        SQL_DATE.format('"出生日期"') + " AS birth_date",
        'trim("单位编号") AS employer_id', 'trim("单位名称") AS employer_name',
        'trim("统一社会信用代码") AS employer_uscc', 'trim("险种类型") AS insurance',
        SQL_MONTH.format('"费款所属期"') + " AS settled_month",
        SQL_MONTH.format('"对应费款所属期"') + " AS covered_month",
        'trim("缴费类型") AS payment_kind',
        'cast(try_cast("缴费基数" AS decimal(14, 2)) * 100 AS bigint) AS base',
        'trim("缴费标志") AS paid_flag', SQL_DATE.format('"到账日期"') + " AS received_on",
    ]  # fmt: skip
    return _duckdb(folder / "utf8.csv", folder, ", ".join(columns))


def _duckdb(file: Path, folder: Path, columns: str) -> dict[str, int]:
    database = duckdb.connect(config={"threads": 2, "temp_directory": str(folder)})
    database.execute(
        f"COPY (SELECT {columns} FROM read_csv('{file}', header = true, all_varchar = true, delim = ',', "
        f"quote = '\"', store_rejects = true)) TO '{folder}/out.parquet'"
    )
    [rows] = database.execute(f"SELECT count(*) FROM '{folder}/out.parquet'").fetchone() or (0,)
    [rejected] = database.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchone() or (0,)
    return {"rows": rows, "rejected": rejected}


def pandas(file: Path, folder: Path) -> dict[str, int]:
    """pandas, decoding and splitting only, in chunks; lines that are too short are padded in silence."""
    import pandas as pd

    rows = 0
    chunks = pd.read_csv(
        file, encoding="gb18030", encoding_errors="replace", dtype=str, chunksize=500_000, on_bad_lines="skip"
    )
    for number, chunk in enumerate(chunks):
        chunk.to_parquet(folder / f"{number}.parquet")
        rows += len(chunk)
    return {"rows": rows, "rejected": 0}


def utf8(file: Path, made: Path) -> None:
    """The file in UTF-8 by iconv, what it cannot read left out."""
    with made.open("wb") as out:
        subprocess.run(["iconv", "-c", "-f", "GB18030", "-t", "UTF-8", str(file)], stdout=out, check=False)


def without_stop(file: Path, folder: Path) -> dict[str, int]:
    """Our landing in one process, made to go on however bad the file is."""
    from pipelines.readers import parts

    parts.GARBAGE_SHARE = 1.0
    return land(file, folder, processes=1)


PEERS: dict[str, Callable[[Path, Path], dict[str, int]]] = {
    peer.__name__: peer for peer in (land, night, iconv, duckdb_parse, duckdb_sql, pandas, without_stop)
}

if __name__ == "__main__":
    name, file, folder = sys.argv[1:]
    shutil.rmtree(folder, ignore_errors=True)
    Path(folder).mkdir(parents=True)
    print(json.dumps(PEERS[name](Path(file), Path(folder))))
