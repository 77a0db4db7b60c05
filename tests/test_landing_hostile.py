import subprocess
import sys

import pytest

from expectations.feed import feed
from pipelines.base.errors import DeliveryRejected
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


# A process of its own, for a child's peak counts the memory of the parent that it was forked from; and for
# the same reason its own peak is asked of /proc.
PEAKS = """
import re, resource, sys
from pathlib import Path
from expectations.feed import feed
from pipelines.base.errors import DeliveryRejected
from pipelines.readers import land

def peak(paths):
    for number, path in enumerate(paths):
        try:
            land(Path(path), feed("deaths"), Path(sys.argv[1]) / str(number), part="p")
        except DeliveryRejected:
            pass
    own = int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024

paths = sys.stdin.read().split("\\0")
print(peak(paths[:1]), peak(paths))
"""


def test_refusing_the_whole_corpus_takes_no_more_than_128_megabytes_beyond_an_honest_workbook(tmp_path):
    names = ["an_honest_workbook", *sorted(FILES.keys() - LEGAL)]
    folders = {name: tmp_path / name for name in names}
    for folder in folders.values():
        folder.mkdir()
    paths = [str(FILES[name](folder)) for name, folder in folders.items()]
    measured = subprocess.run(
        [sys.executable, "-c", PEAKS, str(tmp_path / "out")],
        input="\0".join(paths), capture_output=True, check=True, text=True,
    )  # fmt: skip
    honest, hostile = map(int, measured.stdout.split())
    assert hostile - honest < 128
