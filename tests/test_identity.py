"""Who is who where a number is certain: one sentence for every tier, every doubt and every shared number."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

from matchers.evidence import digest
from matchers.people import identity, questions
from matchers.people.register import register
from matchers.people.resident_id import check_character, normalise
from matchers.text import name_key
from pipelines.linking.recipients import prepared


def number(born: str = "19850505", serial: str = "003") -> str:
    """A well-formed number in a region code that was never given out."""
    return f"500199{born}{serial}" + check_character(f"500199{born}{serial}")


def short(of: str) -> str:
    """The number of fifteen digits that the same person had before."""
    return of[:6] + of[8:17]


OWN, OLD, OLDEST = number(), number("19850506"), number("19850507")
NAME, OTHER = "赵一鸣", "钱思远"
PERSON = {
    "person_id": "P1", "id_kind": "resident_id", "id_number": OWN, "name": NAME,
    "sex": "M", "birth_date": pd.Timestamp(1985, 5, 5), "phone": "19900000001",
}  # fmt: skip
ROW = {"id_number": OWN, "name": NAME, "sex": None, "birth_date": pd.NaT, "phone": None}


def people(*registered: dict[str, Any]) -> pd.DataFrame:
    return normalised([{**PERSON, **one} for one in registered])


def normalised(people: list[dict[str, Any]]) -> pd.DataFrame:
    numbers = [normalise(one["id_number"], frozenset()) for one in people]
    return pd.DataFrame(people).assign(
        birth_date=pd.to_datetime([one["birth_date"] for one in people]),
        name_key=[name_key(one["name"]) for one in people],
        id_class=[n.id_class for n in numbers],
        id_key=[n.key for n in numbers],
    )


def change(new: str, old: str | None = None, name: str = NAME, old_name: str | None = None) -> dict[str, Any]:
    return {"id_key": new, "old_id_key": old, "name_key": name, "old_name_key": old_name}


def changed(*changes: dict[str, Any]) -> pd.DataFrame:
    columns = ["id_key", "old_id_key", "name_key", "old_name_key"]
    return pd.DataFrame(list(changes), columns=columns, dtype=object)


def links(
    recipients: pd.DataFrame,
    changes: pd.DataFrame,
    decisions: Mapping[str, str] = MappingProxyType({}),
    **row: Any,
) -> tuple[list[tuple[str, str]], list[str]]:
    """The person and tier that one row is linked to, and the persons it raises a question about."""
    rows = normalised([{**ROW, **row}]).assign(delivery_id="hires/2026-10-10", file="hires.csv", line=2)
    registered = register(recipients, changes)
    matched = rows.merge(registered.keys, on="id_key").reset_index(drop=True)
    linked, doubts = identity.tiers(matched, recipients, registered, decisions)
    return [(str(p), str(t)) for p, t in zip(linked["person_id"], linked["link_tier"], strict=True)], list(
        doubts["person_id"]
    )


def kinds(recipients: pd.DataFrame, changes: pd.DataFrame) -> dict[str, str]:
    """The questions about registrations, by person."""
    asked = questions.shared(register(recipients, changes))
    return dict(zip(asked["person_id"], asked["kind"], strict=True))


@pytest.mark.parametrize(
    ("registered", "row", "tier"),
    [
        ({}, {}, "exact"),
        ({}, {"id_number": f"'{OWN[:6]} {OWN[6:].lower()}"}, "exact"),
        ({"name": "古丽·买买提"}, {"name": "古丽 • 买买提"}, "exact"),
        ({}, {"name": f"{NAME}（大）"}, "exact"),
        ({}, {"id_number": short(OWN)}, "converted"),
        ({"id_number": short(OWN)}, {}, "converted"),
        ({"id_number": short(OWN)}, {"id_number": short(OWN)}, "exact"),
        ({}, {"name": "赵一明"}, "name_differs"),
        ({}, {"name": "赵思远"}, "name_differs"),
        ({}, {"name": ""}, "name_differs"),
        ({}, {"name": OTHER, "birth_date": pd.Timestamp(1985, 5, 5)}, "name_differs"),
        ({}, {"name": OTHER, "phone": "19900000001"}, "name_differs"),
        ({"id_number": "E9900001"}, {"id_number": "e9900001"}, "exact"),
    ],
)
def test_a_number_that_agrees_is_a_link_of_the_tier_that_the_name_allows(
    registered: dict[str, Any], row: dict[str, Any], tier: str
) -> None:
    assert links(people(registered), changed(), **row) == ([("P1", tier)], [])


@pytest.mark.parametrize(
    ("registered", "row"),
    [
        ({}, {}),
        ({}, {"phone": "19900000002"}),
        ({}, {"birth_date": pd.Timestamp(1991, 1, 1)}),
        ({}, {"sex": "F", "birth_date": pd.Timestamp(1985, 5, 5)}),
        ({"id_number": "E9900001"}, {"id_number": "E9900001", "birth_date": pd.Timestamp(1991, 1, 1)}),
        (
            {"id_number": "E9900001", "birth_date": pd.NaT},
            {"id_number": "E9900001", "birth_date": pd.Timestamp(1991, 1, 1)},
        ),
    ],
)
def test_a_name_that_contradicts_is_asked_about_where_nothing_else_agrees(
    registered: dict[str, Any], row: dict[str, Any]
) -> None:
    assert links(people(registered), changed(), name=OTHER, **row) == ([], ["P1"])


@pytest.mark.parametrize(
    ("changes", "row", "tier"),
    [
        ([change(OWN, OLD)], {"id_number": OLD}, "alias"),
        ([change(OWN, OLD), change(OLD, OLDEST)], {"id_number": OLDEST}, "alias"),
        ([change(OLD, OWN)], {"id_number": OLD}, "alias"),
        ([change(OWN, old_name="赵大鸣")], {"name": "赵大鸣"}, "alias"),
        ([change(OWN, OLD, old_name="赵大鸣")], {"id_number": OLD, "name": "赵大鸣"}, "alias"),
        ([change(OWN, name="赵新鸣", old_name=NAME)], {"name": "赵新鸣"}, "alias"),
        ([change(OWN, OLD), change(OLD, old_name="赵大鸣")], {"name": "赵大鸣"}, "alias"),
        ([change(OWN, OLD)], {"id_number": short(OLD)}, "alias"),
        ([change(OWN, OLD)], {"id_number": OLD, "name": "赵小鸣"}, "name_differs"),
        ([change(OWN, OLD)], {}, "exact"),
    ],
)
def test_a_former_number_or_name_on_record_is_an_alias(
    changes: list[dict[str, Any]], row: dict[str, Any], tier: str
) -> None:
    assert links(people({}), changed(*changes), **row) == ([("P1", tier)], [])


def test_a_change_under_other_names_says_nothing_of_the_recipient() -> None:
    somebody = changed(change(OWN, OLD, name=OTHER, old_name="孙丽"))
    assert links(people({}), somebody, id_number=OLD) == ([], [])


def test_a_number_of_nobody_here_links_nobody() -> None:
    assert links(people({}), changed(), id_number=OLD) == ([], [])


@pytest.mark.parametrize(
    ("name", "linked"), [(NAME, [("P1", "exact")]), (OTHER, [("P2", "exact")]), ("孙丽", [])]
)
def test_a_shared_number_goes_by_the_name(name: str, linked: list[tuple[str, str]]) -> None:
    two = people({}, {"person_id": "P2", "name": OTHER})
    assert links(two, changed(), name=name) == (linked, [])
    assert kinds(two, changed()) == {"P1": "shared_id", "P2": "shared_id"}


def test_one_person_under_two_numbers_of_the_register_is_asked_about_and_looked_at_on_both() -> None:
    two = people({}, {"person_id": "P2", "id_number": short(OWN)})
    assert links(two, changed()) == ([("P1", "two_person_ids"), ("P2", "two_person_ids")], [])
    assert kinds(two, changed()) == {"P1": "two_person_ids", "P2": "two_person_ids"}


def test_a_question_about_registrations_of_one_number_names_the_others() -> None:
    three = people({}, {"person_id": "P2", "name": OTHER}, {"person_id": "P3", "id_number": OLD})
    explained = questions.shared(register(three, changed()))["explanation"].map(json.loads)
    assert [parts["others"] for parts in explained] == [["P2"], ["P1"]]


@pytest.mark.parametrize(
    ("answer", "tiers"), [("same", {"P1": "exact", "P2": "converted"}), ("different", {})]
)
def test_who_is_registered_twice_is_linked_as_the_number_allows_if_people_say_that_it_is_one_person(
    answer: str, tiers: dict[str, str]
) -> None:
    two = people({}, {"person_id": "P2", "id_number": short(OWN)})
    given = {digest(["two_person_ids", person]): answer for person in ("P1", "P2")}
    assert dict(links(two, changed(), given)[0]) == tiers


def test_a_row_goes_to_the_registration_whose_own_number_it_bears_before_a_former_one() -> None:
    two, once = people({}, {"person_id": "P2", "id_number": OLD}), changed(change(OWN, OLD))
    assert links(two, once) == ([("P1", "exact")], [])
    assert links(two, once, id_number=OLD) == ([("P2", "exact")], [])
    assert kinds(two, once) == {"P1": "two_person_ids", "P2": "two_person_ids"}


def test_who_gave_up_a_number_that_another_person_keeps_is_not_that_person() -> None:
    """Two people were once given one number; one of them has a new number since."""
    two = people({}, {"person_id": "P2", "id_number": OLD, "name": OTHER})
    corrected = changed(change(OWN, OLD))
    assert links(two, corrected, id_number=OLD, name=OTHER) == ([("P2", "exact")], [])
    assert links(two, corrected, id_number=OLD) == ([("P1", "alias")], [])
    assert kinds(two, corrected) == {}


def test_who_gave_up_a_number_that_another_person_gave_up_too_is_not_that_person() -> None:
    """Two people were once given one number; both have new numbers since."""
    another = number(serial="005")
    corrected = changed(change(OWN, OLD), change(another, OLD, name=OTHER))
    assert links(people({}), corrected, id_number=another, name=OTHER) == ([], [])
    assert links(people({}), corrected, id_number=OLD, name=OTHER) == ([], ["P1"])
    assert links(people({}), corrected, id_number=another) == ([], [])
    assert links(people({}), corrected, id_number=OLD) == ([("P1", "alias")], [])
    two = people({}, {"person_id": "P2", "id_number": another, "name": OTHER})
    assert kinds(two, corrected) == {}


def test_birth_date_and_sex_that_are_not_registered_are_read_from_a_sound_number() -> None:
    unknown = {"sex": None, "birth_date": pd.NaT}
    registered = people({"id_number": number(serial="004"), **unknown}, {"id_number": "E9900001", **unknown})
    resident, foreigner = prepared(registered).to_dict("records")
    assert (resident["sex"], resident["birth_date"]) == ("F", pd.Timestamp(1985, 5, 5))
    assert foreigner["sex"] is None
    assert pd.isna(foreigner["birth_date"])


def test_what_is_registered_stands_though_the_number_says_otherwise() -> None:
    (registered,) = prepared(people({"sex": "M", "birth_date": pd.Timestamp(1980, 1, 1)})).to_dict("records")
    assert (registered["sex"], registered["birth_date"]) == ("M", pd.Timestamp(1980, 1, 1))


def test_a_recipient_without_a_number_or_a_name_is_met_by_neither() -> None:
    nobody = people({"id_number": "", "name": ""})
    assert links(nobody, changed()) == ([], [])
    assert kinds(nobody, changed()) == {}
