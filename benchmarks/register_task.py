"""A made-up register for one-table linkage: registrations of which some are one person's, and the truth.

Two in a hundred are registered twice: under the same number, its fifteen digits, a damaged one, none, or
another sound one, with and without a change that the police know. Beside them stand twins, siblings,
namesakes born on one day in one district, numbers given twice and numbers borrowed, none of whom is the
other. A registration holds birth date, sex and district, and mostly a telephone; no account and no card, so
that of a telephone alone more than name, birth date and district can agree where a number is wanting.
``hard``: more of all of these, three registrations of one person, and twins and namesakes of whom one
has no number.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from benchmarks.residue_task import (
    REGIONS,
    Ints,
    People,
    _rows,
    _spelled,
    _texts,
    _unique,
    numbers,
    people,
)
from pipelines.linking.recipients import prepared

SAME = {"same": 0.16, "fifteen": 0.16, "damaged": 0.36, "renumbered": 0.16, "changed": 0.16}
OTHERS = {"twin": 0.005, "sibling": 0.015, "namesake": 0.001, "given_twice": 0.0005, "borrowed": 0.0005}
HARDER = {"twin": 6, "sibling": 2, "namesake": 10, "given_twice": 20, "borrowed": 20}
NUMBERLESS = ("twin_numberless", "namesake_numberless")
TWICE = 0.02
OTHER_PHONE, NO_PHONE = 0.25, 0.14  # a number since given up; none on record
FIRST_MONTH = 2000 * 12


@dataclass(frozen=True)
class Register:
    """``persons``: what clusters are made of. ``changes``: by the police. ``paid``: person_no, employer,
    month of those who have to do with another registration. ``truth``: person_no, entity, story, of.
    """

    persons: pd.DataFrame
    changes: pd.DataFrame
    paid: pd.DataFrame
    truth: pd.DataFrame


def register(size: int, seed: int, *, hard: bool = False) -> Register:
    """A register of ``size`` people and those registered twice, or beside them."""
    draw = np.random.default_rng(seed)
    everybody = people(size, draw)
    _unique(everybody, everybody, draw)
    firms = np.array([f"厂{n}" for n in range(8_000)], object)
    base = _registered(everybody, firms, draw).assign(
        name=_spelled(everybody.name), name_key=_spelled(everybody.name)
    )
    frames = [base.assign(entity=np.arange(size), story="", of=-1)]
    frames += _twice(everybody, firms, draw, hard)
    frames += _beside(everybody, firms, draw, size, hard)
    rows = pd.concat(frames, ignore_index=True)
    order = draw.permutation(len(rows))
    number = np.empty(len(rows), object)
    number[order] = [f"P{n:08d}" for n in range(len(rows))]
    truth = rows[["entity", "story"]].assign(
        person_no=number, of=[number[of] if of >= 0 else "" for of in rows["of"]]
    )
    return Register(
        _persons(rows.assign(person_no=number)),
        _changes(rows, everybody),
        _paid(truth, rows["of"].to_numpy(), draw),
        truth,
    )


def _registered(who: People, firms: object, draw: np.random.Generator) -> pd.DataFrame:
    """Registrations as a counter writes them from identity cards: a row of an extract may lack what these
    hold.
    """
    rows, _ = _rows(who, firms, draw, mangled=False)
    stranger = draw.random(len(who)) < OTHER_PHONE
    phone = np.where(stranger, who.phone + draw.integers(1, 10**8, len(who)), who.phone)
    phone = phone.astype(str).astype(object)
    phone[draw.random(len(who)) < NO_PHONE] = None
    return rows.assign(
        birth_date=rows["birth_date"].fillna(pd.Series(who.born.astype("datetime64[ns]"))),
        sex=rows["sex"].fillna(pd.Series(np.where(who.serial % 2 == 1, "M", "F"), dtype=object)),
        district=rows["district"].fillna(pd.Series(np.array(REGIONS, object)[who.district])),
        phone=phone,
    )


def _twice(who: People, firms: object, draw: np.random.Generator, hard: bool) -> list[pd.DataFrame]:
    count = round(len(who) * TWICE * (3 if hard else 1))
    at = draw.choice(len(who), count, replace=hard)
    story = draw.choice(list(SAME), count, p=list(SAME.values()))
    story[(story == "fifteen") & (who.born[at] >= np.datetime64("2000-01-01"))] = "same"
    again = who.take(at)
    damaged, _ = _rows(again, firms, draw, mangled=True)
    rows = _registered(again, firms, draw).assign(entity=at, story=story, of=at)
    rows["id_number"] = np.where(story == "damaged", damaged["id_number"], rows["id_number"])
    short = story == "fifteen"
    rows.loc[short, "id_number"] = rows.loc[short, "id_number"].map(lambda n: n[:6] + n[8:17])
    other = story == "renumbered"
    other |= story == "changed"
    moved = replace(again, region=(again.region + 1 + at % 7) % len(REGIONS), serial=again.serial.copy())
    _unique(moved, who, draw)
    rows.loc[other, "id_number"] = _texts(numbers(moved))[other]
    changed = story == "changed"
    for column in ("name", "name_key"):
        rows.loc[changed, column] = _spelled(again.name)[changed]
    return [rows]


def _beside(
    who: People, firms: object, draw: np.random.Generator, size: int, hard: bool
) -> list[pd.DataFrame]:
    frames, entity = [], size
    shares = {story: share * (HARDER[story] if hard else 1) for story, share in OTHERS.items()}
    if hard:
        shares |= dict.fromkeys(NUMBERLESS, 0.005)
    for story, share in shares.items():
        at = draw.choice(size, max(1, round(size * share)), replace=False)
        other = _other(who.take(at), story, draw, who)
        rows = _registered(other, firms, draw)
        rows = rows.assign(name=_spelled(other.name), name_key=_spelled(other.name))
        if story in NUMBERLESS:
            rows["id_number"] = None
            rows["birth_date"] = other.born.astype("datetime64[ns]")
        frames.append(rows.assign(entity=entity + np.arange(len(at)), story=story, of=at))
        entity += len(at)
    return frames


def _other(one: People, story: str, draw: np.random.Generator, among: People) -> People:
    """Somebody else who looks like ``one``."""
    size = len(one)
    strange = people(size, draw)
    same_number = story in ("given_twice", "borrowed")
    namesake = story.startswith("namesake")
    name = one.name.copy() if namesake else strange.name
    if story.startswith("twin") or story == "sibling":
        name[:, 0] = one.name[:, 0]
        shared = (draw.random(size) < 0.5) & (name[:, 2] > 0)
        name[shared, 1] = one.name[shared, 1]
    if same_number:
        name[:, 0] = np.where(draw.random(size) < 0.3, one.name[:, 0], name[:, 0])
    alike = (name == one.name).all(axis=1) & (not namesake)
    name[alike, 1] = np.where(name[alike, 1] == ord("伟"), ord("英"), ord("伟"))
    years = draw.integers(-2_200, 2_200, size) if story == "sibling" else np.zeros(size, np.int64)
    phone = np.where(draw.random(size) < (0 if namesake else 0.2), one.phone, strange.phone)
    other = People(
        name, one.region.copy(), one.born + years, one.serial.copy(), phone, one.district.copy(),
        strange.employer, strange.former,
    )  # fmt: skip
    if not same_number:
        other.serial[:] = (one.serial + 2 * draw.integers(1, 40, size)) % 999 + 1
        _unique(other, among, draw)
    return other


def _persons(rows: pd.DataFrame) -> pd.DataFrame:
    missing = rows["birth_date"].isna()
    registered = pd.DataFrame(
        {
            "person_no": rows["person_no"], "relation": "registrations", "id_kind": "resident_id",
            "id_number": rows["id_number"], "name": rows["name"], "name_came": rows["name"],
            "sex": rows["sex"], "birth_date": rows["birth_date"].where(~missing), "phone": rows["phone"],
            "district": rows["district"], "bank_account": None, "card_no": None,
            "registered_on": pd.Timestamp("2000-01-01"), "day": pd.Timestamp("2026-01-15"),
        }
    )  # fmt: skip
    made = prepared(registered).assign(live_claim=False, paid_months=0)
    return made.sort_values("person_no", ignore_index=True)


def _changes(rows: pd.DataFrame, who: People) -> pd.DataFrame:
    """The police have the old and the new number of whoever ``changed``."""
    changed = rows[rows["story"] == "changed"]
    old = _texts(numbers(who.take(changed["of"].to_numpy())))
    frame = changed[["id_number", "name"]].set_axis(["id_key", "name_key"], axis=1)
    return frame.assign(old_id_key=old, old_name_key=None).astype(object).reset_index(drop=True)


def _paid(truth: pd.DataFrame, of: Ints, draw: np.random.Generator) -> pd.DataFrame:
    """Five years each: of one person one registration after the other, of two people at the same time; of
    three in ten nothing is on record.
    """
    again = truth["of"] != ""
    own = pd.Series(truth["entity"].to_numpy() == of, truth.index)
    turn = truth[own].groupby("entity").cumcount().add(1).reindex(truth.index, fill_value=0)
    on_record = draw.random(len(truth)) < 0.7
    people_paid = pd.concat(
        [
            truth.loc[again & on_record, ["person_no"]].assign(first=FIRST_MONTH + 60 * turn),
            truth.loc[again & on_record, ["of"]].set_axis(["person_no"], axis=1).assign(first=FIRST_MONTH),
        ]
    ).drop_duplicates("person_no", ignore_index=True)
    months = people_paid.loc[people_paid.index.repeat(60)].reset_index(drop=True)
    month = months["first"] + np.tile(np.arange(60), len(people_paid))
    return pd.DataFrame(
        {"person_no": months["person_no"], "employer": "厂" + months["person_no"], "month": month}
    )
