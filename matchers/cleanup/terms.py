"""期限的把握 — what a clean-up says of each claim's months on record, for the nights that judge EXHAUSTED."""

import json

import numpy as np
import pandas as pd

from matchers.causes.exhausted import DOUBTFUL, REPRODUCED
from matchers.schemas import CheckedTerms, Terms

TERM = ["claim_id", "term"]


def terms(checks: CheckedTerms, too_few: "pd.Index[str]") -> Terms:
    """``TERM``: the claims whose months were ``reproduced`` to the month, and those that are ``doubtful``.

    ``checks``: claim_id, recorded, exact, direction, expected_if. ``too_few``: claims of which a finding that
    too little was granted is open. Where an open merge would give more months than are on record, the term
    is doubtful too; every other claim is absent.
    """
    more = [
        any(months > recorded for months in json.loads(text or "{}").values())
        for text, recorded in zip(checks["expected_if"], checks["recorded"], strict=True)
    ]
    doubtful = checks["claim_id"].isin(too_few) | np.array(more, bool)
    reproduced = checks["exact"].astype(bool) & (checks["direction"] == "equal")
    term = np.select([doubtful, reproduced], [DOUBTFUL, REPRODUCED], "")
    settled = checks[["claim_id"]].assign(term=term)
    return settled[settled["term"] != ""].reset_index(drop=True)
