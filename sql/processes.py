"""The name under which a process is seen by other sessions of the database, and whether it still works."""

import os
import pwd
import re
import socket
from pathlib import Path

FROZEN = "TtZX"
NAME = re.compile(r"crossmatch@(?P<place>.+):(?P<pid>\d+):(?P<started>\d+)")


def this_process() -> str:
    """``crossmatch@<machine>/<process namespace>:<pid>:<start in clock ticks>``, at most 63 characters."""
    return f"crossmatch@{_place()}:{os.getpid()}:{_state(os.getpid())[1]}"


def os_user() -> str:
    """The user of this machine as whom the process works, by the kernel's word; its number where unnamed."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def is_gone(name: str) -> bool:
    """Whether the process of that name is on this machine and is dead or stopped; false when unknown."""
    named = NAME.fullmatch(name)
    if not named or named["place"] != _place():
        return False
    return not is_running(int(named["pid"]), named["started"])


def is_running(pid: int, started: str | None = None) -> bool:
    """Whether the process lives, is not stopped, and is the one that started then."""
    try:
        state, began = _state(pid)
    except FileNotFoundError:
        return _is_hidden(pid)
    return state not in FROZEN and started in (None, began)


def _is_hidden(pid: int) -> bool:
    """Whether a process is there although /proc does not show it, as some systems arrange."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _state(pid: int) -> tuple[str, str]:
    """The state letter and the start in clock ticks since boot; the command in between may hold blanks."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    return fields[0], fields[19]


def _place() -> str:
    namespace = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    return f"{socket.gethostname()[:18]}/{namespace}"
