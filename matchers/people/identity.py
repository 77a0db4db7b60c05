"""身份 — who is who where an ID number is certain: equal, converted or a former one by a change of identity.

Whoever cannot be held apart is asked about (``questions``), never accused. Spec of the tiers: an exact key
and an equal name is ``exact`` (``converted`` where one side has fifteen digits), a former number or name
``alias``, another name ``name_differs``; where the rest of the row contradicts the number, ``rest_differs``
with an equal name, else a question.
"""

from collections.abc import Mapping
from itertools import product
from types import MappingProxyType

import numpy as np
import pandas as pd

from matchers.evidence import digest
from matchers.links import PLACE
from matchers.people.names import contradicts
from matchers.people.register import Register
from matchers.schemas import BornAndSex, JoinedByKey, Recipients, TieredRows


def tiers(
    matched: JoinedByKey,
    recipients: Recipients,
    register: Register,
    decisions: Mapping[str, str] = MappingProxyType({}),
) -> tuple[TieredRows, TieredRows]:
    """Rows of one feed joined to recipients by key → (links, doubts).

    ``matched``: the feed's rows with person_id and own. ``links`` adds link_tier and ``differs`` (what of the
    row is not as the number says); ``doubts`` are rows with somebody else's valid number. A row of a number
    that several recipients share goes to the one whose name is equal, if that is exactly one, and to all of
    them if they are one person by number and name; own numbers come before former ones. ``decisions``: by
    question, ``same`` or ``different``.
    """
    if matched.empty:
        return matched.assign(link_tier=[], differs=[]), matched.assign(differs=[])
    who = recipients.set_index("person_id")
    person = matched["person_id"]
    name = matched["name_key"].fillna("")
    present = (name != "") & (name == person.map(who["name_key"]))
    by_name = pd.MultiIndex.from_frame(register.names[["person_id", "name_key"]])
    ever = (name != "") & pd.MultiIndex.from_arrays([person, name]).isin(by_name)
    fifteen = (matched["id_class"] == "valid15") != (person.map(who["id_class"]) == "valid15")
    own = matched["own"].astype(bool)
    twofold = _registered_twice(register, decisions)
    waiting = (own & present) & person.map(twofold).eq("asked")
    number = born_and_sex(matched["id_key"])
    rest = _rest(matched, who, number, own)
    differs = rest.any(axis=1)
    tier = np.select(
        [ever & differs, waiting, own & present & ~fifteen, own & present, ever],
        ["rest_differs", "two_person_ids", "exact", "converted", "alias"],
        "name_differs",
    )
    linked = matched.assign(link_tier=tier, differs=_named(rest))
    both = own & present & person.isin(twofold.index)
    linked = linked[_belongs(linked, ever, own) | both]
    doubtful = _somebody_else(linked, who, number) | (
        (linked["link_tier"] == "name_differs") & (linked["differs"] != "")
    )
    return linked[~doubtful], linked[doubtful]


def _registered_twice(register: Register, decisions: Mapping[str, str]) -> "pd.Series[str]":
    """By person_id, for registrations that share number and name: ``asked``, or ``same`` once somebody has
    decided so; those that were decided to be different are not among them.
    """
    own = register.keys[register.keys["own"].astype(bool)]
    sharing = own.loc[own["id_key"].duplicated(keep=False), "person_id"]
    several = register.identities[register.identities["person_id"].isin(sharing)]
    several = several[several["identity_sure"].astype(bool)]
    numbers = [digest(["two_person_ids", person]) for person in several["person_id"]]
    answers = pd.Series(
        [decisions.get(number, "asked") for number in numbers], index=several.index, dtype=object
    )
    different = (answers == "different").groupby(several["identity"]).transform("any")
    same = (answers == "same").groupby(several["identity"]).transform("any")
    state = pd.Series(np.where(same, "same", "asked"), index=several["person_id"], dtype=object)
    return state[~different.to_numpy()]


