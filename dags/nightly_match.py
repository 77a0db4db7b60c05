"""# 夜间比对 nightly_match

每晚 01:30（北京时间）把在领、近期领过失业保险待遇的人员与各部门报送数据比对，写出停发疑点与多领核算。
一次运行 = 一夜，分区键即比对日（如 `2026-03-05`）。**本任务只提出疑点，从不停发任何人的待遇。**

## 变红时怎么办
| 方块 | 含义 | 处理 |
|---|---|---|
| `accept [某数据源]` | 该部门最新一批数据被拒收 | 日志最后一行写明文件、行号、原因，请其重报；当夜其余照常 |
| `link` `judge` | 匹配或研判出错 | 当夜未写回，待遇库与昨夜相同；修正后清除该方块重跑 |
| `write_back` | 写回出错，或被闸门拦下 | 要么全部写入要么一行未写；被拦下的，按日志所示由两人放行后重跑 |
| `report` | 报告未写全 | 结果已在库中；清除该方块，或运行 `crossmatch report <比对日>` |

数据被拒收的那一夜，依赖该数据源的情形不判、也不撤销。拒收与拦下不自动重试（等待无益）；连接中断、
库被占用每十分钟重试一次，共三次。同一夜重跑多少次，结果都一样。

* 重跑一夜：`airflow dags clear nightly_match --partition-key 2026-03-05`
* 补跑多夜（须先启用本 DAG；截止日写到 23:59:59，只写日期会漏掉最后一夜）：
  `airflow backfill create --dag-id nightly_match --from-date 2026-03-01 --to-date 2026-03-12T23:59:59`
* 手工运行：表单里选比对日；不选则为触发当天。
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
from airflow.sdk import (
    CronPartitionTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    chain,
    dag,
    task,
)

from expectations.feed import feeds

SHANGHAI = "Asia/Shanghai"
NIGHT = "{{ night_of(params, dag_run) }}"
WAITING_HELPS = ["pipelines.failures.DatabaseFailed", "pipelines.errors.Locked"]
WAITING_IS_VAIN = ["builtins.Exception"]  # a refused delivery above all


def night_of(params: Mapping[str, Any], dag_run: Any) -> str:
    """The date a person asked for, else the run's partition, else the day on which it was triggered."""
    triggered = dag_run.run_after.astimezone(ZoneInfo(SHANGHAI)).date().isoformat()
    return str(params["night"] or dag_run.partition_key or triggered)


def step(name: str, night: str, *which: str) -> dict[str, Any]:
    """The counts that a step of ``pipelines.night`` returns; a database error leaves no row in the log."""
    from pipelines import night as steps
    from pipelines.failures import told
    from pipelines.settings import Settings

    with told():
        counts: dict[str, Any] = getattr(steps, name)(Settings.load(), *which, date.fromisoformat(night))
    return counts


@dag(
    schedule=CronPartitionTimetable("30 1 * * *", timezone=SHANGHAI, key_format="%Y-%m-%d"),
    start_date=pendulum.datetime(2026, 1, 1, tz=SHANGHAI),
    catchup=False,
    max_active_runs=1,
    default_args={
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
    params={"night": Param(None, type=["null", "string"], format="date", title="比对日")},
    user_defined_macros={"night_of": night_of},
    doc_md=__doc__,
    tags=["crossmatch"],
)
def nightly_match() -> None:
    """Accept every feed, then link, judge, write back and report."""

    @task(map_index_template="{{ task.op_kwargs['feed'] }}")
    def accept(feed: str, night: str) -> dict[str, Any]:
        return step("accept", night, feed)

    @task(trigger_rule="all_done")
    def link(night: str) -> dict[str, Any]:
        return step("link", night)

    @task
    def judge(night: str) -> dict[str, Any]:
        return step("judge", night)

    @task
    def write_back(night: str) -> dict[str, Any]:
        return step("write_back", night)

    @task
    def report(night: str) -> dict[str, Any]:
        return step("report", night)

    accepted = accept.partial(night=NIGHT).expand(feed=list(feeds()))
    chain(accepted, link(NIGHT), judge(NIGHT), write_back(NIGHT), report(NIGHT))


nightly_match()
