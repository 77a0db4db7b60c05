"""惯例 — what every DAG here shares: how a run names its night, what is retried, how a step is called."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import CronPartitionTimetable, ExceptionRetryPolicy, Param, RetryAction, RetryRule

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = "{{ night_of(params, dag_run) }}"
WAITING_HELPS = ["pipelines.base.failures.DatabaseFailed", "pipelines.base.errors.Locked"]
WAITING_IS_VAIN = ["builtins.Exception"]  # a refused delivery above all


def night_of(params: Mapping[str, Any], dag_run: Any) -> str:
    """The date a person asked for, else the run's partition, else the day on which it was triggered."""
    triggered = dag_run.run_after.astimezone(SHANGHAI).date().isoformat()
    return str(params["night"] or dag_run.partition_key or triggered)


def counts(step: Callable[..., Any], night: str, *which: str) -> Any:
    """What ``step`` returns for the night: counts and paths; nothing of a person gets into the log."""
    return done(step, *which, date.fromisoformat(night))


def done(step: Callable[..., Any], *given: Any) -> Any:
    """What ``step`` returns, for whatever it is given beside the settings; nothing of a person is logged."""
    from pipelines.base import logs, modes
    from pipelines.base.failures import translated
    from pipelines.base.settings import Settings

    logs.install()
    modes.restrict()
    with translated():
        return step(Settings.load(), *given)


def report_failure(context: Mapping[str, Any]) -> None:
    """Writes the reports and sends the message of a night that was held or failed: both say so."""
    from pipelines import night as steps

    counts(steps.report, night_of(context["params"], context["dag_run"]))


def nights_at(cron: str) -> CronPartitionTimetable:
    """One run a day, which is one partition; its key is the date in Shanghai."""
    return CronPartitionTimetable(cron, timezone=SHANGHAI.key, key_format="%Y-%m-%d")


HABITS: dict[str, Any] = {
    "start_date": datetime(2026, 1, 1, tzinfo=SHANGHAI),
    "catchup": False,
    "max_active_runs": 1,
    "default_args": {
        "owner": "失业保险待遇比对",
        "retries": 3,
        "retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(hours=2),
        "retry_policy": ExceptionRetryPolicy(
            rules=[
                RetryRule(exception=WAITING_HELPS, action=RetryAction.RETRY),
                RetryRule(exception=WAITING_IS_VAIN, action=RetryAction.FAIL),
            ]
        ),
    },
    "params": {"night": Param(None, type=["null", "string"], format="date", title="比对日")},
    "user_defined_macros": {"night_of": night_of},
    "tags": ["crossmatch"],
}