def _rest(
    rows: pd.DataFrame, who: pd.DataFrame, number: pd.DataFrame, own: "pd.Series[bool]"
) -> pd.DataFrame:
    """Whether each row's own birth date or sex is another: birth_date_differs, sex_differs.

    Compared with ``number``, what the row's number holds of them; a passport holds nothing, then with what is
    registered. A row linked by a change of identity is compared with the recipient's own. Where a side lacks
    it, nothing differs.
    """
    person = rows["person_id"]
    registered = {c: person.map(who[c]) for c in ("birth_date", "sex")}
    born, sex = (number[c].where(own, registered[c]).fillna(registered[c]) for c in ("birth_date", "sex"))
    return pd.DataFrame(
        {
            "birth_date_differs": rows["birth_date"].notna() & born.notna() & (rows["birth_date"] != born),
            "sex_differs": rows["sex"].notna() & sex.notna() & (rows["sex"] != sex),
        }
    )


def _named(rest: pd.DataFrame) -> list[str]:
    """The names of the columns that differ in each row, joined by ``;``."""
    names = [str(c) for c in rest]
    spelt = {
        row: ";".join(name for name, differs in zip(names, row, strict=True) if differs)
        for row in product((False, True), repeat=len(names))
    }
    return [spelt[row] for row in rest.itertuples(index=False, name=None)]


def _belongs(rows: pd.DataFrame, named: "pd.Series[bool]", own: "pd.Series[bool]") -> "pd.Series[bool]":
    """Whether a row is the person's: alone under the number, or the only one there with the row's name.

    Whose own number it is comes before those who had it before or after a change of identity.
    """
    place = [rows[c] for c in PLACE]
    holders = rows.groupby(PLACE)["person_id"].transform("size")
    holding = named & own
    own_named = holding.groupby(place).transform("sum")
    namesakes = named.groupby(place).transform("sum")
    return (holders == 1) | (holding & (own_named == 1)) | (named & (namesakes == 1))


def _somebody_else(rows: pd.DataFrame, who: pd.DataFrame, number: pd.DataFrame) -> "pd.Series[bool]":
    """Rows whose name contradicts the recipient's, where nothing else is there to go by: no birth date or sex
    on one side (``number`` holds those of the rows' numbers), no equal telephone.
    """
    doubtful = pd.Series(False, index=rows.index)
    differs = rows[(rows["link_tier"] == "name_differs") & (rows["name_key"].fillna("") != "")]
    if differs.empty:
        return doubtful
    person = differs["person_id"]
    born = number["birth_date"].loc[differs.index].fillna(person.map(who["birth_date"]))
    sex = number["sex"].loc[differs.index].fillna(person.map(who["sex"]))
    same_phone = differs["phone"].notna() & (differs["phone"] == person.map(who["phone"]))
    no_birth = differs["birth_date"].isna() | born.isna()
    nothing_else = no_birth & (differs["sex"].isna() | sex.isna()) & ~same_phone
    pairs = list(zip(differs["name_key"], person.map(who["name_key"]).fillna(""), strict=True))
    contradicting = {pair: contradicts(*pair) for pair in set(pairs)}
    other_name = pd.Series([contradicting[pair] for pair in pairs], index=differs.index, dtype=bool)
    doubtful[differs.index] = other_name & nothing_else
    return doubtful


def born_and_sex(keys: "pd.Series[str]") -> BornAndSex:
    """What keys hold of their bearers: birth_date and sex (``M``, ``F``), missing for every other key."""
    places, distinct = pd.factorize(keys.astype(object), use_na_sentinel=False)
    each = pd.Series(distinct, dtype=object)
    key = each.where(each.str.fullmatch(r"\d{17}[\dX]", na=False).astype(bool))
    born = pd.to_datetime(key.str[6:14], format="%Y%m%d", errors="coerce")
    odd = pd.to_numeric(key.str[16]) % 2 == 1
    sex = pd.Series(np.where(odd, "M", "F"), dtype=object).where(key.notna(), None)
    held = pd.DataFrame({"birth_date": born, "sex": sex})
    return held.take(places).set_axis(keys.index)
