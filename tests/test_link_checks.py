"""What the checks of a night's links cost where there is nothing to check."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
CHECKING_NOBODY = """
import sys
from pathlib import Path
import pandas as pd
from pipelines.base.frames import Night
from pipelines.linking import checks

night = Night(Path(sys.argv[1]))
for name in ("claims", "recipients", "identities"):
    night.keep(name, pd.DataFrame({"person_id": pd.Series(dtype=object)}))
print(checks.check(night, ()), "great_expectations" in sys.modules)
"""


def test_a_night_of_nobody_is_sound_and_loads_no_great_expectations(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CHECKING_NOBODY, str(tmp_path)]
    ran = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "() False\n"), ran.stderr
