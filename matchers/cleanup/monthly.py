"""月份发现 — findings about a person's months, one for each person."""

import pandas as pd

from matchers.cleanup.register import Register
from matchers.schemas import Marked


def by_person(register: Register, spans: "pd.Series[str]") -> Marked:
    """record_key, district and months from spans by person; persons without a record are another check's."""
    own = spans[spans.index.isin(register.persons["person_no"])]
    numbers = pd.Series(own.index, index=own.index, dtype=object)
    return pd.DataFrame({"record_key": numbers, "district": register.districts(numbers), "months": own})
