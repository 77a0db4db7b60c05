"""A made-up register against its truth: ``python -m benchmarks.registers PEOPLE SEED[,SEED…] [hard]``.

Of each register the pairs of one person that a merge is proposed for, that a question asks about and that
nobody sees, by what the second registration was written with, and why the others are no merge; then CPU
seconds and peak memory of the stage that compares persons, in a process of its own for each register.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from itertools import combinations
from multiprocessing import get_context

import pandas as pd

from benchmarks.measure import own_peak
from benchmarks.register_task import Register, register
from matchers.cleanup import clusters

Pair = tuple[str, str]
RENUMBERED = "renumbered"


def scored(people: int, seed: int, hard: bool) -> list[str]:
    """The lines that say how one register came out."""
    made = register(people, seed, hard=hard)
    before, begun = own_peak(), time.process_time()
    pairs = clusters.pairs(made.persons, made.changes)
    outcomes = clusters.clusters(pairs, made.persons, (), clusters.apart(pairs, made.paid))
    used = time.process_time() - begun
    merged, asked = (
        _pairs(outcomes.loc[outcomes["outcome"] == outcome, "members"]) for outcome in ("merge", "question")
    )
    kind = _true(made)
    may = {pair for pair, story in kind.items() if story != RENUMBERED}
    stories = made.truth.set_index("person_no")["story"]
    wrong = Counter(str(stories[list(pair)].max()) for pair in merged - set(kind))
    lines = [
        f"{len(made.persons)} registrations, seed {seed}{', hard' * hard}: {len(merged)} pairs merged, "
        f"{sum(wrong.values())} wrong {dict(wrong) or ''}; recall {_share(kind, merged)}, "
        f"of all but the renumbered {_share(may, merged)}, with questions {_share(kind, merged | asked)}; "
        f"{used:.1f} CPU s, {before:.0f} MB before, {own_peak():.0f} at most"
    ]
    for story in sorted(set(kind.values())):
        own = [pair for pair, of in kind.items() if of == story]
        lines.append(
            f"  {story}: {len(own)} pairs, merged {_share(own, merged)}, seen {_share(own, merged | asked)}"
        )
    reasons = Counter(_reasons(made, pairs, set(kind) - merged))
    lines += [f"  no merge, {reason}: {n / len(kind):.4f}" for reason, n in reasons.most_common()]
    return lines


def _reasons(made: Register, scored: pd.DataFrame, missed: Iterable[Pair]) -> Iterable[str]:
    """Why each of the pairs ``missed`` is not proposed as a merge."""
    sound = made.persons.set_index("person_no")["id_key"].notna()
    outcome = scored.set_index(["a", "b"])[["tier", "probability"]].T.to_dict("list")
    for a, b in missed:
        tier, probability = outcome.get((a, b), ("", 0.0))
        if sound[a] and sound[b] and tier not in (*clusters.MERGED, "shared"):
            yield "two sound numbers"
        elif not tier:
            yield "not seen"
        elif tier in clusters.MERGED:
            yield "other members or months against it"
        elif tier == "shared":
            yield "one number under two names"
        elif probability >= clusters.CERTAIN:
            yield "held by a guard rail"
        else:
            yield "below the threshold"


def _true(made: Register) -> dict[Pair, str]:
    """The pairs of one person, with the kinds of registration that make them two."""
    again = made.truth[made.truth["entity"].duplicated(keep=False)]
    story = again.set_index("person_no")["story"]
    people = again.groupby("entity")["person_no"].agg(lambda own: "+".join(sorted(own)))
    return {pair: "+".join(filter(None, (story[no] for no in pair))) for pair in _pairs(people)}


def _pairs(members: Iterable[str]) -> set[Pair]:
    return {(a, b) for one in members for a, b in combinations(one.split("+"), 2)}


def _share(pairs: Iterable[Pair], of: set[Pair]) -> str:
    every = set(pairs)
    return f"{len(every & of) / max(1, len(every)):.4f}"


def main(people: str, seeds: str, *harder: str) -> None:
    """Print how each register came out."""
    for seed in seeds.split(","):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            print(
                *alone.submit(scored, int(people), int(seed), "hard" in harder).result(), sep="\n", flush=True
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
