"""登记 — recipients and rows as the model compares them: one entry for every name a recipient has had."""

import pandas as pd

from matchers.linkage.fields import RECIPIENT, ROW
from matchers.links import PLACE
from matchers.schemas import ComparedRecipients, ComparedRows, PersonNames, Residue

NO_NUMBER = frozenset({"dummy", "missing"})


def entries(recipients: PersonNames, former: PersonNames | None = None) -> ComparedRecipients:
    """person_id, former and the columns of ``RECIPIENT``; one more entry for every former name.

    ``recipients``: person_id and columns of ``RECIPIENT``; absent ones are empty. ``former``:
    person_id, name_key.
    """
    present = recipients.reindex(columns=["person_id", *RECIPIENT]).assign(former=False)
    if former is None or former.empty:
        return present.reset_index(drop=True)
    earlier = former[["person_id", "name_key"]].merge(
        present.drop(columns="name_key"), on="person_id", validate="m:1"
    )
    return pd.concat([present, earlier.assign(former=True)], ignore_index=True)[present.columns]


def comparable(rows: Residue) -> ComparedRows:
    """``PLACE`` and the columns of ``ROW``; absent columns are empty, and so are numbers that say nothing."""
    compared = rows.reindex(columns=[*PLACE, *ROW]).reset_index(drop=True)
    if "id_class" in rows:
        no_number = rows["id_class"].isin(NO_NUMBER).to_numpy()
        compared["id_number"] = compared["id_number"].mask(no_number, None)
    return compared
