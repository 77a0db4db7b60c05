"""The pages that are made of the code: ``python -m docs.reference`` writes glossary, commands and settings.

What no code holds (``docs/meanings.toml``: words of the field, what a state means) is typed once there; the
meaning of a setting is the comment above it in ``crossmatch.example.toml``, that of a command its own help.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import typer

from docs import dictionary
from expectations.feed import Column, Feed, feeds
from matchers import law
from matchers.causes import causes
from matchers.findings import EVERY_CAUSE, TIER_WORDS, TIERS
from matchers.links import ALLOWS, LINK_WORDS
from pipelines.base.settings import PREFIX, Settings
from pipelines.cli import app
from pipelines.reports import words
from sql.desk_tables import DESK
from sql.tables import AGENCY, OURS, UPKEEP

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "crossmatch.example.toml"
MADE = "本页由代码生成：改代码或 `docs/meanings.toml` 之后运行 `make docs`；测试核对两者一致。"
TYPES = {
    "id": "证件号码",
    "name": "姓名",
    "text": "文本",
    "month": "年月",
    "date": "日期",
    "code": "代码",
    "money": "金额",
}
READING = (
    "用只读角色 `reader`（PostgreSQL，见 `sql/roles/postgresql.sql`）或待遇库文件的副本（SQLite）来查，"
    "写不进任何东西。PostgreSQL 先 `SET search_path TO crossmatch`。表和栏目见[数据字典](tables.md)；"
    "以下每一条都由测试在两种库上跑过。"
)
MODES = {"increment": "增量", "snapshot": "全量"}
Row = tuple[str, ...]


def pages() -> dict[str, str]:
    """Every generated page by its name in ``docs``."""
    return {
        "glossary.md": glossary(),
        "commands.md": commands(),
        "settings.md": settings(),
        "tables.md": tables(),
        "queries.md": queries(),
    }


def tables() -> str:
    """The data dictionary: a list of the tables, then each with its columns."""
    sections = list(dictionary.sections(_meanings()["表"]))
    listed = (
        (f"[`{heading.split()[0]}`](#{dictionary.anchor(heading)})", heading.split()[1], meaning)
        for heading, meaning, _ in sections
    )
    pages = (
        f"## {heading}\n{meaning}\n\n{_grid(('栏目', '含义', '类型', '规则'), columns)}\n"
        for heading, meaning, columns in sections
    )
    head = f"# 数据字典\n{MADE}\n\n金额以 `_fen` 结尾的是分，年月写作 `YYYY-MM`，`_at` 是世界时。\n\n"
    return head + _grid(("表", "名称", "含义"), listed) + "\n" + "".join(pages).rstrip("\n") + "\n"


def queries() -> str:
    """Ten worked queries, each with what it answers, as ``sql/queries`` has them."""
    parts = (f"## {title}\n```sql\n{statement}\n```\n" for title, statement in worked().items())
    return f"# 自助查询\n{MADE}\n\n{READING}\n\n" + "\n".join(parts)


def worked() -> dict[str, str]:
    """The worked queries by their title, the comment in the first line of each file."""
    texts = [
        path.read_text("utf-8").strip() for path in sorted((HERE.parent / "sql" / "queries").glob("*.sql"))
    ]
    pairs = (text.split("\n", 1) for text in texts)
    return {title.removeprefix("--").strip(): statement for title, statement in pairs}


def glossary() -> str:
    """One word for one thing: Chinese, the code's name, what it means."""
    meant = _meanings()
    sections: list[tuple[str, str, Iterable[Row]]] = [
        ("流程与角色", "含义", _typed(meant["流程与角色"])),
        ("数据源", "报送", ((f.title, n, _sent(f)) for n, f in feeds().items())),
        ("数据列", "类型；所在数据源", _columns()),
        ("停领情形", "依据的数据源", ((c.title, n, _titles(c.feeds)) for n, c in sorted(causes().items()))),
        ("疑点等级", "含义", _coded(TIER_WORDS, meant["疑点等级"])),
        ("匹配层级", "允许的等级", _coded(LINK_WORDS, _allowed() | meant["匹配层级"])),
        ("疑点状态", "含义", _coded(words.STATUS, meant["疑点状态"])),
        ("批次状态", "含义", _coded(words.HEALTH, meant["批次状态"])),
        ("待遇项目", "含义", _coded(words.BENEFIT, meant["待遇项目"])),
        ("理由", "用于", _reasons()),
        ("身份问题", "含义", _coded(words.QUESTION, {})),
        ("提示与补件", "含义", _coded({**words.NOTICE, **words.REQUEST}, {})),
        ("退回行的原因", "含义", _coded(words.REJECT, {})),
        ("表", "含义", _tables(meant["表"])),
    ]
    parts = [f"## {title}\n{_table(('中文', '代码', third), rows)}" for title, third, rows in sections]
    return f"# 词汇表\n\n代码里用英文、给人看的用中文，一个意思只用一个词。{MADE}\n\n" + "\n".join(parts)


