"""身份存疑 — the questions about who is who that only people can answer; nobody is accused by one."""

import json

import numpy as np
import pandas as pd

from matchers.evidence import digest
from matchers.people.register import Register
from matchers.schemas import Questions, TieredRows

QUESTION = [
    "question_id",
    "kind",
    "person_id",
    "feed",
    "delivery_id",
    "file",
    "line",
    "probability",
    "explanation",
]
SHARED = {
    "two_person_ids": "同一人登记了多个个人编号",
    "shared_id": "多名领取人员登记了同一证件号码",
}


def doubt_ids(rows: TieredRows, feed: str) -> "pd.Series[str]":
    """The number of the question that each row of somebody else's number raises; one per person and name."""
    ids = [
        digest(["one_id_two_persons", person, feed, name])
        for person, name in zip(rows["person_id"], rows["name_key"].fillna(""), strict=True)
    ]
    return pd.Series(ids, index=rows.index, dtype=object)


def doubts(rows: TieredRows, feed: str) -> Questions:
    """One ``one_id_two_persons`` question per recipient, feed and name, at its first row: ``QUESTION``."""
    first = rows.sort_values(["delivered_on", "file", "line"]).drop_duplicates(["person_id", "name_key"])
    asked = first.assign(
        kind="one_id_two_persons",
        feed=feed,
        probability=np.nan,
        explanation='{"sentence": "号码相同而姓名及其他信息不同，可能是他人误用该号码"}',
        question_id=doubt_ids(first, feed),
    )
    return asked[QUESTION]


def shared(register: Register) -> Questions:
    """Questions about registrations that share a number: ``two_person_ids`` where they share a name, else
    ``shared_id``; one for each registration, in the columns of ``QUESTION``. The explanation names the
    ``others`` by person_id.
    """
    identities = register.identities
    several = identities[identities["identity"].duplicated(keep=False)]
    kinds = several["identity_sure"].map({True: "two_person_ids", False: "shared_id"})
    together = several.groupby("identity")["person_id"].agg(sorted)
    explained = [
        {"sentence": SHARED[kind], "others": [other for other in together[identity] if other != person]}
        for kind, identity, person in zip(kinds, several["identity"], several["person_id"], strict=True)
    ]
    asked = several[["person_id"]].assign(
        kind=kinds,
        feed="recipient",
        delivery_id="",
        file="recipient",
        line=0,
        probability=np.nan,
        explanation=[json.dumps(parts, ensure_ascii=False) for parts in explained],
    )
    numbered = [digest([k, p]) for k, p in zip(asked["kind"], asked["person_id"], strict=True)]
    return asked.assign(question_id=numbered)[QUESTION]
