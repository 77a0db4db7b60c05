"""去处 — where the files of a clean-up lie, and what people call a district."""

from pathlib import Path

from pipelines.base.settings import Settings
from pipelines.reports import words

FOLDER = "历史清理"


def reports(settings: Settings) -> Path:
    """The folder of everything that people read of a clean-up; it is there."""
    folder = settings.reports / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def named(district: str) -> str:
    """A district as it stands in the names of files: its code; records of no district are the city's."""
    return district or words.CITY
