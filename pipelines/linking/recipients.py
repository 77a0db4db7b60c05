"""领取人员 — the benefit side of a night: the claims that are checked, their payments and whose they are."""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import Engine

from expectations.feed import nothing
from matchers.people import identity, resident_id
from matchers.schemas import Recipients, RegisteredRecipients
from matchers.text import fold_array, name_key
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.database import agency
from pipelines.decisions import cleaned
from pipelines.readers.nothing import Words, words_for_nothing

BENEFIT = ("claims", "payments", "recipients", "terms", "one_employer")


def gather(settings: Settings, engine: Engine, as_of: date) -> Night:
    """The night, with its ``BENEFIT`` frames kept as they were read, in one transaction.

    ``recipients`` holds those without a checked claim too where they share a number with one who has.
    """
    night = Night.of(settings, as_of)
    with engine.connect() as connection:
        claims = agency.claims(connection, as_of, settings.lookback_months)
        payments = agency.payments(connection, as_of, settings.lookback_months)
        everybody = prepared(agency.recipients(connection))
        night.keep("terms", cleaned.checked_terms(connection))
        night.keep("one_employer", cleaned.one_employer(connection))
    night.keep("claims", agency.last_benefit_months(claims, payments, as_of))
    night.keep("payments", payments)
    night.keep("recipients", _concerned(everybody, claims["person_id"]))
    return night


def prepared(registered: RegisteredRecipients) -> Recipients:
    """Recipients as registered, with id_text, id_class, id_key, id_usable and name_key.

    A resident's own number must be sound to be a key; a passport is its own. Birth date and sex that are not
    registered are those of the number.
    """
    texts, keys, classes, _ = resident_id.normalise_array(_text(registered["id_number"]), _nothing())
    names, _ = fold_array(_text(registered["name"]), name_key)
    recipients = registered.assign(
        id_text=texts.to_pylist(),
        id_class=np.array(resident_id.CLASSES, dtype=object)[classes],
        id_key=pd.Series(keys.to_pylist(), index=registered.index, dtype=object),
        name_key=names.to_pylist(),
    )
    foreign = (recipients["id_class"] == "other") & (recipients["id_kind"] != "resident_id")
    usable = recipients["id_class"].isin(resident_id.USABLE) | (foreign & recipients["id_key"].notna())
    key = recipients["id_key"].where(usable, None)
    number = identity.born_and_sex(key)
    return recipients.assign(
        id_usable=usable,
        id_key=key,
        birth_date=recipients["birth_date"].fillna(number["birth_date"]),
        sex=recipients["sex"].fillna(number["sex"]),
    )


def _concerned(everybody: pd.DataFrame, checked: "pd.Series[str]") -> Recipients:
    """The people of the checked claims, and whoever is registered under a number of theirs."""
    own = everybody["person_id"].isin(set(checked))
    shared = everybody["id_key"].isin(set(everybody.loc[own, "id_key"].dropna()))
    return everybody[own | shared].reset_index(drop=True)


def _nothing() -> Words:
    """The words for nothing in the agency's own records: those of every feed's numbers."""
    return words_for_nothing(nothing("id_number"))


def _text(column: "pd.Series[str]") -> pa.StringArray:
    return pa.array(column.fillna("").astype(object), pa.string())
