"""# 历史数据清理 historical_cleanup

手工运行：读入历史批次，检查几十年的记录，写出发现、更正建议和待遇期限复算。**不改业务系统的任何记录。**
表单里填批次（历史目录里的目录名：读到它的导出日为止，那一天就是截至日；空为截至日，两样都空为当天）、区县、
是否试运行（缺省为试运行，什么都不写入待遇库）、理由和操作人。

| 方块 | 含义 | 变红时怎么办 |
|---|---|---|
| `plan` | 列出要读的批次 | 历史目录不存在，没有所填的批次；或要写入而没有注明操作人和理由 |
| `land [批次/数据集]` | 读入一个数据集 | 日志写明文件、行号、原因，请改正后清除该方块重跑 |
| `persons` | 一次读齐全部来源，再比对一人多号 | 清除重跑；已完成的部分不再算 |
| `check [分片]` | 按人员分片检查，每片约两千人，至多 64 片 | 清除该片重跑，其余不动 |
| `employers` | 单位 | 清除重跑 |
| `assemble` | 一个事务写入，只有它占锁 | 要么全部写入要么一行未写；被占用则自动重试 |
| `report` | 各区县更正建议与数据质量页 | 结果已在库中；清除重跑，或运行 `crossmatch cleanup report` |

中断在任何一处都可以重跑：算过的分片按输入的摘要认出来，不再重算，结果相同。进度看方块，
或 `crossmatch cleanup status`。
"""

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param, chain, dag, task

from dags.conventions import HABITS, NIGHT, counts, done, night_of

FORM = {
    "batch": Param("", type="string", title="批次，如 2026-06-01-central；空为按截至日"),
    "night": Param(None, type=["null", "string"], format="date", title="截至日；填了批次不必填"),
    "districts": Param([], type="array", items={"type": "string"}, title="区县代码；空为全部"),
    "dry_run": Param(True, type="boolean", title="试运行：不写入待遇库"),
    "reason": Param("", type="string", title="理由"),
    "by": Param("", type="string", title="操作人"),
}


def day_of(params: Mapping[str, Any], dag_run: Any) -> str:
    """The day of the batch that was asked for, with which its name begins, else that of any run."""
    return str(params["batch"])[:10] or night_of(params, dag_run)


@dag(
    schedule=None,
    doc_md=__doc__,
    dag_display_name="历史数据清理 historical_cleanup",
    **{**HABITS, "params": FORM, "max_active_tasks": 2, "user_defined_macros": {"night_of": day_of}},
)
def historical_cleanup() -> None:
    """Decades of records: landed, checked shard by shard, written at once where it is no dry run."""

    @task(task_display_name="计划")
    def plan(night: str, params: Any = None) -> Any:
        """计划：历史批次里有哪些数据集；要写入的须先注明操作人和理由。"""
        from pipelines.cleanup import steps

        given = params or {}
        steps.require_reason(not given["dry_run"], given["by"], given["reason"])
        done(steps.require_batch, given["batch"])
        return counts(steps.plan, night)

    @task(task_display_name="读入", map_index_template="{{ task.op_kwargs['dataset'] }}")
    def land(dataset: str, night: str) -> Any:
        """读入：一个批次的一个数据集。"""
        from pipelines.cleanup import steps

        return counts(steps.land, night, dataset)

    @task(task_display_name="一人多号")
    def persons(night: str) -> Any:
        """一人多号：来源一次读齐，登记之间比对；给出各分片。"""
        from pipelines.cleanup import steps

        return counts(steps.persons, night)

    @task(task_display_name="检查", map_index_template="{{ task.op_kwargs['shard'].partition('/')[2] }}")
    def check(shard: str) -> Any:
        """检查：一片人员的登记、缴费和期限。"""
        from pipelines.cleanup import steps

        return done(steps.check, shard)

    @task(task_display_name="单位")
    def employers(shards: Any) -> Any:
        """单位：编号、信用代码和名称。"""
        from pipelines.cleanup import steps

        return done(steps.employers, list(shards))

    @task(task_display_name="汇总写入")
    def assemble(shards: Any, params: Any = None) -> Any:
        """汇总：一个事务写入；试运行只报数目。"""
        from pipelines.cleanup import steps

        given = params or {}
        return done(steps.assemble, not given["dry_run"], given["by"], given["reason"], list(shards))

    @task(task_display_name="报告")
    def report(params: Any = None) -> Any:
        """报告：更正建议与数据质量。"""
        from pipelines.cleanup import steps

        given = params or {}
        return {} if given["dry_run"] else done(steps.report, tuple(given["districts"]))

    landed = land.partial(night=NIGHT).expand(dataset=plan(NIGHT))
    compared = persons(NIGHT)
    checked = check.expand(shard=compared)
    chain(landed, compared, checked, employers(compared), assemble(compared), report())


historical_cleanup()
