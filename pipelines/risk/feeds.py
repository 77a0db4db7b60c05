"""数据源行 — what the rules read of the agencies' extracts, cut to the people and employers that matter."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from matchers.schemas import AnyRows, RiskChanges
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.deliveries import in_use
from pipelines.engine.seam import MatchEngine, match_engine
from pipelines.risk.keys import Keys
from sql import risk

READ = ("contributions", "staff_reductions", "deaths", "hires", "identity_changes", "business_roles")
DAYS = ("joined_on", "left_on", "filed_on", "received_on", "died_on", "hired_on", "delivered_on")


def extracts(settings: Settings, engine: Engine, as_of: date) -> dict[str, tuple[Path, ...]]:
    """The extracts in use of each feed that the rules read and that is available."""
    store = Store(settings.store)
    used = {name: in_use(engine, name, as_of, store) for name in READ}
    return {name: u.extracts for name, u in used.items() if u.available and u.extracts}


def rows(
    settings: Settings, used: Mapping[str, tuple[Path, ...]], people: Iterable[str], month: int
) -> dict[str, AnyRows]:
    """The rows by what they are for: ``contributions`` of ``people``, all ``staff_reductions`` …, ``late`` of
    everybody, ``kinds`` and ``steady`` of employers.
    """
    made: dict[str, pd.DataFrame] = {}
    reading = chain.from_iterable(used.values())
    with match_engine(settings, reading) as engine, Store(settings.store).scratch() as scratch:
        wanted = scratch / "people.parquet"
        pd.DataFrame({"person": sorted(set(people))}, dtype="string").to_parquet(wanted, index=False)
        engine.register("people", [wanted])
        for name, extract in used.items():
            engine.register("extract", extract)
            statements = [name] if name != "contributions" else ["contributions", "late", "kinds", "steady"]
            for statement in statements:
                made[statement] = _rows(engine, statement, month, name, scratch / f"{statement}.parquet")
    return made


def _rows(engine: MatchEngine, statement: str, month: int, feed: str, path: Path) -> pd.DataFrame:
    engine.write(risk(statement).format(first=month - 12, last=month), path)
    frame = pd.read_parquet(path)
    frame = frame.assign(**{c: pd.to_datetime(frame[c]) for c in DAYS if c in frame})
    if "delivered_on" in frame:
        frame = frame.assign(
            feed=feed, delivery_id=feed + "/" + frame["delivered_on"].dt.strftime("%Y-%m-%d")
        )
    text_columns = frame.select_dtypes("object").columns
    return frame.assign(**{c: frame[c].where(frame[c].notna(), None) for c in text_columns})


def employers(*frames: pd.DataFrame | None) -> dict[str, str]:
    """employer_id → USCC, as the frames (employer_id, employer_uscc) have it; of several the smallest."""
    usccs: dict[str, str] = {}
    for frame in frames:
        if frame is not None:
            both = (
                frame[["employer_id", "employer_uscc"]].dropna().sort_values(["employer_id", "employer_uscc"])
            )
            both = both.drop_duplicates("employer_id")
            usccs |= dict(zip(both["employer_id"], both["employer_uscc"], strict=True))
    return usccs


def employer(frame: AnyRows, usccs: Mapping[str, str]) -> "pd.Series[Any]":
    """The employer of each row: its USCC, or that of its number, or the number."""
    own = frame["employer_uscc"]
    if "employer_id" not in frame:
        return own
    return own.fillna(frame["employer_id"].map(dict(usccs))).fillna(frame["employer_id"])


def changes(frame: AnyRows, keys: Keys) -> RiskChanges:
    """Registered changes, numbers and names as keys."""
    columns = ("number", "old_number", "name", "old_name")
    return pd.DataFrame({c: keys.column(frame[c]) for c in columns}, columns=columns)
