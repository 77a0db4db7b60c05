"""结局 — how a night ended that did not succeed, in one wording for page, cover, message and command."""

from pipelines.reports.reading import Run

ENDED = {"succeeded": "", "held": "本夜已暂扣", "failed": "本夜出错，没有写回"}
UNENDED = "本夜没有运行完"
BEFORE = "以下是此前的情况，不是本夜的结果"
NEXT = {
    "held": "新增疑点数量异常，须由两人核对数据后放行，再重跑本夜",
    "failed": "请系统管理员按日志改正后重跑本夜",
}


def word(run: Run | None) -> str:
    """How the night ended; empty where it succeeded."""
    return ENDED[run.status] if run else UNENDED


def reasons(run: Run | None) -> str:
    """Why, and who has to do what now; empty where the night succeeded."""
    if not word(run):
        return ""
    status = run.status if run else "failed"
    return "；".join((*(run.notes if run else ()), NEXT[status]))
