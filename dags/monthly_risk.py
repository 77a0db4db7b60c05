"""# 基金风险分析 monthly_risk

每月 2 日 06:00（北京时间）分析上一个月：按该月末日回看十二个月，写出风险信号和《风险分析月报》，
抽取质量抽查。**信号不是疑点**，不停发也不延迟任何待遇。一次运行 = 一个月，分区键为运行日；
手工运行时表单里选次月的任一日。

| 方块 | 变红的含义 | 处理 |
|---|---|---|
| `analyse` | 影响评估未签署、口径有误，或库被占用 | 见日志；签署用 `crossmatch risk-impact`，再重跑 |
| `sample` | 质量抽查没有抽出 | 抽过的月份不会再抽；清除重跑 |

同一个月重跑多少次，结果都一样。
"""

from typing import Any

from airflow.sdk import chain, dag, task

from dags.conventions import HABITS, NIGHT, counts, nights_at


@dag(schedule=nights_at("0 6 2 * *"), doc_md=__doc__, dag_display_name="基金风险分析 monthly_risk", **HABITS)
def monthly_risk() -> None:
    """The month before: signals and their report, then the quality sample."""

    @task(task_display_name="风险分析")
    def analyse(night: str) -> Any:
        """分析：上一个月的风险信号与月报。"""
        from pipelines.risk import steps

        return counts(steps.analyse, night)

    @task(task_display_name="质量抽查")
    def sample(night: str) -> Any:
        """抽查：与任何疑点无关的随机核对。"""
        from pipelines.risk import steps

        return counts(steps.sample, night)

    chain(analyse(NIGHT), sample(NIGHT))


monthly_risk()