def commands() -> str:
    """Every command: what it does, then its arguments and options."""
    every = list(_commands(typer.main.get_command(app)))
    overview = ((f"[`crossmatch {n}`](#crossmatch-{n.replace(' ', '-')})", _first(c)) for n, c in every)
    parts = [f"## crossmatch {name}\n{_command(command)}" for name, command in every]
    head = f"# 命令\n\n{MADE}退出码见[运行与维护](operating.md#命令)。\n\n"
    return head + _grid(("命令", "做什么"), overview) + "\n" + "\n".join(parts)


def settings() -> str:
    """Every setting: its name, its variable, its default, what it means."""
    meant, defaults = _setting_meanings(), Settings()
    rows = (
        (f"`{f.name}`", _variable(f), _default(getattr(defaults, f.name)), meant[f.name])
        for f in fields(Settings)
    )
    return f"# 配置项\n\n{MADE}怎样给出见[运行与维护](operating.md#配置)。\n\n" + _grid(
        ("配置项", "环境变量", "缺省", "含义"), rows
    )


def _meanings() -> dict[str, dict[str, Any]]:
    return tomllib.loads((HERE / "meanings.toml").read_text("utf-8"))


def _typed(meant: Mapping[str, tuple[str, str]]) -> Iterator[Row]:
    return ((chinese, code, meaning) for code, (chinese, meaning) in meant.items())


def _coded(chinese: Mapping[str, str], meant: Mapping[str, str]) -> Iterator[Row]:
    if strange := meant.keys() - chinese.keys():
        raise SystemExit(f"docs/meanings.toml: 代码里没有 {'、'.join(sorted(strange))}")
    return ((word, str(code), meant.get(code, "")) for code, word in chinese.items())


def _tables(meant: Mapping[str, tuple[str, str]]) -> Iterator[Row]:
    names = [name for metadata in (AGENCY, OURS, UPKEEP, DESK) for name in metadata.tables]
    if unlike := meant.keys() ^ set(names):
        raise SystemExit(f"docs/meanings.toml 的“表”与 sql/tables.py 不符：{'、'.join(sorted(unlike))}")
    return ((meant[name][0], name, meant[name][1]) for name in names)


def _allowed() -> dict[str, str]:
    """Which tier a link allows; how it is said for the strongest differs."""
    return {
        link: f"{'可达' if strength == max(TIERS) else '至多'}{TIER_WORDS[TIERS[strength]]}"
        for link, strength in ALLOWS.items()
    }


def _sent(feed: Feed) -> str:
    return f"{feed.agency}，{MODES[feed.mode]}；一行是{feed.row}"


def _titles(names: Iterable[str]) -> str:
    return "、".join(feeds()[name].title for name in sorted(names))


