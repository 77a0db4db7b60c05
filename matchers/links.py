"""匹配层级 — what each link tier allows, and the words for it."""

import pandas as pd

from matchers.docket import Docket
from matchers.schemas import WeighedFacts

PLACE = ["delivery_id", "file", "line"]  # where a row of a feed stands
ALLOWS = {
    "exact": 3,
    "converted": 3,
    "alias": 3,
    "name_differs": 2,
    "rest_differs": 2,
    "two_person_ids": 2,
    "repaired": 1,
    "probable": 1,
    "benefit": 3,
}
LINK_WORDS = {
    "exact": "身份证号与姓名均一致",
    "converted": "十五位与十八位号码换算后一致，姓名一致",
    "alias": "经身份变更记录确认为同一人",
    "name_differs": "身份证号一致，姓名不同，需核对",
    "rest_differs": "身份证号与姓名一致，出生日期或性别不符，需核对",
    "two_person_ids": "本人登记了多个个人编号，需先确认是同一人",
    "repaired": "身份证号有误，按相近号码推定，需先核实身份",
    "probable": "无可用身份证号，按姓名等信息推定，需先核实身份",
    "benefit": "待遇库自身记录",
}


def fact_rows(docket: Docket, facts: WeighedFacts, column: str, own: object) -> "pd.Series[str]":
    """The ``column`` of the linked row behind each fact; ``own`` for facts of the benefit database."""
    values = pd.Series(own, index=facts.index, dtype=object)
    for feed, here in facts.groupby("feed").groups.items():
        if feed in docket.linked and column in docket.linked[str(feed)]:
            values[here] = docket.linked[str(feed)][column].to_numpy(dtype=object)[
                facts.loc[here, "row"].to_numpy(int)
            ]
    return values


def allowance(docket: Docket, facts: WeighedFacts) -> "pd.Series[int]":
    """The best strength that the link behind each fact allows (3 precise, 2 important, 1 lead)."""
    return fact_rows(docket, facts, "link_tier", "benefit").map(ALLOWS).astype(int)
