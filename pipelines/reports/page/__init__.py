"""夜报 — the one page that a supervisor reads in a minute: self-contained, no script, no clock."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipelines.reports import outcome, overdue, paying, words
from pipelines.reports.contents import Contents
from pipelines.reports.page import charts, figures, lists


def render(contents: Contents, files: list[str]) -> str:
    """The page as HTML text. ``files``: what else was written that night, by its name beside the page."""
    template = _environment().get_template("night.html.j2")
    return template.render(**_shown(contents), files=files)


def _shown(contents: Contents) -> dict[str, Any]:
    money, precision = figures.matrix(contents), lists.precision(contents)
    night = figures.trend(contents)
    return {
        "as_of": contents.as_of,
        "run": contents.run,
        "ended": outcome.word(contents.run),
        "ended_why": outcome.reasons(contents.run),
        "before": outcome.BEFORE,
        "next_payment": paying.words(contents.next_payment),
        "audit_head": contents.audit_head,
        "health": figures.health(contents),
        "head": figures.headline(contents),
        "since": [s for s in (contents.last_night, contents.last_month) if s],
        "overdue": overdue.sentence(contents),
        "work": figures.work(contents),
        "stoppable": lists.stoppable(contents),
        "matrix": money,
        "trend": night,
        "ageing": figures.ageing(contents),
        "bands": [word for _, word in figures.BANDS],
        "excluded": figures.excluded(contents),
        "questions": lists.questions(contents),
        "links": lists.links(contents),
        "rejects": lists.rejects(contents),
        "flags": lists.flags(contents),
        "notices": lists.owed_to_people(contents),
        "requests": lists.requests(contents),
        "precision": precision,
        "charts": _charts(money, night, precision),
    }


def _charts(money: dict[str, Any], night: list[Any], precision: dict[str, Any]) -> dict[str, Any]:
    causes = [(row["title"], row["tiers"]) for row in money["causes"]]
    districts = [(row["name"], row["tiers"]) for row in money["districts"]]
    districts.sort(key=lambda row: -sum(row[1].values()))
    return {
        "causes": charts.bars("by-cause", "各情形的疑点数", _sentence(causes), causes),
        "districts": charts.bars("by-district", "各区县的疑点数", _sentence(districts), districts),
        "trend": charts.columns("by-night", "近几夜新增疑点", _sentence(night), night),
        "precision": charts.intervals(
            "by-rule",
            "各规则的查实率及其区间",
            "各规则的查实率与百分之九十五区间；数字见下表",
            lists.labels(precision["rows"]),
            precision["floor"],
        ),
    }


def _sentence(rows: list[tuple[str, dict[str, int]]]) -> str:
    return "；".join(f"{label} {sum(parts.values())} 件" for label, parts in rows)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipelines.reports.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["yuan"] = words.yuan
    environment.filters["tier"] = words.tier
    environment.filters["thousands"] = lambda number: f"{number:,}"
    return environment
