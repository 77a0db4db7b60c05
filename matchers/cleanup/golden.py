"""合并后的记录 — for each merge the value of every column, the member it comes from and the reason.

Number and name come from one member, so that no number stands beside a name that nobody had. Nothing is made
up: a column without a sound value stays empty.
"""

import json

import numpy as np
import pandas as pd

from matchers.cleanup.contact import ACCOUNT, PHONE
from matchers.people.identity import born_and_sex
from matchers.schemas import GoldenRecords, IdentityChanges, PersonClusters, RegisteredPersons

GOLDEN = ["cluster_id", "column", "value", "person_no", "reason"]
NUMBER = ("公安机关变更后的号码", "健全的 18 位号码", "由 15 位换算", "号码不可用，保留原样")
NEWEST = "最近一次登记"
OF_NUMBER = "取自号码"
SOUND = {"phone": PHONE, "bank_account": ACCOUNT, "card_no": ".+"}


def golden(clusters: PersonClusters, persons: RegisteredPersons, changes: IdentityChanges) -> GoldenRecords:
    """``GOLDEN``: the columns of the record that each merge leaves, one row each.

    ``clusters``: cluster_id, members. ``persons``: person_no, id_number, id_key, id_class, name, phone,
    bank_account, card_no, day. ``changes``: id_key, what the police have made of a number.
    """
    merged = clusters[["cluster_id", "members"]].assign(person_no=clusters["members"].str.split("+"))
    members = merged.explode("person_no").merge(persons, on="person_no").sort_values(
        ["cluster_id", "day", "person_no"], ascending=[True, False, True]
    )  # fmt: skip
    rank = np.select(
        [members["id_key"].isin(changes["id_key"].dropna()), members["id_class"] == "valid18",
         members["id_class"] == "valid15"], [0, 1, 2], 3)  # fmt: skip
    givers = members.assign(rank=rank).sort_values(["cluster_id", "rank"], kind="stable")
    givers = givers.drop_duplicates("cluster_id")
    reason = givers["rank"].map(dict(enumerate(NUMBER)))
    born = born_and_sex(givers["id_key"])
    columns = [
        _column(givers, "id_number", givers["id_key"].fillna(givers["id_number"]), reason),
        _column(givers, "name", givers["name"], "与号码同一登记"),
        _column(givers, "birth_date", born["birth_date"].dt.strftime("%Y-%m-%d"), OF_NUMBER),
        _column(givers, "sex", born["sex"], OF_NUMBER),
    ]
    for column, form in SOUND.items():
        sound = members[members[column].fillna("").astype(str).str.fullmatch(form)]
        newest = sound.drop_duplicates("cluster_id")
        columns.append(_column(newest, column, newest[column], NEWEST))
    return pd.concat(columns, ignore_index=True).sort_values(["cluster_id", "column"], ignore_index=True)


def evidence(clusters: PersonClusters, columns: GoldenRecords, overlap: "pd.Series[str]") -> "pd.Series[str]":
    """For each cluster JSON: ``record`` (column → value, member, reason), ``overlap`` the months that more
    than one member paid, which are listed and never chosen from.
    """
    records: dict[str, dict[str, list[str]]] = {}
    for cluster, column, *rest in columns[GOLDEN].itertuples(index=False, name=None):
        records.setdefault(cluster, {})[column] = rest
    return clusters["cluster_id"].map(
        lambda cluster: json.dumps(
            {"record": records.get(cluster, {}), "overlap": overlap.get(cluster, "")}, ensure_ascii=False
        )
    )


def _column(
    rows: pd.DataFrame, column: str, value: "pd.Series[str]", reason: "str | pd.Series[str]"
) -> pd.DataFrame:
    given = rows[["cluster_id", "person_no"]].assign(column=column, value=value, reason=reason)
    return given[given["value"].notna() & (given["value"] != "")][GOLDEN]
