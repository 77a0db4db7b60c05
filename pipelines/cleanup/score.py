"""对照真相 — what a clean-up says of a made-up register, held against the truth that stands beside it.

Only of the people, claims and employers of whom the truth speaks: ``truth_persons.csv`` (person_no, story),
``truth_pairs.csv`` (a, b, expect: merge, question, never), ``truth_findings.csv`` (code, relation,
record_key, column, months) and ``truth_entitlement.csv`` (claim_id, expected, direction, months_short …).
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from matchers.cleanup.proposals import MERGE
from pipelines.base.errors import UsageError
from pipelines.cleanup.assemble import Result
from pipelines.cleanup.folder import Plan

SHEETS = ("persons", "pairs", "findings", "entitlement")
COUNTED = ("counted", "expected", "recorded", "direction", "months_short", "short_fen")
PLACE = ["check_code", "relation", "record_key", "column_name", "months"]
Truth = dict[str, list[dict[str, str]]]
Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The lines that people read, and how many things are not as the truth says."""

    lines: tuple[str, ...]
    faults: int


def truth(path: Path) -> Truth:
    """The sheets of a made-up register; ``UsageError`` where there are none."""
    try:
        return {sheet: _rows(path / f"truth_{sheet}.csv") for sheet in SHEETS}
    except FileNotFoundError:
        raise UsageError(f"{path} 没有历史登记的真相；请用 crossmatch demo 目录 --history 生成") from None


def score(plan: Plan, result: Result, stated: Truth, untouched: bool) -> Score:
    """How a run over a made-up register came out; ``untouched``: the agency's relations are as they were."""
    merged, asked = _pairs(result, "merge"), _pairs(result, "question")
    expect: dict[str, set[tuple[str, str]]] = {"merge": set(), "question": set(), "never": set()}
    for row in stated["pairs"]:
        expect[row["expect"]].add((row["a"], row["b"]))
    own = {row["person_no"] for row in stated["persons"]}
    wrong = {pair for pair in merged if own & set(pair)} - expect["merge"]
    lost, silent = expect["merge"] - merged, expect["question"] - asked
    due = {tuple(row.values()) for row in stated["findings"]}
    claims = {row["claim_id"]: tuple(row[c] for c in COUNTED) for row in stated["entitlement"]}
    places = set(_places(result, own | set(claims)))
    missed, invented = due - places, places - due
    checked = dict(_checked(result))
    differing = [claim for claim, line in claims.items() if checked.get(claim) != line]
    short = [row for row in stated["entitlement"] if row["direction"] == "under"]
    over = [row for row in stated["entitlement"] if row["direction"] in ("over", "no_year")]
    fen = sum(int(row["short_fen"]) for row in short)
    lines = (
        f"登记 {plan.persons:,} 人（{plan.shards} 片），真相 {len(own):,} 人；数据集 {len(plan.batches)} 个",
        f"应合并 {len(expect['merge'])} 对：提出 {len(expect['merge'] & merged)}，漏 {len(lost)}",
        f"错误的合并 {len(wrong)} 对",
        f"双胞胎、同名同姓 {len(expect['never'])} 对：被合并 {len(expect['never'] & merged)}",
        f"一号两人 {len(expect['question'])} 对：问到 {len(expect['question'] - silent)}，漏 {len(silent)}",
        f"应发现 {len(due):,} 处：漏 {len(missed)}",
        f"凭空的发现 {len(invented)} 处",
        f"复算待遇期限 {len(claims):,} 份：不符 {len(differing)}",
        f"少核 {len(short)} 份、少发 {fen // 100:,}.{fen % 100:02d} 元；多于可复算 {len(over)} 份，只问不追",
        f"待遇库四张表：{'一字未改' if untouched else '被改动！'}",
    )
    faults = len(lost) + len(wrong) + len(silent) + len(missed) + len(invented) + len(differing)
    return Score(lines, faults + (not untouched))


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _pairs(result: Result, outcome: str) -> set[tuple[str, str]]:
    rows = result.clusters[result.clusters["outcome"] == outcome]
    return {pair for members in rows["members"] for pair in combinations(sorted(members.split("+")), 2)}


def _places(result: Result, own: set[str]) -> Iterator[Place]:
    """Each finding about an employer, or about nobody but those of whom the truth speaks.

    Whether two registrations are one person is asked by pairs, which are counted apart.
    """
    asked = (result.findings["check_code"] == MERGE) & (result.findings["value"] == "")
    for place in result.findings.loc[~asked, PLACE].itertuples(index=False, name=None):
        if place[1] == "employers" or set(place[2].split("+")) <= own:
            yield place


def _checked(result: Result) -> Iterator[tuple[str, Place]]:
    table = result.checks[["claim_id", *COUNTED]].astype(object)
    for claim_id, *values in table.itertuples(index=False, name=None):
        yield str(claim_id), tuple(map(str, values))
