"""演示城市 — a made-up municipality with planted truth, the same bytes for the same seed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

import sql
from pipelines.base.errors import UsageError
from pipelines.demo import agency, truth
from pipelines.demo import history as register
from pipelines.demo.background import Background
from pipelines.demo.calendar import Calendar
from pipelines.demo.casting import Town
from pipelines.demo.claims import Claim
from pipelines.demo.inbox import Inbox, Mailbox

SEED: Final = 20261
AS_OF: Final = date(2026, 6, 18)
FEWEST_OTHERS: Final = 2_000
MOST_OTHERS: Final = 200_000
Past = Callable[..., list[Claim]]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was built: claims, rows of contributions, candidates to be raised, deliveries."""

    claims: int
    contributions: int
    candidates: int
    deliveries: int


def build(
    path: Path,
    *,
    claims: int = 1500,
    rows: int = 40_000,
    seed: int = SEED,
    as_of: date = AS_OF,
    mangled: float = 0.0,
    history: str = "",
    url: str | None = None,
    delivered: Callable[[int, int], None] = lambda done, of: None,
) -> Counts:
    """A city at ``path``: benefit.db (or the database at ``url``), inbox/, and what a night must find there.

    ``rows`` is about how many contributions the night sees, and never fewer than the recipients leave
    themselves; ``mangled`` is the share of guilty people whose number the agencies have mangled.
    ``history``: the policy of a register of decades beside it, empty for none (``pipelines/demo/history``).
    ``delivered`` hears how many deliveries are written, and of how many.
    ``UsageError`` where something stands at ``path`` or in the database.
    """
    if path.exists() and any(path.iterdir()):
        raise UsageError(f"{path}: 目录非空；演示城市请写到一个新目录")
    path.mkdir(parents=True, exist_ok=True)
    calendar = Calendar(as_of)
    sheets, mailbox = truth.Sheets(calendar), Mailbox()
    past = partial(register.build, path, seed=seed, as_of=as_of, people=max(claims // 3, 60), policy=history)
    place = url or f"sqlite:///{path / 'benefit.db'}"
    _play(Town(seed, calendar, mangled), claims, sheets, mailbox, place, past if history else None)
    background = Background(seed, min(max(rows // 20, FEWEST_OTHERS), MOST_OTHERS))
    inbox = Inbox(path / "inbox", calendar, mailbox, background, rows=rows, claims=claims)
    counted = inbox.write(delivered)
    sheets.write(path)
    truth.write_sheet(path / "counts.csv", ("feed", "delivered_on", "rows", "rejected", "dropped"), counted)
    made = Counts(
        claims=len(mailbox.ordinary.months),
        contributions=sum(line[2] for line in counted if line[0] == "contributions"),
        candidates=len(sheets.truth),
        deliveries=len(counted),
    )
    _explain(path, seed, as_of, made)
    return made


def _play(
    town: Town, claims: int, sheets: truth.Sheets, mailbox: Mailbox, url: str, past: Past | None
) -> None:
    """Every case in turn: played, its truth noted, its rows posted, its claims written; then the past."""
    engine = sql.connect(url, create=True)
    settled: list[Claim] = []
    with agency.opened(engine) as benefit:
        for story, case in town.cases(claims):
            findings = story.play(case) or []
            for finding in findings:
                truth.recover(case.rng, finding, town.calendar)
            sheets.add(story.name, case.claims, findings)
            mailbox.add(case.rows)
            for claim in case.claims:
                mailbox.ordinary.add(case.rng, claim, claim is case.claim)
            benefit.add(case.claims)
            if past:
                settled.append(case.claim)
        if past:
            benefit.add(past(city=settled))
    engine.dispose()


def _explain(path: Path, seed: int, as_of: date, made: Counts) -> None:
    (path / "README.md").write_text(
        f"""# 演示城市（人、单位均为虚构）

基准日 {as_of}，种子 {seed}；同一种子得到同一座城市。证件号码的地区码不存在，校验码有效。
待遇档案 {made.claims} 份，缴费记录 {made.contributions} 行，投递 {made.deliveries} 次。

| 文件 | 内容 |
|---|---|
| `benefit.db` | 待遇库四张表（另给数据库地址时没有此文件） |
| `inbox/` | 各部门投递的文件；日期晚于基准日的，当夜不应看到 |
| `truth.csv` | 当夜必须发现的疑点（{made.candidates} 条）、停发月、多领月份与金额；`link` 为身份写法 |
| `quiet.csv` | 不得产生疑点的待遇档案，及各自的情节 |
| `counts.csv` | 每次投递的行数、退回行数、略过行数 |
| `notices.csv` | 应提示遗属待遇的待遇档案 |
| `history/`、`truth_*.csv` | 几十年的历史登记及其真相（仅 `--history`），用 `crossmatch cleanup score` 对照 |
""",
        "utf-8",
    )
