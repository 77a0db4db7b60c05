"""Name and birth date alone never link: cities whose other columns hold one value, two, a dummy or nothing.

``CITIES=1000`` tries a thousand, as ``make sweep`` does; without it, a sample is tried.
"""

import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from matchers.linkage import FeedRows, Linkage, Model, chance, learn
from matchers.linkage.fields import FIELDS
from matchers.people.resident_id import check_character

CITIES = int(os.environ.get("CITIES", "40"))
FEED = "hires"
MODES = ("one", "two", "dummy", "nothing", "apart")
VALUES = {
    "sex": ("F", "M"),
    "phone": ("13000000000", "13900000000"),
    "district": ("500190", "500191"),
    "employer_name": ("云川纺织厂", "石沱农机修造站"),
    "employer_uscc": ("91500190MA00000001", "91500190MA00000002"),
}
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周徐孙", "建国志强秀英桂兰伟芳敏静丽军洋艳勇杰娟涛明超霞平"


def _column(draw: np.random.Generator, column: str, mode: str, size: int, *, side: int) -> list[str | None]:
    """Values that agree with the other side's by chance alone; ``apart`` never agree."""
    first, second = VALUES[column]
    own = {
        "phone": [f"13{side + 5}{n * 7919 + 12_345_678 + side * 50_111_222:08d}" for n in range(size)],
        "district": [f"5{side + 5}{n:04d}" for n in range(size)],
        "employer_name": [chr(0x5000 + 6000 * side + 83 * n) * 4 + "商行" for n in range(size)],
        "employer_uscc": [f"9150019{side}MA{n:08d}" for n in range(size)],
        "sex": [first] * size,
    }[column]
    if mode == "nothing":
        return [None] * size
    if mode == "one":
        return [first] * size
    if mode == "two":
        return list(draw.choice([first, second], size))
    if mode == "dummy":
        return [first if draw.random() < 0.8 else value for value in own]
    return list(own)


def _number(draw: np.random.Generator, region: str, born: pd.Timestamp) -> str:
    body = f"{region}{born:%Y%m%d}{draw.integers(1, 999):03d}"
    return body + check_character(body)


def _spoilt(draw: np.random.Generator, number: str, mode: str) -> str | None:
    """No number, or one that tells no more than county and birthday."""
    if mode == "county_and_birthday":
        return number[:14] + "".join(str((int(d) + draw.integers(2, 8)) % 10) for d in number[14:17]) + "0"
    return number[:14] + "****" if mode == "serial_hidden" else None


def _city(seed: int) -> tuple[pd.DataFrame, FeedRows, dict[str, tuple[str, str]]]:
    """Recipients, a feed whose residue repeats their names and birth dates, and what its columns hold."""
    draw = np.random.default_rng(seed)
    size = int(draw.integers(5, 70))
    few_regions = draw.choice([["500190"], ["500190", "500191"]][int(draw.integers(2))], size)
    born = pd.Timestamp("1966-01-01") + pd.to_timedelta(draw.integers(0, 14_000, size), unit="D")
    names = [draw.choice(list(SURNAMES)) + "".join(draw.choice(list(GIVEN), 2)) for _ in range(size)]
    numbers = [_number(draw, r, b) for r, b in zip(few_regions, born, strict=True)]
    held = {column: tuple(draw.choice(MODES, 2)) for column in VALUES}
    people = pd.DataFrame(
        {"person_id": [f"P{n:03d}" for n in range(size)], "id_key": numbers, "name_key": names,
         "birth_date": born} | {c: _column(draw, c, held[c][0], size, side=0) for c in VALUES}
    )  # fmt: skip
    spoilt = str(draw.choice(["missing", "county_and_birthday", "serial_hidden"]))
    rows = pd.DataFrame(
        {"delivery_id": f"{FEED}/2026-06-05", "file": "a.csv", "line": np.arange(2, size + 2),
         "name_key": names, "birth_date": born, "id_class": "checksum" if spoilt != "missing" else "missing",
         "id_number": [_spoilt(draw, number, spoilt) for number in numbers]}
        | {c: _column(draw, c, held[c][1], size, side=1) for c in VALUES}
    )  # fmt: skip
    linked = int(draw.integers(0, size))
    by_number = rows.iloc[:linked].assign(id_number=numbers[:linked], person_id=people["person_id"][:linked])
    residue = rows.iloc[linked:].reset_index(drop=True)
    feed = FeedRows(by_number, residue, usable=int(draw.integers(linked, 500)), hits=linked)
    return people, feed, held | {"number": (spoilt, "")}


def _credulous(model: Model) -> Model:
    """A model by which every level of every field proves the link."""
    feed = model.feed(FEED)
    sure = {field: np.append(np.full(len(f.levels) - 1, 0.999), 1.0) for field, f in FIELDS.items()}
    never = {field: np.append(np.full(len(f.levels) - 1, 1e-12), 1.0) for field, f in FIELDS.items()}
    return Model({FEED: replace(feed, m=sure, u=never, share=0.9)}, feed)


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cities of seventy people need no half a million random pairs."""
    monkeypatch.setattr(chance, "DRAWS", 5_000)
    monkeypatch.setattr(chance, "NAME_DRAWS", 10_000)


@pytest.mark.parametrize("part", range(4))
def test_name_and_birth_date_alone_never_link_whatever_the_other_columns_hold(part: int) -> None:
    asked = 0
    for seed in range(part, CITIES, 4):
        people, feed, held = _city(seed)
        linkage = Linkage(people)
        model = learn(linkage, {FEED: feed})
        for believed in (model, _credulous(model)):
            decided = linkage.link(feed.residue, believed, FEED)
            assert decided.links.empty, f"{seed}: {held}"
            asked += len(decided.questions)
    assert asked > 0


@pytest.mark.parametrize("seed", range(8))
def test_no_disagreement_speaks_for_a_link(seed: int) -> None:
    people, feed, _ = _city(seed)
    model = learn(Linkage(people), {FEED: feed}).feed(FEED)
    for field, weights in zip(FIELDS, model.classifier(len(people)).weights, strict=True):
        assert weights[-2] <= 0, field
