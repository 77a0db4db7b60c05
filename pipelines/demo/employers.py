"""单位 — made-up payers of contributions, in a city that is on no map."""

from dataclasses import dataclass
from random import Random
from typing import Final

CITY: Final = "云川市"
FRONT: Final = "恒鑫瑞泰永盛嘉华宏顺"
BACK: Final = "通达源和信安丰隆昌兴"
TRADES: Final = ("商贸", "建材", "餐饮", "物业", "机械", "科技", "物流", "电子")
SYMBOLS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class Employer:
    """A payer; ``kind`` is the code of 单位类型, ``80`` an intermediary, ``02 03 05`` virtual payers."""

    employer_id: str
    name: str
    uscc: str
    kind: str = "10"


def uscc(rng: Random, front: str = "91") -> str:
    """A unified social credit code with its check character (GB 32100), of a region that never was."""
    body = front + rng.choice(("599901", "599902", "599903")) + "".join(rng.choices(SYMBOLS, k=9))
    total = sum(SYMBOLS.index(c) * pow(3, place, 31) for place, c in enumerate(body))
    return body + SYMBOLS[-total % 31]


def employer(rng: Random, kind: str = "10") -> Employer:
    """A new employer of that kind."""
    mark = rng.choice(FRONT) + rng.choice(BACK)
    trade = rng.choice(TRADES)
    name = {
        "20": f"{CITY}{mark}服务中心",
        "60": f"{CITY}{mark}{trade}经营部",
        "80": f"{CITY}{mark}人力资源有限公司",
        "02": f"{CITY}灵活就业虚拟单位",
        "03": f"{CITY}灵活就业托管虚拟单位",
    }.get(kind, f"{CITY}{mark}{trade}有限公司" + (",二分部" if rng.random() < 0.02 else ""))
    front = {"20": "12", "60": "92"}.get(kind, "91")
    return Employer(f"50{rng.randrange(10**7):07d}", name, uscc(rng, front), kind)


FUND: Final = Employer("50999999", f"{CITY}失业代缴医疗虚拟单位", uscc(Random("fund"), "12"), "05")
