"""节流 — work that takes a processor and much memory: a few at once, a few in waiting, no address too often.

Each process counts for itself; what bars an account is in the database.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from pipelines.desk.visit import Refused

AT_ONCE: Final = 2
WAITING: Final = 40
A_MINUTE: Final = 60
MINUTE: Final = 60.0
ADDRESSES: Final = 10_000
OFTEN: Final = "从您的地址提交得太频繁，没有处理；请一分钟后再试"
FULL: Final = "此刻登录的人过多，没有处理；请稍后再试"
T = TypeVar("T")


class Brake:
    """Threads of their own, so that pages are answered whatever waits here."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, "dear")
        self._inside = 0
        self._came: dict[str, deque[float]] = {}

    async def run(self, address: str, work: Callable[[], T]) -> T:
        """What ``work`` returns; ``Refused`` (429) at once where the address or everybody asks too much.

        Only the first refusal of an address in a minute is on record: a flood does not fill the audit.
        """
        self._require_room(address)
        self._inside += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._inside -= 1

    def _require_room(self, address: str) -> None:
        now = time.monotonic()
        if len(self._came) >= ADDRESSES:
            self._came = {a: came for a, came in self._came.items() if now - came[-1] < MINUTE}
        came = self._came.setdefault(address, deque(maxlen=A_MINUTE + 1))
        while came and now - came[0] >= MINUTE:
            came.popleft()
        if len(came) > A_MINUTE:
            raise Refused(429, OFTEN, on_record=False)
        came.append(now)
        if len(came) > A_MINUTE:
            raise Refused(429, OFTEN)
        if self._inside >= AT_ONCE + WAITING:
            raise Refused(429, FULL, on_record=False)
