"""告知的措辞 — the words of a letter that depend on what it is about and on whom it is written to."""

from collections.abc import Mapping
from typing import Final

from matchers.causes import causes

MATERIALS: Final[Mapping[str, str]] = {
    "BUSINESS": "营业执照、注销或变更登记证明、没有实际经营的证明",
    "DEATH": "死亡证明（本人健在的，附健在的证明）、与本人的关系证明、领取账户的往来明细",
    "DUPLICATE_BENEFIT": "各地的待遇核定材料、领取账户的往来明细",
    "EMIGRATED": "护照、出入境记录、国内居住的证明",
    "EXHAUSTED": "缴费记录、失业登记和待遇核定材料",
    "IMPRISONED": "判决书、释放证明、社区矫正或暂予监外执行的证明",
    "MILITARY": "入伍通知书、退出现役的证明",
    "PAID_AFTER_STOP": "停发或恢复待遇的通知、领取账户的往来明细",
    "PENSION": "养老待遇核定材料、领取账户的往来明细；领取的是遗属待遇的，附有关证明",
    "REEMPLOYED": "劳动合同、解除劳动关系证明、工资或缴费记录、单位证明",
    "REFUSED_JOB": "没有接受工作的正当理由的证明，如病历、照护家人的证明",
    "REFUSED_TRAINING": "没有参加培训的正当理由的证明，如病历、照护家人的证明",
    "RETIREMENT_AGE": "户口簿、居民身份证、档案中记载出生日期的材料",
}
RIGHTS: Final = "有权陈述、申辩，有权查阅{}，有权要求更正有误的数据。没有答复不等于承认。"


def of(cause: str, name: str) -> dict[str, str]:
    """What the templates may show beside facts: to the person of this ``name``, or to their family.

    ``benefit``: whose it is; ``favours``: whom the facts against it favour; ``materials``: what helps to
    clear it up; ``repaid``: what follows the sum; ``rights``; ``heard``: whom a district has to hear.
    """
    materials = MATERIALS.get(cause, "有关的证明")
    if causes()[cause].to_family:
        return {
            "benefit": f"{name}名下的待遇",
            "favours": f"{name}及遗属",
            "materials": materials,
            "repaid": "，由实际领取的人退还；没有领取的人不承担",
            "rights": "作为遗属，您" + RIGHTS.format("与此有关的记录"),
            "heard": "遗属",
        }
    return {
        "benefit": "您的待遇",
        "favours": "您",
        "materials": materials,
        "repaid": "",
        "rights": "您" + RIGHTS.format("与您有关的记录"),
        "heard": "当事人",
    }
