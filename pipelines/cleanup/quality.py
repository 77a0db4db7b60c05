"""数据质量 — one page: the first run against this one, by check and by district; whom it favours first.

Self-contained, no script, no clock; only counts, nothing of a person.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Connection, select, true

from matchers import cleanup
from matchers.cleanup.readiness import CONDITIONS
from matchers.lifecycle import FindingStatus
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.cleanup.places import reports
from pipelines.reports.page import charts
from pipelines.reports.words import district as named
from sql import cleanup_tables as t

FAVOURS = {"person": "有利于本人", "nobody": "不涉及得失", "fund": "有利于基金"}
WORDS = ("号码可用", "登记唯一", "电话可用", "账号或卡可用", "原单位明确", "期限可复算")
CONDITION = dict(zip(CONDITIONS, WORDS, strict=True))
POPULATION = {"live_claim": "在领人员", "insured": "参保满一年人员"}
FILE = "数据质量.html"


def write(settings: Settings, connection: Connection) -> Path | None:
    """The page, None where no run has been applied; the same tables give the same bytes."""
    shown = figures(connection)
    if shown is None:
        return None
    page = _environment().get_template("quality.html.j2").render(**shown)
    file = reports(settings) / FILE
    with Store.replacing(file) as unfinished:
        unfinished.write_text(page, encoding="utf-8")
    return file


def figures(connection: Connection, districts: Sequence[str] | None = None) -> dict[str, Any] | None:
    """The first applied run against the last, by check and district, and the readiness; None without runs.

    ``districts``: only of these; all where None.
    """
    runs = connection.execute(select(t.cleanup_run).order_by(t.cleanup_run.c.finished_at)).all()
    return _figures(connection, runs[0], runs[-1], districts) if runs else None


def _figures(
    connection: Connection, first: Any, last: Any, districts: Sequence[str] | None
) -> dict[str, Any]:
    f, r = t.cleanup_finding.c, t.readiness.c
    seen, ready_of = (true() if districts is None else c.district.in_(districts) for c in (f, r))
    columns = ["check_code", "district", "status", "first_run"]
    rows = pd.DataFrame(
        connection.execute(select(*(f[c] for c in columns)).where(seen)).all(), columns=columns
    )
    rows = rows.assign(before=rows["first_run"] == first.run_id, now=rows["status"] == FindingStatus.OPEN)
    order = {code: n for n, code in enumerate(cleanup.catalogue())}
    by_check = rows.groupby("check_code")[["before", "now"]].sum()
    groups = [
        {
            "title": title,
            "rows": [
                {"check": check.title, "basis": check.basis, "innocent": check.innocent,
                 "before": int(by_check["before"].get(code, 0)), "now": int(by_check["now"].get(code, 0))}
                for code, check in cleanup.catalogue().items()
                if check.favours == favours and code in by_check.index
            ],
        }
        for favours, title in FAVOURS.items()
    ]  # fmt: skip
    by_district = rows.groupby("district")[["before", "now"]].sum().sort_index()
    ready = connection.execute(
        select(t.readiness).where(r.run_id == last.run_id, ready_of).order_by(r.population.desc(), r.district)
    ).mappings()
    listed: list[dict[str, Any]] = [
        {"name": named(str(code)), "before": int(n["before"]), "now": int(n["now"])}
        for code, n in by_district.iterrows()
    ]
    bars = [
        (cleanup.catalogue()[str(code)].title, {"lead": int(n)})
        for code, n in sorted(by_check["now"].items(), key=lambda one: order[str(one[0])])
        if n
    ]
    return {
        "first": first,
        "last": last,
        "groups": [group for group in groups if group["rows"]],
        "districts": listed,
        "ready": [_ready(dict(row)) for row in ready],
        "conditions": list(CONDITION.values()),
        "chart": charts.bars("by-check", "各项检查现有发现", _sentence(bars), bars),
        "chart_districts": charts.bars(
            "by-district", "各区县现有发现", "各区县现有发现数，数字见表",
            [(row["name"], {"lead": row["now"]}) for row in listed],
        ),
    }  # fmt: skip


def _ready(row: dict[str, Any]) -> dict[str, Any]:
    people = row["people"]
    return {
        "district": named(row["district"]),
        "population": POPULATION[row["population"]],
        "people": people,
        "shares": [f"{row[c] / people:.0%}" if people else "—" for c in (*CONDITIONS, "all_six")],
        "best": CONDITION.get(row["best_repair"], "—"),
    }


def _sentence(bars: list[tuple[str, dict[str, int]]]) -> str:
    return "；".join(f"{label} {sum(parts.values())} 条" for label, parts in bars)


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("pipelines.cleanup"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
