"""减员表 — which form of a person is the last one, and what its code meant on the day of filing."""

import pandas as pd

from matchers.risk.ground import Ground
from matchers.schemas import ReadForms


def forms(ground: Ground) -> ReadForms:
    """The forms with ``meaning`` (involuntary, voluntary, other or empty), what the replaced one meant
    (``before``; empty where there is none), whether another form replaced them (``replaced``); oldest first.
    """
    assert ground.forms is not None
    kept = ground.forms.sort_values(["filed_on", "form_no"]).reset_index(drop=True)
    written = kept[["reason_code", "filed_on"]].drop_duplicates()
    meanings = [ground.policy.reason(c, d.date()) for c, d in written.itertuples(index=False)]
    kept = kept.merge(written.assign(meaning=meanings), on=["reason_code", "filed_on"], how="left")
    earlier = kept.drop_duplicates("form_no", keep="last").set_index("form_no")["meaning"]
    return kept.assign(
        before=kept["replaces"].map(earlier).fillna(""),
        replaced=kept["form_no"].isin(set(kept["replaces"].dropna())),
    )


def leavers(ground: Ground) -> "pd.Series[int]":
    """How many people left each employer in the twelve months, by the forms that no other replaced."""
    kept = forms(ground)
    gone = kept[~kept["replaced"] & ground.within(kept["left_on"])]
    return gone.groupby("employer")["person"].nunique()
