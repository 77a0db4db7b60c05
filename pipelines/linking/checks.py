"""匹配自检 — what is odd about a night's claims, recipients and links, before anything is judged by them."""

from collections.abc import Iterable

import pandas as pd

from matchers.links import PLACE
from matchers.schemas import Claims, Recipients
from pipelines.base.errors import CrossmatchError
from pipelines.base.frames import Night

LINK = ["person_id", "link_tier", "link_probability", *PLACE]
CHECKED_ROWS = 200_000


def check(night: Night, feeds: Iterable[str]) -> tuple[str, ...]:
    """What is odd about ``claims`` and ``recipients``, in Chinese, for people to read.

    ``CrossmatchError`` where links of one of the linked ``feeds`` cannot be right. Tables of more than
    ``CHECKED_ROWS`` rows are not read row by row, and one without a row holds nothing to be wrong.
    """
    recipients = night.frame("recipients")
    oddities = (*_odd(recipients), *_of_nobody(night.frame("claims"), recipients))
    _require_sound(night, feeds)
    return oddities


def _odd(recipients: Recipients) -> Iterable[str]:
    if 0 < len(recipients) <= CHECKED_ROWS:
        from expectations.suite import judge_rows

        yield from (f"领取人员档案{warning}" for warning in judge_rows("recipients", recipients).warnings)


def _of_nobody(claims: Claims, recipients: Recipients) -> Iterable[str]:
    nobodys = int((~claims["person_id"].isin(recipients["person_id"])).sum())
    if nobodys:
        yield f"{nobodys} 笔申领在领取人员档案中查无此人，未比对"


def _require_sound(night: Night, feeds: Iterable[str]) -> None:
    """Registrations that are one person are one person here: a row may well be linked to each."""
    linked = [f"linked/{feed}" for feed in feeds]
    if not 0 < sum(map(night.rows, linked)) <= CHECKED_ROWS:
        return
    from expectations.suite import judge_rows

    links = pd.concat([night.frame(name, columns=LINK)[LINK] for name in linked])
    who = night.frame("identities").set_index("person_id")["identity"]
    people = links.assign(person_id=links["person_id"].map(who)).drop_duplicates(["person_id", *PLACE])
    wrong = judge_rows("links", people.reset_index(drop=True)).critical
    if wrong:
        raise CrossmatchError(f"匹配结果自检未通过：{'；'.join(wrong)}；请保留现场并报告")
