"""A candidate's fact names the employer or company; one with the person's name is covered for the city."""

import json

import pandas as pd

from expectations.feed import feeds
from pipelines.reports import bodies, words


def _evidence(*rows: tuple[str, str, str, dict[str, str]]) -> pd.DataFrame:
    stored = [(*row, json.dumps(fact, ensure_ascii=False)) for *row, fact in rows]
    return pd.DataFrame(stored, columns=["candidate_id", "weight", "feed", "fact"])


def test_the_bodies_of_supporting_facts_are_named_once_and_else_who_reported_them() -> None:
    named = bodies.of_candidates(
        _evidence(
            ("c1", "supports", "contributions", {"name": "王小明", "employer_name": "乙厂"}),
            ("c1", "supports", "contributions", {"name": "王小明", "employer_name": "乙厂"}),
            ("c1", "supports", "hires", {"employer_name": "甲厂"}),
            ("c1", "against", "hires", {"employer_name": "丙厂"}),
            ("c2", "supports", "deaths", {"name": "王小明"}),
            ("c3", "supports", "payment", {"payment_id": "P1"}),
            *(("c4", "supports", "hires", {"employer_name": f"{n}厂"}) for n in range(5)),
            ("c5", "supports", "contributions", {"employer_name": "", "employer_id": "500123"}),
        ),
        dict.fromkeys(("c1", "c2", "c3", "c4", "c5"), "500107"),
    )
    assert named.to_dict() == {
        "c1": "乙厂、甲厂",
        "c2": feeds()["deaths"].agency,
        "c3": f"{words.district('500107')}失业保险经办机构",
        "c4": "0厂、1厂、2厂等5家",
        "c5": f"{words.heading('contributions', 'employer_id')}500123",
    }


def test_a_shop_that_bears_the_persons_name_is_covered_where_persons_are() -> None:
    shop = "王小明小吃店"
    assert bodies.sentence("疑似经营。", shop, "", "王小明", masked=False) == "疑似经营。涉及：王小明小吃店。"
    assert bodies.sentence("疑似经营。", shop, "", "王小明", masked=True) == "疑似经营。涉及：王**小吃店。"
    assert bodies.sentence("疑似死亡。", "", "", "王小明", masked=True) == "疑似死亡。"
