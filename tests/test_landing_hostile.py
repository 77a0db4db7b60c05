import resource

import pytest

from expectations.feed import feed
from pipelines.errors import DeliveryRejected
from pipelines.readers import land
from tests.hostile import FILES, LEGAL

PEOPLE = ("510292197905014432", "王超")


def test_the_corpus_holds_at_least_sixty_files():
    assert len(FILES.keys() - LEGAL) >= 60


@pytest.mark.parametrize("name", sorted(FILES.keys() - LEGAL))
def test_a_hostile_file_is_refused_with_a_reason_that_names_no_person(name, tmp_path):
    (tmp_path / "in").mkdir()
    path = FILES[name](tmp_path / "in")
    with pytest.raises(DeliveryRejected) as refusal:
        land(path, feed("deaths"), tmp_path / "out", part="p")
    assert len(str(refusal.value)) > 10
    assert not any(person in str(refusal.value) for person in PEOPLE)


@pytest.mark.parametrize("name", sorted(LEGAL))
def test_an_odd_but_legal_file_lands_with_every_row_accounted_for(name, tmp_path):
    (tmp_path / "in").mkdir()
    done = land(FILES[name](tmp_path / "in"), feed("deaths"), tmp_path / "out", part="p")
    assert done.rows_read == done.rows_landed + done.rows_rejected + done.rows_dropped


def test_no_reader_process_grew_beyond_bounds():
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 512 << 10
