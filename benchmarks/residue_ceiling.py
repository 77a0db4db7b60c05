"""How far any model can get in the residue task: ours, given the very chances the city was made with.

Rows without a number decide recall; there every chance is on record: how often a name, birth date, telephone,
district and employer occur, and how often each is wrong. What this model cannot link at 0.99, no other can.
"""

import numpy as np
import pandas as pd

from benchmarks.residue_task import REGIONS, SHORT, name_shares, task
from matchers.linkage import FeedRows, Linkage, learn
from matchers.linkage.entries import comparable
from matchers.linkage.fields import FIELDS
from matchers.linkage.linking import LINK, Scored
from matchers.linkage.posterior import compete, guards

COLUMN = {field: n for n, field in enumerate(FIELDS)}


def ceiling(recipients: int, rows: int, seed: int = 7) -> None:
    """Prints the recall of rows without a number: ours, the all-knowing model's, and without guard rails."""
    made = task(recipients, rows, seed)
    linkage = Linkage(made.recipients)
    model = learn(linkage, {"made-up": FeedRows(made.linked, made.residue, made.valid_rows, made.hits)})
    feed = model.feed("made-up")
    without = made.truth["id_error"] == "missing"
    truth = made.truth.loc[without, "person_id"].to_numpy()
    people = made.recipients["person_id"].to_numpy()
    compared = comparable(made.residue[without])
    chances = _chances(made.recipients)
    chunks = []
    for chunk in linkage.scored(compared, feed):
        bits = _all_knowing(chunk, chances)
        row, who = chunk.candidates.row, chunk.candidates.recipient
        posterior, _ = compete(row, chunk.levels, bits, feed, linkage.size)
        held = np.column_stack(list(guards(chunk.levels, chunk.corroboration).values())).any(axis=1)
        right = people[who] == truth[row]
        chunks.append(
            pd.DataFrame({"ours": chunk.posterior, "all_knowing": posterior, "held": held, "right": right})
        )
    pairs = pd.concat(chunks)
    theirs = int(pd.notna(truth).sum())
    for name, linked in (
        ("ours", (pairs["ours"] >= LINK) & ~pairs["held"]),
        ("all-knowing", (pairs["all_knowing"] >= LINK) & ~pairs["held"]),
        ("all-knowing, no guard rail", pairs["all_knowing"] >= LINK),
    ):
        right = int((linked & pairs["right"]).sum())
        print(f"  {name}: {right} of {theirs} rows without a number, R {right / theirs:.4f}, "
              f"{int(linked.sum()) - right} wrong")  # fmt: skip


def _chances(recipients: pd.DataFrame) -> dict[str, np.ndarray]:
    """For each recipient, how often somebody else has the same: names and districts by the city's rules."""
    surname, given = name_shares()
    names = [
        surname[n[0]] * given[n[1]] * ((1 - SHORT) * given[n[2]] if len(n) == 3 else SHORT)
        for n in recipients["name"]
    ]
    code = recipients["district"], recipients["employer_name"]
    districts, employers = (column.map(column.value_counts(normalize=True)).to_numpy() for column in code)
    moved = 0.92 * districts + 0.08 / len(REGIONS)
    return {"name": np.array(names), "district": moved, "employer": employers}


def _all_knowing(chunk: Scored, chances: dict[str, np.ndarray]) -> np.ndarray:
    """The bits of each pair by the rates that ``residue_task`` draws with; names that differ keep ours."""
    bits, who = chunk.bits.copy(), chunk.candidates.recipient
    name, district, employer = (chances[field][who] for field in ("name", "district", "employer"))
    for field, level, times in (
        ("name", 0, 0.85 / name),
        ("birth_date", 0, 0.98 * 16_000),
        ("sex", 0, 0.995 / 0.5),
        ("sex", 1, 0.005 / 0.5),
        ("phone", 0, 0.75 * 8e8),
        ("phone", 2, 0.25),
        ("district", 0, (0.92 + 0.08 / len(REGIONS)) / district),
        ("district", 1, 0.08 / (1 - district)),
        ("employer", 0, (0.30 + 0.70 * employer) / employer),
        ("employer", 3, 0.70),
    ):
        at = chunk.levels[field] == level
        bits[at, COLUMN[field]] = np.broadcast_to(np.log2(times), at.shape)[at]
    return bits
