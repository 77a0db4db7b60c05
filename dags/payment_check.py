"""# 发放前核对 payment_check

每天 05:00（北京时间）看三件事：临发前变更账户、无经办痕迹的支付、岗位兼任。结果只进“基金监督”，
**不停发也不延迟任何待遇**，也不写信号。

| 方块 | 变红的含义 | 处理 |
|---|---|---|
| `check` | 没有签署的影响评估，或库被占用 | 日志写明；被占用则自动重试 |
"""

from typing import Any

from airflow.sdk import dag, task

from dags.conventions import HABITS, NIGHT, counts, nights_at


@dag(schedule=nights_at("0 5 * * *"), doc_md=__doc__, dag_display_name="发放前核对 payment_check", **HABITS)
def payment_check() -> None:
    """Three rules every day, before money goes out."""

    @task(task_display_name="三条规则")
    def check(night: str) -> Any:
        """核对：三条规则，只供基金监督查看。"""
        from pipelines.risk import steps

        return counts(steps.check_before_payment, night)

    check(NIGHT)


payment_check()
