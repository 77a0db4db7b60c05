"""权限 — what this process writes is read by its owner and its group, and by nobody else."""

import os

OTHERS = 0o027


def restrict() -> None:
    """From here on files are made 0640 and folders 0750, or narrower where the machine says so."""
    os.umask(OTHERS | os.umask(OTHERS))
