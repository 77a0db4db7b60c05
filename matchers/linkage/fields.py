"""字段 — the compared fields, in the order in which they are compared, stored and explained."""

from matchers.linkage.compare import LevelFeature, PositionCompare
from matchers.linkage.field_levels import (
    BirthFeature,
    DistrictFeature,
    EmployerFeature,
    PhoneFeature,
    SexFeature,
)
from matchers.linkage.name_levels import NameFeature
from matchers.linkage.number_levels import NumberFeature

EMPLOYER = ["employer_name", "employer_uscc"]
FIELDS: dict[str, type[LevelFeature]] = {
    "name": NameFeature,
    "id_number": NumberFeature,
    "birth_date": BirthFeature,
    "sex": SexFeature,
    "phone": PhoneFeature,
    "district": DistrictFeature,
    "employer": EmployerFeature,
}
SIZES = {field: len(feature.levels) for field, feature in FIELDS.items()}
RECIPIENT = ["name_key", "id_key", "birth_date", "sex", "phone", "district", *EMPLOYER]
ROW = ["name_key", "id_number", "birth_date", "sex", "phone", "district", *EMPLOYER]


def comparison() -> PositionCompare:
    """All fields of recipients (``RECIPIENT``) and rows (``ROW``) as levels, int8, in a frame."""
    return PositionCompare(
        [
            NameFeature("name_key", "name_key", label="name"),
            NumberFeature("id_key", "id_number", label="id_number"),
            BirthFeature("birth_date", "birth_date", label="birth_date"),
            SexFeature("sex", "sex", label="sex"),
            PhoneFeature("phone", "phone", label="phone"),
            DistrictFeature("district", "district", label="district"),
            EmployerFeature(EMPLOYER, EMPLOYER, label="employer"),
        ]
    )
