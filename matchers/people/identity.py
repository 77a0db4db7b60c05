"""身份 — who is who where an ID number is certain: equal, converted or a former one by a change of identity.

Whoever cannot be held apart is asked about (``questions``), never accused. Frames of recipients carry
person_id, id_kind, id_text, id_class, id_key, name_key, sex, birth_date, phone; id_key is empty where the
own number is unusable. Spec of the tiers: an exact key and an equal name is ``exact`` (``converted`` where
one side has fifteen digits), a former number or name ``alias``, another name ``name_differs``; where the rest
of the row contradicts the number, ``rest_differs`` with an equal name, else a question.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from matchers.evidence import digest
from matchers.links import PLACE
from matchers.people.names import contradicts
from matchers.schemas import Identities, Questions, Recipients, RecipientsByKey, RecipientsByName, shown

QUESTION = [
    "question_id",
    "kind",
    "person_id",
    "feed",
    "delivery_id",
    "file",
    "line",
    "probability",
    "explanation",
]


@shown("recipients_by_key", "recipients_by_name", "identities")
@dataclass(frozen=True, slots=True)
class Register:
    """Under which keys and names each recipient may be met.

    ``keys``: id_key, person_id, own (False: a former or later number); key id_key and person_id.
    ``names``: person_id, name_key, present (False: a former or later name).
    ``identities``: person_id, identity, identity_sure (False: only the number says that they are one).
    """

    keys: RecipientsByKey
    names: RecipientsByName
    identities: Identities


def register(recipients: Recipients, changes: pd.DataFrame) -> Register:
    """The register of the night; chains of ``changes`` (id_key, old_id_key, name_key, old_name_key) count.

    A chain counts for a recipient only where one of its names is the recipient's own.
    """
    own = recipients.loc[recipients["id_key"].notna(), ["id_key", "person_id"]]
    group = _chains(changes)
    chained = own.assign(group=own["id_key"].map(group).astype(object)).dropna(subset="group")
    grouped = changes.assign(group=changes["id_key"].map(group).astype(object))
    names = pd.concat(
        grouped[["group", column]].rename(columns={column: "name_key"})
        for column in ("name_key", "old_name_key")
    )
    names = names[names["name_key"].fillna("") != ""].drop_duplicates()
    present = recipients[["person_id", "name_key"]]
    borne = chained.merge(names, on="group", validate="m:m").merge(
        present.rename(columns={"name_key": "present_name"}), on="person_id", validate="m:1"
    )
    trusted = borne.loc[borne["name_key"] == borne["present_name"], ["person_id", "group"]].drop_duplicates()
    numbers = group.rename_axis("id_key").rename("group").reset_index()
    former = trusted.merge(numbers, on="group", validate="m:m")[["id_key", "person_id"]]
    keys = pd.concat([own.assign(own=True), former.assign(own=False)])
    keys = keys.drop_duplicates(["id_key", "person_id"]).reset_index(drop=True)
    other_names = borne.merge(trusted, on=["person_id", "group"], validate="m:1")[["person_id", "name_key"]]
    all_names = pd.concat([present.assign(present=True), other_names.assign(present=False)])
    all_names = all_names.drop_duplicates(["person_id", "name_key"]).reset_index(drop=True)
    return Register(keys, all_names, _identities(recipients, keys, all_names))


def _chains(changes: pd.DataFrame) -> "pd.Series[str]":
    """Each changed number → the smallest number of its chain."""
    links = changes.loc[changes["id_key"].notna() & changes["old_id_key"].notna(), ["id_key", "old_id_key"]]
    alone = changes.loc[changes["id_key"].notna(), "id_key"]
    label = {k: k for k in pd.unique(pd.concat([alone, links["id_key"], links["old_id_key"]]))}
    return pd.Series(_united(label, _pairs(links)), dtype=object)


def _pairs(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """The rows of a frame of two columns."""
    return zip(*(frame[column] for column in frame), strict=True)


def _united(label: dict[str, str], pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Labels with the two ends of every pair made equal; the smallest label of a group stands for it."""

    def root(key: str) -> str:
        while label[key] != key:
            label[key] = label[label[key]]
            key = label[key]
        return key

    for a, b in pairs:
        first, second = sorted((root(a), root(b)))
        label[second] = first
    return {key: root(key) for key in label}


