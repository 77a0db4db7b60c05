"""影响评估 — what 个人信息保护法 55 and 56 ask to be assessed before a rule reads accounts.

The pack says what is read and why, by which rules and thresholds, what came of it so far, how long it is
kept, who sees it and what remedy there is. Somebody signs it with a date; without one nothing is analysed.
"""

import hashlib
import json
from datetime import date
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, Engine, func, insert, select

from matchers.lifecycle import ANSWERED_SIGNALS, SignalStatus
from matchers.people.signature import signature
from matchers.risk.policy import RiskPolicy, read
from matchers.risk.rules import rules
from matchers.schemas import schemas
from pipelines.base import clock
from pipelines.base.errors import DecisionRefused, UsageError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.reports import workbook
from pipelines.reports.workbook import Column
from pipelines.risk.ground import policy
from sql.risk_tables import risk_impact, risk_signal

FOLDER, TITLE = "影响评估", "个人信息保护影响评估"
TEXT = (Column("事项", "about", 24), Column("内容", "text", 100, "long"))
READ = (Column("底稿", "frame", 24), Column("栏目", "name", 22), Column("含义与理由", "meaning", 70, "long"))
RULES = (
    Column("规则", "title", 26), Column("依据", "basis", 36, "long"), Column("读取", "reads", 40, "long"),
    Column("先问什么", "counter", 60, "long"),
)  # fmt: skip
VALUES = (Column("阈值", "name", 26), Column("自何日", "since", 14, "date"), Column("数值", "value", 14))
OUTCOMES = (
    Column("规则", "title", 26), Column("成立", "founded", 9, "count"),
    Column("不成立", "unfounded", 9, "count"), Column("不成立占比", "share", 12),
)  # fmt: skip
STATED = (
    ("处理目的", "防止冒领、骗取、套取失业保险基金和内外勾结，核对不相容岗位；渝人社发〔2019〕169号 四"),
    ("必要性", "收款账户是敏感个人信息：只在读入时换成散列比较是否相同，本系统的表内不存号码"),
    (
        "自动决策",
        "信号不停发、不延迟任何待遇，不写疑点，不影响等级；由两人核查并听取说明后才认定（第二十四条）",
    ),
    ("从不读取", "性别、年龄、出生地、证件种类、民族、姓名、住址、渠道本身、以前不成立的疑点"),
    (
        "置换试验",
        "性别、出生地、姓氏、名字、证件种类、区县代码互换后，各规则的信号相同（随发行测试）",
    ),
    (
        "保存期限",
        "不成立的信号和无人处理的线索十二个月后删除，只留指纹；其余随案卷；本评估至少保存三年（第五十六条）",
    ),
    ("谁可以看", "经办人员的信号只限市级基金监督；单位和申领的信号限所在区县；每次导出都记入审计"),
    ("救济", "认定之前告知并听取单位、经办人员、当事人的说明；不成立的即行记忆，没有新事实不再提出"),
)


def write(settings: Settings, engine: Engine) -> Path:
    """Writes the pack; where it lies."""
    laws = policy(settings)
    path = settings.reports / FOLDER / f"{TITLE}.xlsx"
    with engine.connect() as connection:
        outcomes, signed = _outcomes(connection), signature_of(connection)
    stated = [*STATED, ("内容指纹", fingerprint(laws)), ("签署", _signed_words(signed, laws))]
    path.parent.mkdir(parents=True, exist_ok=True)
    sheets = (
        ("评估", TEXT, pd.DataFrame(stated, columns=["about", "text"])),
        ("读取的栏目", READ, _columns()),
        ("规则", RULES, _rules()),
        ("阈值", VALUES, _values(laws)),
        ("误报", OUTCOMES, outcomes),
    )
    with (
        Store(settings.store).scratch() as scratch,
        workbook.writing(path, clock.today(), TITLE, "签署之前不作任何分析", scratch) as book,
    ):
        for title, columns, frame in sheets:
            book.table(title, columns, frame)
    return path


