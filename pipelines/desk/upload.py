"""交来的文件 — what a browser sent, in a folder of its own that is gone after it was read."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.datastructures import UploadFile

from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.desk.visit import Visit
from pipelines.readers import guard

LONGEST_NAME = 200
REFUSED = "upload_refused"


def not_taken(visit: Visit, subject: str) -> None:
    """It is on record that somebody sent a file about this which was not taken; its name and why are not."""
    with deciding(visit.engine, beside_nights=True) as connection:
        audit.record(connection, visit.account.name, REFUSED, subject, {"address": visit.address})


@contextmanager
def unpacked(sent: UploadFile) -> Iterator[Path]:
    """The file under its own name; ``DeliveryRejected`` where the name is none that we read."""
    name = (sent.filename or "").replace("\\", "/").rpartition("/")[2]
    kind, packed = guard.kind(name)
    if len(name.encode()) > LONGEST_NAME:
        name = f"文件.{kind}" + ".gz" * packed
    with tempfile.TemporaryDirectory(prefix="desk-") as folder:
        path = Path(folder) / name
        with path.open("wb") as file:
            shutil.copyfileobj(sent.file, file)
        yield path
