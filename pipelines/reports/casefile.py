"""案卷 — one person's candidates as one page to print: facts, months, law and history, and room to sign.

Each candidate begins a sheet of paper of its own. Plain HTML without script or anything from elsewhere.
"""

from collections.abc import Sequence

from markupsafe import escape

from pipelines.reports import explain, words
from pipelines.reports.case.values import Case

STYLE = (
    "@page{size:A4;margin:18mm}body{font:12pt/1.6 sans-serif;max-width:46em;margin:auto}"
    "pre{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}section+section{break-before:page}"
    "footer{margin-top:2em;break-inside:avoid}footer span{display:inline-block;min-width:15em;margin-top:1em}"
)
SIGNED = ("核查人", "核查日期", "复核人", "复核日期", "本人（遗属）申辩")


def page(cases: Sequence[Case]) -> str:
    """The file of the person whose candidates these are."""
    person = cases[0].person
    who = "　".join(filter(None, (person.name, person.id_number, person.phone))) or person.person_id
    claims = "".join(
        f"<li>{escape(f'申领 {c.claim_id}　{words.district(c.district)}　自 {c.start_month} 起')}</li>"
        for c in cases[0].claims
    )
    sections = "".join(
        f"<section><pre>{escape(explain.page(case))}</pre>{_signatures()}</section>" for case in cases
    )
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>案卷</title><style>{STYLE}</style>'
        f"<h1>案卷　{escape(who)}</h1><p>所列均为疑点，不是结论。</p><ul>{claims}</ul>{sections}</html>"
    )


def _signatures() -> str:
    return "<footer>" + "".join(f"<span>{word}：</span>" for word in SIGNED) + "</footer>"
