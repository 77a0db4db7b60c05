"""身份存疑 — the questions about who is who that only people can answer; nobody is accused by one."""

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
    ``shared_id``; one for each registration, in the columns of ``QUESTION``.
    """
    identities = register.identities
    several = identities[identities["identity"].duplicated(keep=False)]
    kind = several["identity_sure"].map({True: "two_person_ids", False: "shared_id"})
    words = kind.map(
        {
            "two_person_ids": '{"sentence": "同一人登记了多个个人编号"}',
            "shared_id": '{"sentence": "多名领取人员登记了同一证件号码"}',
        }
    )
    asked = several[["person_id"]].assign(
        kind=kind,
        feed="recipient",
        delivery_id="",
        file="recipient",
        line=0,
        probability=np.nan,
        explanation=words,
    )
    numbered = [digest([k, p]) for k, p in zip(asked["kind"], asked["person_id"], strict=True)]
    return asked.assign(question_id=numbered)[QUESTION]
