"""The sweep of harmful files by whole nights: it finds nothing wrong, and does where a reading is wrong."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from expectations.feed import LOCAL, feeds
from tests.sweep import City, template, without_bounds

Night = Callable[[str], list[str]]
FILES = 40


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    """What is wrong with a night of files in which no notice is proven; a contract is laid over two."""
    folder = without_bounds(tmp_path)
    with pytest.MonkeyPatch.context() as patch:

        def of(contract: str) -> list[str]:
            for name in ("job_referrals", "training_referrals"):
                with (folder / f"{name}.toml").open("a", encoding="utf-8") as file:
                    file.write(contract)
            patch.setenv(LOCAL, str(folder))
            feeds.cache_clear()
            home = tmp_path / "city"
            home.mkdir()
            city = City(home, template(tmp_path))
            try:
                return city.night(Random(3), FILES, ("no_notice",))
            finally:
                city.close()

        yield of
    feeds.cache_clear()


def test_a_night_of_harmful_files_accuses_nobody(night: Night) -> None:
    assert night("") == []


def test_a_night_in_which_a_spoilt_number_counts_is_caught_in_the_file_and_by_the_accusation(
    night: Night,
) -> None:
    wrong = night("[columns.notice_no]\nnumber = false\n")
    assert [line for line in wrong if line.startswith("job_referrals.notice_no no_notice")]
    assert [line for line in wrong if line.startswith("accused")]
