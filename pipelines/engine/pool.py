"""进程池 — the workers of one machine: as many processes as the settings allow, each started anew."""

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from typing import Any

from pipelines.base.workers import Answer, Item, WorkerDied

DIED = "工作进程中途退出，可能内存不足；请减小 threads 或增加内存，然后重新运行"


class Pool:
    """See ``base.workers.Workers``; no process lives longer than the items of its call."""

    def __init__(self, processes: int) -> None:
        self.shares = processes

    def run(
        self,
        function: Callable[[Item], Answer],
        items: Iterable[Item],
        initializer: Callable[[], Any] | None = None,
    ) -> list[Answer]:
        """See ``base.workers.Workers``."""
        coming = iter(items)
        first = list(islice(coming, 2))
        if self.shares == 1 or len(first) < 2:
            return [function(item) for item in chain(first, coming)]
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self.shares, fresh, initializer=initializer) as processes:
            try:
                ahead = [processes.submit(function, item) for item in chain(first, coming)]
                return [answer.result() for answer in ahead]
            except BrokenProcessPool:
                raise WorkerDied(DIED) from None
            finally:
                processes.shutdown(cancel_futures=True)
