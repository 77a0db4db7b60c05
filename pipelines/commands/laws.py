"""``laws`` — causes, articles, policy values, excluded reasons, and how often each rule was right."""

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import typer

from matchers.lifecycle import Step
from pipelines.arguments import Json
from pipelines.base import clock
from pipelines.base.errors import CrossmatchError
from pipelines.base.settings import Settings

if TYPE_CHECKING:
    from matchers.law import Policy

DEMOTED = "　低于下限，已降为一般疑点"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("laws")(laws)


def laws(as_json: Json = False) -> None:
    """列出停领情形、法律依据与口径（laws）。

    口径数值、排除理由和各规则的查实率。
    """
    from matchers.causes import causes
    from matchers.findings import EVERY_CAUSE
    from matchers.instruments import instruments
    from matchers.law import policy
    from pipelines.reports import words

    settings = Settings.load()
    rules, today = policy(settings.policy), clock.today()
    catalogue: dict[str, Any] = {
        "policy": rules.stamp,
        "causes": {
            code: {
                "title": causes()[code].title,
                "basis": rules.basis(code),
                "reasons": dict(causes()[code].words),
            }
            for code in sorted(rules.causes)
        },
        "reasons": EVERY_CAUSE,
        "values": {
            name: {"value": held.value, "unit": rules.values[name].unit, "cite": held.cite}
            for name in sorted(rules.values)
            for held in [rules.dated(name, today)]
        },
        "instruments": [
            {"title": one.title, "number": one.number, "since": str(one.since), "until": str(one.until or "")}
            for one in instruments()
        ],
        "precision": _precision(settings, rules, today),
    }
    if as_json:
        typer.echo(json.dumps(catalogue, ensure_ascii=False))
        return
    typer.echo(f"口径 {rules.stamp}（{rules.title}）")
    for code, cause in catalogue["causes"].items():
        typer.echo(f"\n{code}　{cause['title']}　{cause['basis']}")
        for reason, sentence in cause["reasons"].items():
            typer.echo(f"　{reason:28}{sentence}")
    typer.echo("\n各种情形共有")
    for reason, sentence in catalogue["reasons"].items():
        typer.echo(f"　{reason:28}{sentence}")
    typer.echo("")
    for name, value in catalogue["values"].items():
        typer.echo(f"{name:28}{value['value']}（{value['unit']}；{value['cite']}）")
    typer.echo("\n所引法规与文件")
    for one in catalogue["instruments"]:
        until = f"，{one['until']} 失效" if one["until"] else ""
        typer.echo(f"　{one['title']}（{one['number']}），{one['since']} 施行{until}")
    rules_judged = catalogue["precision"] or []
    lacking = "" if rules_judged else "：尚无" if catalogue["precision"] == [] else "：待遇库不可用"
    typer.echo(f"\n查实率（两人签认的结论）{lacking}")
    for rule in rules_judged:
        typer.echo(
            f"　{words.cause(rule['cause'])}（{words.tier(rule['tier'])}）　{rule['policy_version']}　"
            f"{rule['precision']:.0%}（{rule[Step.CONFIRMED]}/{rule['reviewed']}，"
            f"95% 区间 {rule['low']:.0%}–{rule['high']:.0%}）{DEMOTED if rule['demoted'] else ''}"
        )


def _precision(settings: Settings, rules: "Policy", on: date) -> list[dict[str, Any]] | None:
    """The judged rules, each with whether it is demoted; none where no table of ours is there yet, ``None``
    if the benefit database is out.
    """
    from sqlalchemy import inspect

    from pipelines.database.migrate import opened
    from pipelines.decisions.precision import fallen, precision
    from sql.tables import review_detail

    try:
        with opened(settings.database_url) as engine:
            if not inspect(engine).has_table(review_detail.name):
                return []
            judged = precision(engine)
    except CrossmatchError:
        return None
    return judged.assign(demoted=fallen(judged, rules, on)).to_dict("records")  # type: ignore[return-value]
