"""# 夜间比对 nightly_match

每晚 01:30（北京时间）把在领、近期领过失业保险待遇的人员与各部门报送数据比对，写出停发疑点与多领核算。
一次运行 = 一夜，分区键即比对日（如 `2026-03-05`）。**本任务只提出疑点，从不停发任何人的待遇。**

## 变红时怎么办
| 方块 | 含义 | 处理 |
|---|---|---|
| `accept [某数据源]` | 该部门最新一批数据被拒收 | 日志最后一行写明文件、行号、原因，请其重报；当夜其余照常 |
| `accept [某数据源　待放行]`（绿） | 最新一批数量或质量反常，未采用 | 核对后由人放行，下一夜起采用 |
| `link` `judge` | 匹配或研判出错 | 当夜未写回，待遇库与昨夜相同；修正后清除该方块重跑 |
| `write_back` | 写回出错，或被闸门拦下 | 要么全部写入要么一行未写；被拦下的，按日志所示由两人放行后重跑 |
| `report` | 报告未写全 | 结果已在库中；清除该方块，或运行 `crossmatch report <比对日>` |

被拦下或出错的一夜照样写夜报、清单并发消息，开头写明结局和原因；疑点与金额是此前的情况。
数据被拒收的那一夜，依赖该数据源的情形不判、也不撤销。拒收与拦下不自动重试（等待无益）；连接中断、
库被占用每十分钟重试一次，共三次。同一夜重跑多少次，结果都一样。

* 重跑一夜：`airflow dags clear nightly_match --partition-key 2026-03-05`
* 补跑多夜（须先启用本 DAG；截止日写到 23:59:59，只写日期会漏掉最后一夜；一次一夜，多夜同时跑会互相等锁）：
  `airflow backfill create --dag-id nightly_match --max-active-runs 1 --from-date 2026-03-01 --to-date
  2026-03-12T23:59:59`；`crossmatch backfill 2026-03-01 2026-03-12 --airflow` 会打印这条命令
* 手工运行一夜：在网页的触发窗口里把「分区键」填成比对日（如 `2026-03-05`），「比对日」留空；或用上面的
  `backfill create`，起止写同一天。这样的一次 `dags clear --partition-key` 找得到。`airflow dags trigger`
  没有给分区键的选项；只在表单里选「比对日」也能运行（两样都不填则为触发当天），但那一次没有分区键，重跑要
  在网页上清除。两样都填的，以「比对日」为准，请勿填成两个日期。
"""

from typing import Any

from airflow.sdk import chain, dag, get_current_context, task

from dags.conventions import HABITS, NIGHT, counts, nights_at, report_failure
from expectations.feed import feeds

TITLES = {name: feed.title for name, feed in feeds().items()}
LABEL = "{{ titles[task.op_kwargs['feed']] }}{{ standing | default('') }}"


@dag(
    schedule=nights_at("30 1 * * *"),
    doc_md=__doc__,
    dag_display_name="夜间比对 nightly_match",
    **{**HABITS, "user_defined_macros": {**HABITS["user_defined_macros"], "titles": TITLES}},
)
def nightly_match() -> None:
    """One night: every feed accepted by itself, then one step after the other."""

    @task(task_display_name="接收", map_index_template=LABEL)
    def accept(feed: str, night: str) -> Any:
        """接收：读取一个数据源的新批次，逐行检验，整批评判，入库。"""
        from pipelines import deliveries
        from pipelines import night as steps

        try:
            return counts(steps.accept, night, feed)
        finally:
            get_current_context()["standing"] = counts(deliveries.standing, night, feed)

    @task(task_display_name="匹配", trigger_rule="all_done", on_failure_callback=report_failure)
    def link(night: str) -> Any:
        """匹配：数据行对应到领取人员。"""
        from pipelines import night as steps

        return counts(steps.link, night)

    @task(task_display_name="研判", on_failure_callback=report_failure)
    def judge(night: str) -> Any:
        """研判：逐情形得出疑点、排除理由与应追回金额。"""
        from pipelines import night as steps

        return counts(steps.judge, night)

    @task(task_display_name="写回", on_failure_callback=report_failure)
    def write_back(night: str) -> Any:
        """写回：过闸门后以一个事务写入待遇库。"""
        from pipelines import night as steps

        return counts(steps.write_back, night)

    @task(task_display_name="报告")
    def report(night: str) -> Any:
        """报告：各区清单、多领报告、退回数据与夜报。"""
        from pipelines import night as steps

        return counts(steps.report, night)

    accepted = accept.partial(night=NIGHT).expand(feed=list(feeds()))
    chain(accepted, link(NIGHT), judge(NIGHT), write_back(NIGHT), report(NIGHT))


nightly_match()
