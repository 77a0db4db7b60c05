"""用法 — help and wrong use of the command line in Chinese; the library that reads it speaks English."""

import re
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout, suppress
from io import StringIO
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

HEADINGS = {"Arguments": "参数", "Options": "选项", "Commands": "命令"}
IN_USAGE = {"[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数 ...]"}
IN_HELP = {
    "Show this message and exit.": "显示这段说明。",
    "Install completion for the current shell.": "在当前 shell 中装上补全，按 Tab 列出命令及其说明。",
    "Show completion for the current shell, to copy it or customize the installation.": "打印补全脚本。",
    "required]": "必填]",
    "[default: ": "[默认：",
}
# What the library says of one value or of the whole line, and the same in Chinese.
SENTENCES = {
    r"No such command (.+)\.": r"没有 \1 这个命令",
    r"Missing command\.": "没有写是哪个命令",
    r"Got unexpected extra argument\(?s?\)? \((.+)\)": r"多出了 \1",
    r"Option '(.+)' does not take a value\.": r"选项 \1 不带值",
    r"Option '(.+)' requires .*": r"选项 \1 须带值",
    r"(?:Value error, )?(.+) is not one of (.+)\.": r"\1 不在可选的 \2 之中",
    r"\w+ (.+) does not exist\.": r"\1 不存在",
    r"\w+ (.+) is a file\.": r"\1 是文件，须给目录",
    r"\w+ (.+) is a directory\.": r"\1 是目录，须给文件",
    r"\w+ (.+) is not (?:readable|writable)\.": r"\1 没有读写权限",
    r".*[Ii]nput should be a valid (?:integer|number).*": "须为数字",
}


def sentence(error: TyperException) -> str:
    """What is wrong with a command line and where its help is, on one line; or, of a group alone, its help.

    The values given stand in it as they came.
    """
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(error.message)
    place = getattr(error, "ctx", None)
    where = f"；用法见 {place.command_path} --help" if place is not None else ""
    return f"错误：{_fault(error)}{where}"


def _fault(error: TyperException) -> str:
    param: Any = getattr(error, "param", None)
    name = _name(param) if param else ""
    match type(error).__name__:
        case "NoSuchOption":
            near = "、".join(getattr(error, "possibilities", None) or ())
            option = getattr(error, "option_name", "")
            return f"没有 {option} 这个选项{f'（相近的有 {near}）' if near else ''}"
        case "MissingParameter":
            return f"没有写 {name}（{param.help}）" if param.help else f"没有写 {name}"
        case _:
            return f"{name}：{_translated(error.message)}" if name else _translated(error.message)


def _name(param: Any) -> str:
    """An option by its longest spelling, an argument as the usage line has it."""
    if param.param_type_name == "option":
        return str(max(param.opts, key=len))
    return str(param.metavar or param.name)


def _translated(message: str) -> str:
    for pattern, chinese in SENTENCES.items():
        if re.fullmatch(pattern, message):
            return re.sub(pattern, chinese, message)
    return f"写法不对（{message}）"


class _Formatter(typer.Context.formatter_class):  # type: ignore[valid-type,misc]
    """Usage line, headings and marks of a help page in Chinese."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, _replaced(args, IN_USAGE), prefix or "用法：")

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{HEADINGS.get(heading, heading)}：\n")

    def write_dl(self, rows: Any, *args: Any, **given: Any) -> None:
        super().write_dl([(term, _replaced(text, IN_HELP)) for term, text in rows], *args, **given)


def _replaced(text: str, words: Mapping[str, str]) -> str:
    for english, chinese in words.items():
        text = text.replace(english, chinese)
    return text


class _Context(typer.Context):
    formatter_class = _Formatter


class _Command(TyperCommand):
    context_class = _Context


class _Group(TyperGroup):
    context_class = _Context

    def get_params(self, ctx: Any) -> list[Any]:
        params = super().get_params(ctx)
        for param in params:
            install = param.callback if param.name == "install_completion" else None
            if install is not None and not isinstance(install, _Installed):
                param.callback = _Installed(install)
        return params


class _Installed:
    """Installs completion as the library does, which says so in English, and says it in Chinese."""

    def __init__(self, install: Callable[..., Any]) -> None:
        self._install = install

    def __call__(self, ctx: Any, param: Any, value: Any) -> Any:
        if not value or ctx.resilient_parsing:
            return value
        with redirect_stdout(StringIO()) as written, suppress(SystemExit):
            self._install(ctx, param, value)
        shell, path = re.split(" completion installed in ", written.getvalue().splitlines()[0], maxsplit=1)
        typer.echo(f"已装上 {shell} 的补全（{path}）；重开终端后有效。")
        raise typer.Exit


class Commands(typer.Typer):
    """A group of commands whose help is in Chinese, and plain: what formats it loads more than they need."""

    def __init__(self, **given: Any) -> None:
        super().__init__(cls=_Group, no_args_is_help=True, rich_markup_mode=None, **given)

    def command(self, name: str | None = None, **given: Any) -> Callable[[Any], Any]:
        """A command of the group, its help in Chinese too."""
        return super().command(name, **{"cls": _Command, **given})
