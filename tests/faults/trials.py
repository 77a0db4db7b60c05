"""The trials: each disturbs the second night in one way, runs it again, and says what differs at the end.

A trial yields one sentence for every way in which the end was not the expected one; none is what is promised.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from tests.faults.ground import Ground, difference, order
from tests.faults.proxy import Cut, proxied
from tests.faults.runner import Order, flushed
from tests.faults.town import FIRST, SECOND, Town

LOCKED = 75
ENDS_WITHIN_SECONDS = 5
STARVES_SECONDS = 240
NEVER = 10**9


def killed_at(ground: Ground, at: int, *, again_at: int | None = None, act: str = "kill") -> Iterator[str]:
    """Ended at a crash point, the rerun at another; the night after that is let run."""
    with ground.town() as town:
        ended = ground.runner.run(order(town, *ground.command, at=at, act=act))
        if ended == 0:
            yield f"point {at} was never reached"
        if again_at is not None:
            ground.runner.run(order(town, *ground.command, at=again_at))
        yield from _made_good(ground, town)


def killed_after(ground: Ground, seconds: float) -> Iterator[str]:
    """Killed at an instant that nobody chose."""
    with ground.town() as town:
        run = ground.runner.start(order(town, *ground.command))
        clock = threading.Timer(seconds, _kill, (run.pid,))
        clock.start()
        run.ended()
        clock.cancel()
        yield from _made_good(ground, town)


def asked_to_end_at(ground: Ground, at: int, act: str) -> Iterator[str]:
    """SIGTERM or Ctrl-C: it ends within five seconds, and the rerun makes it good."""
    with ground.town() as town:
        run = ground.runner.start(order(town, *ground.command, at=at, act="wait"))
        if not run.reached():
            yield f"point {at} was never reached"
        began = time.monotonic()
        run.signal(signal.SIGTERM if act == "term" else signal.SIGINT)
        if run.ended() == 0:
            yield "it ended as if done"
        if time.monotonic() - began > ENDS_WITHIN_SECONDS:
            yield "it took too long to end"
        yield from _made_good(ground, town)


def frozen_at(ground: Ground, at: int) -> Iterator[str]:
    """Frozen, put aside by the next run, and woken: it writes nothing more."""
    with ground.town() as town:
        frozen = ground.runner.start(order(town, *ground.command, at=at, act="stop"))
        if not frozen.reached():
            yield f"point {at} was never reached"
        yield from _rerun(replace(ground, runner=ground.rival), town)
        with suppress(ProcessLookupError):
            frozen.signal(signal.SIGCONT)
        if frozen.ended() == 0:
            yield "the frozen run ended as if done"
        yield from _differs(ground, town)


def rivalled_at(ground: Ground, at: int, *, backfill: bool) -> Iterator[str]:
    """While one run is at a point a second is refused with exit code 75; the first goes on unharmed."""
    past = ("backfill", "2026-02-20", "2026-02-20", "--reason", "补跑", "--by", "稽核", "--apply")
    with ground.town() as town:
        first = ground.runner.start(order(town, *ground.command, at=at, act="wait"))
        if not first.reached():
            yield f"point {at} was never reached"
        code = ground.rival.run(order(town, *(past if backfill else ground.command)))
        if code != LOCKED:
            yield f"the second run ended with {code}"
        first.signal(signal.SIGUSR1)
        if code := first.ended():
            yield f"the first run ended with {code}"
        yield from _differs(ground, town)


def elsewhere(ground: Ground, *, zone: str, threads: int, backwards: bool) -> Iterator[str]:
    """Both nights from the beginning, in another process, zone and order: all is the same to the byte."""
    other = {"TZ": zone, "CROSSMATCH_THREADS": str(threads)}
    with ground.anew(backwards=backwards) as town:
        for night in (FIRST, SECOND):
            given = order(town, "night", night.isoformat())
            if code := ground.rival.run(replace(given, environment={**given.environment, **other})):
                yield f"it ended with {code}: {given.log.read_text('utf-8')[-300:]}"
        yield from _differs(ground, town)


def disk_full_at(ground: Ground, at: int, *, bytes_a_file: int = 0) -> Iterator[str]:
    """From a crash point on no file grows beyond so many bytes: if it needs more, it fails in one line."""
    with ground.town() as town:
        before = {k: v for k, v in town.digest().items() if k.startswith("reports/")}
        starved = order(town, *ground.command, at=at, act="full", largest_file=bytes_a_file)
        if code := ground.runner.run(starved):
            yield from _failed_in_a_line(starved, code)
        else:
            yield from _differs(ground, town)
        after = town.digest()
        if torn := [k for k, v in before.items() if after.get(k) != v]:
            yield f"older reports changed: {torn}"
        yield from _made_good(ground, town)


def out_of_memory(ground: Ground, megabytes: int) -> Iterator[str]:
    """With so much memory more than its modules take it does its work or fails, as its libraries may."""
    with ground.town() as town:
        run = ground.runner.start(order(town, *ground.command, memory_mb=megabytes))
        clock = threading.Timer(STARVES_SECONDS, _kill, (run.pid,))
        clock.start()
        if run.ended() == -signal.SIGKILL:
            yield "it hung"
        clock.cancel()
        yield from _made_good(ground, town)


def power_cut_at(ground: Ground, at: int) -> Iterator[str]:
    """Killed at a crash point, and with it goes every byte of store and reports that was not flushed."""
    with ground.town() as town:
        ended = order(town, *ground.command, at=at, act="lose")
        ground.runner.run(ended)
        kept = flushed(ended)
        for path in (p for part in ("store", "reports") for p in (town.home / part).rglob("*")):
            if path.is_file() and path.stat().st_nlink == 1 and path.stat().st_ino not in kept:
                os.truncate(path, 0)
        yield from _made_good(ground, town)


def cut_at(ground: Ground, message: int, *, after: bool) -> Iterator[str]:
    """The connection is cut before or after the server hears a message of the night."""
    assert ground.server
    with ground.town() as town, proxied(ground.server.port, Cut(message, after)) as proxy:
        through = _through(town, ground.server.port, proxy.port)
        ground.runner.run(order(through, *ground.command))
        if not proxy.done:
            yield f"message {message} was never sent"
        yield from _made_good(ground, town)


def messages(ground: Ground) -> tuple[int, list[int]]:
    """How many messages an undisturbed night sends to the server, and which of them are COMMITs."""
    assert ground.server
    with ground.town() as town, proxied(ground.server.port, Cut(NEVER, after=False)) as proxy:
        through = _through(town, ground.server.port, proxy.port)
        ground.runner.run(order(through, *ground.command))
        return proxy.heard, proxy.commits


def server_restarted_at(ground: Ground, at: int) -> Iterator[str]:
    """The server stops at once, as in a power cut, and comes back; then the night goes on as it can."""
    assert ground.server
    with ground.town() as town:
        run = ground.runner.start(order(town, *ground.command, at=at, act="wait"))
        if not run.reached():
            yield f"point {at} was never reached"
        ground.server.control("restart", "-m", "immediate")
        run.signal(signal.SIGUSR1)
        run.ended()
        yield from _made_good(ground, town)


def sampled(many: int, of: int, seed: int) -> list[int]:
    """So many numbers below ``of``, spread over it by a seed."""
    return sorted(random.Random(seed).sample(range(of), min(many, of)))


def _made_good(ground: Ground, town: Town) -> Iterator[str]:
    yield from _rerun(ground, town)
    yield from _differs(ground, town)


def _rerun(ground: Ground, town: Town) -> Iterator[str]:
    again = order(town, *ground.command)
    if (code := ground.runner.run(again)) not in ground.ends:
        yield f"the rerun ended with {code}: {again.log.read_text('utf-8')[-300:]}"


def _differs(ground: Ground, town: Town) -> Iterator[str]:
    if differing := difference(ground.expected, town.digest()):
        yield f"differs: {', '.join(differing)}"


def _failed_in_a_line(starved: Order, code: int) -> Iterator[str]:
    said = starved.log.read_text("utf-8").strip()
    if code != 1 or not said.startswith("错误：") or "\n" in said:
        yield f"it ended with {code}: {said[-300:]}"


def _through(town: Town, server: int, proxy: int) -> Town:
    """The same town, its server behind the proxy and in the clear."""
    url = town.url.replace(f":{server}/", f":{proxy}/") + "?sslmode=disable&gssencmode=disable"
    return Town(town.home, url)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
