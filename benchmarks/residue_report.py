"""The figures and the calibration picture of the residue task."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from matchers.people.identity import tiers
from matchers.people.register import register

EDGES = (0.05, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0001)
NUMBERED = ("substitution", "transposition", "drop", "insert", "float15", "mask")
TOP = 0.99997  # the picture ends here
PICTURE = Path(__file__).parent.parent / "docs" / "linkage-calibration.svg"


def report(folder: Path, measured: dict[str, dict[str, float] | None], title: str) -> None:
    """Prints the tables of one task; the largest task also draws the calibration of ours."""
    truth = pd.read_parquet(folder / "truth.parquet")
    recipients = pd.read_parquet(folder / "recipients.parquet")
    people = recipients["person_id"].to_numpy()
    total = int(truth["person_id"].notna().sum())
    print(f"{title}: {len(truth):,} residue rows, {total:,} of them recipients'")
    links, questions = (pd.read_parquet(folder / f"{n}.parquet") for n in ("links", "questions"))
    every = pd.concat([links.assign(held=False), questions.assign(held=True)])
    ours = pd.DataFrame(
        {"row": every["line"].to_numpy() - 2, "person": every["person_id"], "p": every["probability"]}
    ).assign(linked=~every["held"].to_numpy())
    print_costs("ours", ours, truth, total, measured["ours"])
    decided = ours[ours["linked"]]
    right = truth["person_id"].to_numpy()[decided["row"]] == decided["person"].to_numpy()
    print(f"  links (p >= 0.99, no guard rail): {len(decided)}, {int((~right).sum())} wrong, "
          f"P {right.mean():.5f}, R {right.sum() / total:.4f}")  # fmt: skip
    fifteen = pd.read_parquet(folder / "fifteen.parquet")
    by_number = linked_by_number(fifteen, recipients)
    every_right = np.append(right, by_number["person_id"] == by_number["owner"])
    every_total = total + int(fifteen["owner"].notna().sum())
    print(f"  with {len(fifteen):,} numbers of fifteen digits, linked by number: {len(every_right)} links, "
          f"{int((~every_right).sum())} wrong, P {every_right.mean():.5f}, "
          f"R {every_right.sum() / every_total:.4f} of {every_total}")  # fmt: skip
    if measured["Splink"]:
        pairs = pd.read_parquet(folder / "pairs.parquet").sort_values("match_probability", ascending=False)
        pairs = pairs.drop_duplicates("unique_id_r")
        theirs = pd.DataFrame(
            {
                "row": pairs["unique_id_r"].astype(int),
                "person": people[pairs["unique_id_l"].astype(int)],
                "p": pairs["match_probability"],
            }
        )
        print_costs("Splink", theirs, truth, total, measured["Splink"])
    kinds(ours, truth)
    if len(truth) > 200_000:
        PICTURE.write_text(calibration(ours, truth))


def linked_by_number(fifteen: pd.DataFrame, recipients: pd.DataFrame) -> pd.DataFrame:
    """The rows that ``matchers.people.identity`` links by their converted number, with person_id."""
    keys = recipients.loc[recipients["id_key"].isin(fifteen["id_key"])].assign(id_class="valid18")
    changes = pd.DataFrame(columns=["id_key", "old_id_key", "name_key", "old_name_key"], dtype=object)
    matched = fifteen.merge(keys[["id_key", "person_id"]], on="id_key", validate="m:m").assign(own=True)
    return tiers(matched, keys, register(keys, changes))[0]


def print_costs(
    name: str, proposed: pd.DataFrame, truth: pd.DataFrame, total: int, cost: dict[str, float] | None
) -> None:
    right = truth["person_id"].to_numpy()[proposed["row"]] == proposed["person"].to_numpy()
    p = proposed["p"].to_numpy()
    if cost:
        steps = ", ".join(f"{step} {cost[step]:.1f}" for step in ("prepare", "train", "predict"))
        print(f"  {name}: {cost['total']:.1f} s ({steps}), CPU {cost['cpu']:.1f} s, {cost['peak_mb']:.0f} MB")
    for least in (0.5, 0.9, 0.99):
        at = p >= least
        wrong = f"{(~right[at]).sum()} wrong ({(1 - p[at]).sum():.1f} expected)"
        print(f"    p >= {least}: {at.sum()} rows, {wrong}, "
              f"P {right[at].mean():.4f}, R {right[at].sum() / total:.4f}")  # fmt: skip
    order = np.argsort(-p, kind="stable")
    true = np.cumsum(right[order])
    rank = np.arange(1, len(true) + 1)
    precise = true[true / rank >= 0.999]
    print(f"    best F1 {(2 * true / (rank + total)).max():.4f}, "
          f"R at P >= 0.999: {(precise.max() if len(precise) else 0) / total:.4f}")  # fmt: skip


def kinds(proposed: pd.DataFrame, truth: pd.DataFrame) -> None:
    """Recall by kind of damage, at p >= 0.5 and 0.9 and as links."""
    right = truth["person_id"].to_numpy()[proposed["row"]] == proposed["person"].to_numpy()
    hit = proposed[right]
    theirs = truth["person_id"].notna()
    for kind in (*dict.fromkeys(truth["id_error"]), "recoverable"):
        chosen = truth["id_error"].isin(NUMBERED) if kind == "recoverable" else truth["id_error"] == kind
        rows = set(np.flatnonzero(theirs & chosen))
        recalls = [
            sum(row in rows for row in hit["row"][hit["p"] >= least]) / len(rows) for least in (0.5, 0.9)
        ]
        linked = sum(row in rows for row in hit["row"][hit["linked"]]) / len(rows)
        print(
            f"    {kind}: {len(rows)}, R {recalls[0]:.4f} at 0.5, {recalls[1]:.4f} at 0.9, "
            f"linked {linked:.4f}"
        )


def calibration(proposed: pd.DataFrame, truth: pd.DataFrame) -> str:
    """Reported against observed shares in bins of the posterior, on the scale of odds, as SVG."""
    right = truth["person_id"].to_numpy()[proposed["row"]] == proposed["person"].to_numpy()
    p = proposed["p"].to_numpy()
    points = []
    for low, high in pairwise(EDGES):
        at = (p >= low) & (p < high)
        if at.sum() >= 20:
            points.append((p[at].mean(), (right[at].sum() + 0.5) / (at.sum() + 1), int(at.sum())))
    return picture(points)


def picture(points: list[tuple[Any, Any, int]]) -> str:
    size, edge = 420, 50

    def place(share: float) -> float:
        return edge + (np.clip(np.log10(share / (1 - share)), -2, 4.5) + 2) / 6.5 * (size - 2 * edge)

    ticks = "".join(
        f'<text x="{place(t):.0f}" y="{size - 28}" text-anchor="middle">{t:g}</text>'
        f'<text x="{edge - 6}" y="{size - place(t) + 4:.0f}" text-anchor="end">{t:g}</text>'
        for t in (0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)
    )
    dots = "".join(
        f'<circle cx="{place(min(x, TOP)):.1f}" cy="{size - place(min(y, TOP)):.1f}" r="4" fill="#2f7d4f">'
        f"<title>{n} 行：报告 {x:.4f}，实际 {y:.4f}</title></circle>"
        for x, y, n in points
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" font-family="sans-serif" '
        f'font-size="10" fill="#33475b" role="img"><title>概率校准</title>'
        f'<line x1="{edge}" y1="{size - edge}" x2="{size - edge}" y2="{edge}" stroke="#c4c9d0"/>'
        f'<text x="{size / 2}" y="{size - 8}" text-anchor="middle">报告的概率（按优势比刻度）</text>'
        f'<text x="12" y="{size / 2}" text-anchor="middle" transform="rotate(-90 12 {size / 2})">实际</text>'
        f"{ticks}{dots}</svg>\n"
    )
