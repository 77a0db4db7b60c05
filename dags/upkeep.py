"""# 日常维护 upkeep

每天 07:00（北京时间）做两件互不相干的事。

| 方块 | 变红的含义 | 处理 |
|---|---|---|
| `last_night_finished` | 昨夜的比对没有完成 | 日志写明是未运行、中断、出错还是被拦下；再看 `nightly_match` |
| `retention` | 过期的中间数据未能清除 | 多为磁盘或权限问题，见日志；不影响结果 |

昨夜是否完成，看的是待遇库里的运行记录，而不是 Airflow 的记录：调度器停了，这里照样变红。
"""

from typing import Any

from airflow.sdk import dag, task

from dags.conventions import HABITS, NIGHT, counts, nights_at


@dag(schedule=nights_at("0 7 * * *"), doc_md=__doc__, dag_display_name="日常维护 upkeep", **HABITS)
def upkeep() -> None:
    """An alarm of its own, and the removal of what is past its time."""

    @task(task_display_name="昨夜完成与否")
    def last_night_finished(night: str) -> Any:
        """警报：昨夜的比对是否完成。"""
        from pipelines.upkeep import daily as steps

        return counts(steps.require_finished, night)

    @task(task_display_name="清理过期数据")
    def retention(night: str) -> Any:
        """清理：删除超过保存期的中间数据。"""
        from pipelines.upkeep import daily as steps

        return counts(steps.retain, night)

    last_night_finished(NIGHT)
    retention(NIGHT)


upkeep()
