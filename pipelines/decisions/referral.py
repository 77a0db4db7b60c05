"""移送前核对 — what must be there before anybody may be referred for a sanction, and what is still missing.

渝人社发〔2019〕169号 三（一）3 asks for intent besides two months; 社会保险领域严重失信人名单管理暂行办法
（人社部规〔2019〕2号） asks for an order to repay and a refusal besides more than six months or 10 000 yuan.
Nothing here is ever concluded from silence.
"""

from collections.abc import Mapping
from typing import Any

from matchers.causes import causes
from matchers.findings import PERSON
from matchers.lifecycle import PROVEN, UNDECIDED

CONFIRMED, NOTICE, INTENT = "核查属实并经复核", "告知书已送达", "故意的证据"
ORDER, REFUSAL = "责令退回的决定", "拒不退回的事实"
ITEMS = (CONFIRMED, NOTICE, INTENT, ORDER, REFUSAL)
TWO_MONTHS = (CONFIRMED, NOTICE, INTENT)
SEVERE = (CONFIRMED, NOTICE, ORDER, REFUSAL)
BY_HAND = "缺：系统不作推断，须另行取证"
OTHER_DREW = "缺：本人已故，须查明由谁领取、是否故意；系统不作推断"

INVESTIGATION = "经办机构的调查核实（社会保险经办条例第二十六条）；本系统只提出疑点，不停发待遇"


def before_it_stands(candidate: Mapping[str, Any]) -> list[str]:
    """What the agency has still to do before anything follows from the suspicion: none once it is decided."""
    return [INVESTIGATION] if candidate["status"] in UNDECIDED else []


def checklist(candidate: Mapping[str, Any]) -> dict[str, str]:
    """Each of ``ITEMS`` → ``已有…``, ``缺…``, or empty where the candidate's flags do not ask for it.

    ``candidate``: cause, two_month_flag, severe_flag, status, notice_on, document_no (None: not on record).
    """
    asked = {
        *(TWO_MONTHS if candidate["two_month_flag"] else ()),
        *(SEVERE if candidate["severe_flag"] else ()),
    }
    addressee = causes()[candidate["cause"]].notice_to
    state = {
        CONFIRMED: "已有" if candidate["status"] in PROVEN else "缺：尚未复核认定",
        NOTICE: f"已有：{candidate['notice_on']}"
        if candidate["notice_on"]
        else f"缺：没有告知{addressee}的日期",
        INTENT: BY_HAND if addressee == PERSON else OTHER_DREW,
        ORDER: f"已有：{candidate['document_no']}" if candidate["document_no"] else "缺：没有处理文书号",
        REFUSAL: BY_HAND,
    }
    return {item: state[item] if item in asked else "" for item in ITEMS}


def missing(candidate: Mapping[str, Any]) -> list[str]:
    """The items that are asked for and not there yet."""
    return [item for item, state in checklist(candidate).items() if state.startswith("缺")]