def sign(settings: Settings, engine: Engine, signed_on: date, by: str) -> None:
    """Records who signed the pack and when; the same signature again changes nothing."""
    if not signature(by):
        raise DecisionRefused("须注明签署人（--by）", at="by")
    if signed_on > clock.today():
        raise DecisionRefused("签署日期不得晚于今天", at="signed_on")
    row = {"signed_on": signed_on, "signed_by": by.strip(), "fingerprint": fingerprint(policy(settings))}
    c = risk_impact.c
    with deciding(engine, beside_nights=True) as connection:
        same = select(c.signed_on).where(c.signed_on == signed_on, c.signed_by == by.strip())
        if connection.execute(same).first() is None:
            connection.execute(insert(risk_impact).values(**row, recorded_at=clock.now()))
            audit.record(connection, by, "risk_impact", signed_on.isoformat(), {"pack": row["fingerprint"]})


def signature_of(connection: Connection) -> tuple[date, str, str] | None:
    """Day, signer and fingerprint of the newest signature, ``None`` where there is none."""
    c = risk_impact.c
    newest = select(c.signed_on, c.signed_by, c.fingerprint).order_by(
        c.signed_on.desc(), c.recorded_at.desc()
    )
    row = connection.execute(newest.limit(1)).first()
    return None if row is None else (row.signed_on, row.signed_by, row.fingerprint)


def require_signed(connection: Connection) -> None:
    """Nothing where the assessment is signed; ``UsageError`` says how to do it."""
    if signature_of(connection) is None:
        raise UsageError(
            "个人信息保护影响评估尚未签署，不作任何风险分析：先用 crossmatch risk-impact 写出并审阅，"
            "再用 crossmatch risk-impact --signed-on 日期 --by 签署人 登记"
        )


def fingerprint(laws: RiskPolicy) -> str:
    """Another one as soon as a rule, a column that is read or a value is."""
    parts = [
        laws.version,
        [(code, rule.basis, rule.needs, rule.feeds) for code, rule in rules().items()],
        _columns().to_numpy().tolist(),
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, default=str).encode()).hexdigest()[:16]


def _signed_words(signed: tuple[date, str, str] | None, laws: RiskPolicy) -> str:
    if signed is None:
        return "尚未签署：不作任何分析"
    changed = "；此后规则、栏目或数值有变，须重新评估" if signed[2] != fingerprint(laws) else ""
    return f"{signed[1]} {signed[0]}{changed}"


def _columns() -> pd.DataFrame:
    rows = [
        (schema.meaning, c.name, c.meaning)
        for name, schema in schemas().items() if name.startswith("risk_") for c in schema.columns
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["frame", "name", "meaning"])


def _rules() -> pd.DataFrame:
    rows = [(r.title, r.basis, "、".join((*r.needs, *r.feeds)), r.counter) for r in rules().values()]
    return pd.DataFrame(rows, columns=["title", "basis", "reads", "counter"])


def _values(laws: RiskPolicy) -> pd.DataFrame:
    built = read().values
    rows = [
        (name, since, str(value)) for name in built for since, value in laws.values[name] if name != "duties"
    ]
    return pd.DataFrame(rows, columns=["name", "since", "value"])


def _outcomes(connection: Connection) -> pd.DataFrame:
    """What people decided, by rule: how often a signal was founded and how often not."""
    c = risk_signal.c
    decided = select(c.rule, c.status, func.count()).where(c.status.in_(ANSWERED_SIGNALS))
    counts = {(r, s): n for r, s, n in connection.execute(decided.group_by(c.rule, c.status))}
    rows = []
    for code, rule in rules().items():
        right = counts.get((code, SignalStatus.FOUNDED), 0) + counts.get(
            (code, SignalStatus.CONTROL_FIXED), 0
        )
        wrong = counts.get((code, SignalStatus.UNFOUNDED), 0)
        share = f"{wrong / (right + wrong):.0%}" if right + wrong else "尚无核定"
        rows.append((rule.title, right, wrong, share))
    return pd.DataFrame(rows, columns=["title", "founded", "unfounded", "share"])
