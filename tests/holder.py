"""A run in a process of its own: takes the lock, says so, and obeys the lines it reads.

``write``: opens a transaction, inserts one row, says ``written``, waits for a line, commits. ``end``: ends.
"""

import sys
from datetime import datetime

from sqlalchemy import insert

import sql
from pipelines.base.errors import CrossmatchError
from pipelines.base.failures import translated
from pipelines.database.lock import held
from sql.tables import release_decision

ROW = {"subject": "s", "released_by": "甲", "reason": "", "released_at": datetime(2026, 3, 1)}


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def obey(url: str, *, shared: bool) -> None:
    engine = sql.connect(url)
    with translated(), held(engine, shared=shared) as lock:
        say("held")
        for line in sys.stdin:
            if line.strip() == "write":
                with lock.writing() as connection:
                    connection.execute(insert(release_decision).values(ROW))
                    say("written")
                    sys.stdin.readline()
            elif line.strip() == "end":
                return


if __name__ == "__main__":
    try:
        obey(sys.argv[1], shared=sys.argv[2] == "shared")
    except CrossmatchError as error:
        say(type(error).__name__)
        sys.exit(error.exit_code)
