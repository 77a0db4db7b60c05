"""分片 — people cut into parts that can be judged one by one, on one machine or on many.

Who is tied to somebody, by a number, by being one person, by a question, is in the same part as they are.
"""

from zlib import crc32

import pandas as pd

from matchers.people.chains import united
from matchers.schemas import PersonTies


def parts(ties: PersonTies, many: int) -> "pd.Series[int]":
    """The part of each person, 0 to ``many`` - 1, by person_id.

    ``ties``: as for ``tied``. Which part it is depends on the people who are tied together and on ``many``
    alone: neither on the order of the rows nor on anybody else.
    """
    part = {person: crc32(first.encode()) % many for person, first in tied(ties).items()}
    return pd.Series(part, index=pd.Index(part, name="person_id"), name="part", dtype="int64")


def tied(ties: PersonTies) -> dict[str, str]:
    """The first of all who are tied together, by each person of them.

    ``ties``: person_id and key, one row for each key that a person has; whoever has none has a row without.
    """
    shared = ties[ties["key"].notna() & ties["key"].duplicated(keep=False)]
    first = shared.groupby("key")["person_id"].transform("first")
    joined: dict[str, str] = united(zip(first, shared["person_id"], strict=True))
    return {person: joined.get(person, person) for person in map(str, ties["person_id"].unique())}