def _columns() -> Iterator[Row]:
    """Each column once; where feeds head it differently, by each of its first headings."""
    uses: dict[str, list[tuple[str, Column]]] = {}
    for feed in feeds().values():
        for name, column in feed.columns.items():
            uses.setdefault(name, []).append((feed.name, column))
    for name, used in sorted(uses.items(), key=lambda use: len(use[1]) < len(feeds())):
        chinese = "、".join(dict.fromkeys(column.headings[0] for _, column in used))
        kinds = "、".join(dict.fromkeys(TYPES[column.type] for _, column in used))
        where = "各数据源" if len(used) == len(feeds()) else _titles(feed for feed, _ in used)
        yield chinese, name, f"{kinds}；{where}"


def _reasons() -> Iterator[Row]:
    """Each reason once, with its sentences and the causes that use it."""
    uses: dict[str, list[tuple[str, str]]] = {}
    for _, cause in sorted(causes().items()):
        for code, sentence in cause.words.items():
            uses.setdefault(code, []).append((sentence, cause.title))
    for code, sentence in EVERY_CAUSE.items():
        uses.setdefault(code, []).append((sentence, "各种停领情形"))
    for code, used in sorted(uses.items()):
        sentences, titles = zip(*used, strict=True)
        yield "；".join(dict.fromkeys(sentences)), code, "、".join(titles)


def _commands(group: Any, *path: str) -> Iterator[tuple[str, Any]]:
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from _commands(command, *path, name)
        else:
            yield " ".join((*path, name)), command


def _first(command: Any) -> str:
    return str(command.help).partition("\n")[0]


def _command(command: Any) -> str:
    what = re.sub(r"\s*\n\s*", "", str(command.help))
    asked = [p for p in command.params if p.name != "help"]
    rows = ((_named(p), str(p.help), _given(p)) for p in asked)
    return f"{what}\n" + ("\n" + _grid(("参数", "含义", "缺省"), rows) if asked else "")


def _named(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{(parameter.metavar or parameter.name).upper()}`"
    return " ".join(f"`{option}`" for option in parameter.opts)


def _given(parameter: Any) -> str:
    if parameter.required:
        return "必填"
    default = parameter.default
    return "" if default in (None, False, "") or callable(default) else f"`{default}`"


def _setting_meanings() -> dict[str, str]:
    """The comment above each setting of the example; where a setting is a choice, what may be chosen."""
    meant: dict[str, str] = {}
    comment: list[str] = []
    for line in EXAMPLE.read_text("utf-8").splitlines():
        name = line.partition(" = ")[0].strip("[]")
        if line.startswith("#"):
            comment.append(line.removeprefix("#").strip())
        elif name in {f.name for f in fields(Settings)}:
            meant[name], comment = "".join(comment), []
        else:
            comment = []
    return meant | {"policy": f"{meant['policy']}；可用：{'、'.join(law.policies())}"}


def _variable(field: Field[Any]) -> str:
    in_file_only = field.default is MISSING
    return "" if in_file_only else f"`{PREFIX}{field.name.upper()}`"


def _default(value: object) -> str:
    return str(value) if isinstance(value, int) else f"`{value}`" if value != {} else ""


def _table(heading: Row, rows: Iterable[Row]) -> str:
    return _grid(heading, ((chinese, f"`{code}`", meaning) for chinese, code, meaning in rows))


def _grid(heading: Row, rows: Iterable[Row]) -> str:
    lines = [heading, *rows]
    made = [f"| {' | '.join(map(cell, cells))} |\n" for cells in lines]
    return "".join([made[0], f"|{'---|' * len(heading)}\n", *made[1:]])


def cell(text: str) -> str:
    """A text as a cell of a table shows it."""
    return text.replace("|", "｜").replace("<", "&lt;")


if __name__ == "__main__":
    for page, content in pages().items():
        (HERE / page).write_text(content, "utf-8")
