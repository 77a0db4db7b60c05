"""Wall time, processor time and peak memory of a command and everything it starts."""

import os
import resource
import subprocess
import threading
import time
from pathlib import Path
from typing import NamedTuple

EVERY = 0.05


class Cost(NamedTuple):
    """Seconds of wall and of processor time, MB of anonymous memory at the peak, and what it printed.

    Processor time does not depend on what else the machine is doing, or hardly.
    """

    seconds: float
    processor: float
    megabytes: float
    printed: str


def run(command: list[str]) -> Cost:
    """The cost of a command; it must succeed."""
    peak = 0
    begun, used = time.perf_counter(), _processor()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        done = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not done.wait(EVERY):
                peak = max(peak, sum(map(_anonymous, descendants(child.pid))))

        watcher = threading.Thread(target=watch)
        watcher.start()
        printed = child.communicate()[0]
        seconds = time.perf_counter() - begun
        done.set()
        watcher.join()
    if child.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {child.returncode}")
    return Cost(seconds, _processor() - used, peak / 1024, printed.strip())


def own_peak() -> float:
    """MB of resident memory at the peak of this process; what started it does not count."""
    return peak(os.getpid())


def peak(process: int) -> float:
    """MB of resident memory at the peak of a process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def _processor() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def descendants(root: int) -> list[int]:
    """A process and all that it started, as far as they live."""
    processes, ahead = [], [root]
    while ahead:
        process = ahead.pop()
        processes.append(process)
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            try:
                ahead.extend(map(int, children.read_text().split()))
            except OSError:
                continue
    return processes


def _anonymous(process: int) -> int:
    try:
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
