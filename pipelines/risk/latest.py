"""最近一次分析 — how many signals of which level the newest month has, for the summary of a night."""

import json
from datetime import date

from sqlalchemy import Engine, select

from pipelines.risk import words
from sql.risk_tables import risk_run


def latest(engine: Engine, as_of: date) -> dict[str, object] | None:
    """month, levels (words → counts), missing: how many rules saw nothing; ``None``: none yet."""
    c = risk_run.c
    newest = select(c.month, c.counts, c.missing).where(c.month <= f"{as_of:%Y-%m}").order_by(c.month.desc())
    with engine.connect() as connection:
        row = connection.execute(newest.limit(1)).first()
    if row is None:
        return None
    levels = {words.level(level): n for level, n in json.loads(row.counts)["levels"].items()}
    return {"month": row.month, "levels": levels, "missing": len(json.loads(row.missing))}


def sentence(newest: dict[str, object]) -> str:
    """The same in one line."""
    levels = newest["levels"]
    assert isinstance(levels, dict)
    counts = "，".join(f"{level} {n} 条" for level, n in levels.items()) or "没有信号"
    return f"基金风险 {newest['month']}：{counts}；{newest['missing']} 条规则因未提供数据没有看。信号不是疑点"