def _identities(recipients: Recipients, keys: RecipientsByKey, names: RecipientsByName) -> Identities:
    """Which registrations are one person: those of one number; by a change of identity, those of one name."""
    own = keys[keys["own"].astype(bool)].sort_values(["id_key", "person_id"])
    same_number = own.assign(first=own.groupby("id_key")["person_id"].transform("first"))
    changed = keys[~keys["own"].astype(bool)].drop(columns="own").rename(columns={"person_id": "first"})
    met = changed.merge(keys[["id_key", "person_id"]], on="id_key", validate="m:m")
    borne = names[["person_id", "name_key"]].dropna()
    named = met.merge(borne.rename(columns={"person_id": "first"}), on="first", validate="m:m")
    same_name = named.merge(borne, on=["person_id", "name_key"], validate="m:1")
    pairs = pd.concat([same_number, same_name])[["first", "person_id"]]
    label = _united({p: p for p in recipients["person_id"]}, _pairs(pairs.drop_duplicates()))
    identities = recipients[["person_id"]].assign(identity=recipients["person_id"].map(label))
    members = identities.groupby("identity")["person_id"].size()
    called = names.assign(identity=names["person_id"].map(label)).groupby(["identity", "name_key"])
    agreeing = called["person_id"].nunique().groupby("identity").max()
    return identities.assign(identity_sure=identities["identity"].map(agreeing == members))


def tiers(
    matched: pd.DataFrame,
    recipients: Recipients,
    register: Register,
    decisions: Mapping[str, str] = MappingProxyType({}),
) -> tuple[pd.DataFrame, pd.DataFrame]:
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
    group = answers.groupby(several["identity"])
    different = group.transform(lambda given: (given == "different").any()).astype(bool)
    same = group.transform(lambda given: (given == "same").any()).astype(bool)
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
    return [";".join(n for n, differs in zip(names, row, strict=True) if differs) for row in rest.to_numpy()]


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
    other_name = pd.Series(
        [
            contradicts(a, b)
            for a, b in zip(differs["name_key"], person.map(who["name_key"]).fillna(""), strict=True)
        ],
        index=differs.index,
        dtype=bool,
    )
    doubtful[differs.index] = other_name & nothing_else
    return doubtful


def doubt_ids(rows: pd.DataFrame, feed: str) -> "pd.Series[str]":
    """The number of the question that each row of somebody else's number raises; one per person and name."""
    ids = [
        digest(["one_id_two_persons", person, feed, name])
        for person, name in zip(rows["person_id"], rows["name_key"].fillna(""), strict=True)
    ]
    return pd.Series(ids, index=rows.index, dtype=object)


def doubts(rows: pd.DataFrame, feed: str) -> Questions:
    """One ``one_id_two_persons`` question per recipient, feed and name, at its first row: ``QUESTION``."""
    first = rows.sort_values(["delivered_on", "file", "line"]).drop_duplicates(["person_id", "name_key"])
    asked = first.assign(
        kind="one_id_two_persons",
        feed=feed,
        probability=np.nan,
        explanation='{"sentence": "号码相同而姓名及其他信息不同，可能是他人误用该号码"}',
        question_id=doubt_ids(first, feed),
    )
    return asked[QUESTION]


def shared(register: Register) -> Questions:
    """Questions about registrations that share a number: ``two_person_ids`` where they share a name, else
    ``shared_id``; one for each registration, in the columns of ``QUESTION``.
    """
    identities = register.identities
    several = identities[identities["identity"].duplicated(keep=False)]
    kind = several["identity_sure"].map({True: "two_person_ids", False: "shared_id"})
    words = kind.map(
        {
            "two_person_ids": '{"sentence": "同一人登记了多个个人编号"}',
            "shared_id": '{"sentence": "多名领取人员登记了同一证件号码"}',
        }
    )
    asked = several[["person_id"]].assign(
        kind=kind,
        feed="recipient",
        delivery_id="",
        file="recipient",
        line=0,
        probability=np.nan,
        explanation=words,
    )
    numbered = [digest([k, p]) for k, p in zip(asked["kind"], asked["person_id"], strict=True)]
    return asked.assign(question_id=numbered)[QUESTION]


def born_and_sex(keys: "pd.Series[str]") -> pd.DataFrame:
    """What keys hold of their bearers: birth_date and sex (``M``, ``F``), missing for every other key."""
    key = keys.astype(object).where(keys.str.fullmatch(r"\d{17}[\dX]", na=False).astype(bool))
    born = pd.to_datetime(key.str[6:14], format="%Y%m%d", errors="coerce")
    odd = pd.to_numeric(key.str[16]) % 2 == 1
    sex = pd.Series(np.where(odd, "M", "F"), index=keys.index, dtype=object).where(key.notna(), None)
    return pd.DataFrame({"birth_date": born, "sex": sex})
