"""页面 — templates to answers; every page has the same frame, and nothing in it that is not escaped."""

from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pipelines.base.clock import SHANGHAI
from pipelines.desk.roles import WORDS
from pipelines.desk.visit import Visit
from pipelines.reports import words

SEE_OTHER = 303
UTC = ZoneInfo("UTC")


def page(visit: Visit, template: str, status: int = 200, **values: Any) -> Response:
    """The template as an answer; beside ``values`` it knows ``visit`` and the words of codes."""
    rendered = environment().get_template(f"{template}.html.j2").render(visit=visit, **values)
    return HTMLResponse(rendered, status)


def go(path: str) -> Response:
    """To another page of the desk, after a form was taken."""
    return RedirectResponse(path, SEE_OTHER)


@cache
def stylesheet() -> str:
    """The one stylesheet: that of the night's page, then what only the desk has (forms, menus)."""
    shared = files("pipelines.reports.page") / "templates" / "style.css"
    own = files(__package__) / "templates" / "desk.css"
    return shared.read_text("utf-8") + own.read_text("utf-8")


@cache
def environment() -> Environment:
    """The templates of the desk; those of the night's page may be imported (``parts.html.j2``)."""
    loader = ChoiceLoader([PackageLoader("pipelines.desk"), PackageLoader("pipelines.reports.page")])
    made = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {
        "yuan": words.yuan,
        "tier": words.tier,
        "thousands": lambda number: f"{number:,}",
        "cause": words.cause,
        "district": words.district,
        "status": lambda code: words.STATUS.get(code, code),
        "role": WORDS.__getitem__,
        "moment": moment,
        "benefit": words.benefit,
        "without_numbers": words.without_numbers,
    }
    return made


def moment(at: datetime) -> str:
    """An instant of our tables as people read it in Shanghai."""
    return f"{at.replace(tzinfo=UTC).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
