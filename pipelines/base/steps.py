"""步骤日志 — one dated line for each step of a night: which, of what, how long, its counts; never a person.

Off unless the setting ``log`` asks for ``text`` or ``json``; a scheduler that keeps a log of its own takes
the same lines from the logger.
"""

import json
import logging
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from pipelines.base import clock
from pipelines.base.settings import Settings

UNCHANGED = "unchanged_for_days"  # 0: of an earlier run of the same night
LOG = logging.getLogger("pipelines.steps")
Given = ParamSpec("Given")
Done = TypeVar("Done", bound=Mapping[str, Any])
Step = Callable[Concatenate[Settings, Given], Done]


class Written(logging.Handler):
    """Writes each step to standard error as one line, ``json`` or plain."""

    def __init__(self, kind: str) -> None:
        super().__init__(logging.INFO)
        self.kind = kind

    def emit(self, record: logging.LogRecord) -> None:
        """The line of a step; what did not come from a step is not written."""
        step: dict[str, Any] | None = getattr(record, "step", None)
        if step is None:
            return
        at = clock.instant().astimezone(clock.SHANGHAI).isoformat(timespec="seconds")
        line = (
            json.dumps({"at": at, **step}, ensure_ascii=False)
            if self.kind == "json"
            else f"{at} {_plain(step)}"
        )
        print(line, file=sys.stderr, flush=True)  # noqa: T201


def logged(step: Step[Given, Done]) -> Step[Given, Done]:
    """``step``, which leaves one line when it ends; where it fails, that names the kind of its error."""

    @wraps(step)
    def run(settings: Settings, /, *args: Given.args, **kwargs: Given.kwargs) -> Done:
        _open(settings.log)
        named = {"step": step.__name__, **_named(args)}
        began = time.monotonic()
        try:
            done = step(settings, *args, **kwargs)
        except Exception as error:
            _tell({**named, "seconds": _since(began), "failed": type(error).__name__})
            raise
        _tell({**named, "seconds": _since(began), **counts(done)})
        return done

    return run


def unchanged_for(as_of: date, earlier: date | None) -> dict[str, int]:
    """What a step says that has its answer from the night ``earlier``: how many days before that was."""
    return {} if earlier is None else {UNCHANGED: (as_of - earlier).days}


def counts(done: Mapping[str, Any]) -> dict[str, int]:
    """The whole numbers of what a step returns: nothing else of it gets into a log."""
    return {str(name): n for name, n in done.items() if isinstance(n, int) and not isinstance(n, bool)}


def _named(args: tuple[object, ...]) -> dict[str, str]:
    """The feed and the night among the arguments of a step."""
    named = [("feed", a) for a in args if isinstance(a, str)]
    return dict(named + [("night", a.isoformat()) for a in args if isinstance(a, date)])


def _tell(step: dict[str, Any]) -> None:
    LOG.info("%s", _plain(step), extra={"step": step})


def _plain(step: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in step.items())


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)


def _open(kind: str) -> None:
    """The logger with one handler of this kind, or with none of ours."""
    LOG.handlers = [handler for handler in LOG.handlers if not isinstance(handler, Written)]
    if kind:
        LOG.setLevel(logging.INFO)
        LOG.addHandler(Written(kind))
