"""命令行 — ``crossmatch``: every module in ``pipelines/commands`` adds its commands here.

Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 3 held by a gate, 4 input refused, 75 another run
holds the lock. What is foreseen ends in one line; only a defect of the product shows a traceback.
"""

import sys
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules
from typing import Annotated

import typer
from typer.exceptions import TyperException

from pipelines import commands
from pipelines.base import logs, modes
from pipelines.base.errors import CrossmatchError
from pipelines.base.failures import translated
from pipelines.base.logs import redacted
from pipelines.base.usage import Commands, sentence

PROGRAM = "crossmatch"

app = Commands(
    help="失业保险待遇夜间比对：把领取人员与各部门报送数据比对，提出停发疑点与多领核算（crossmatch）。",
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"crossmatch {version('benefit-crossmatch')}")
        raise typer.Exit


@app.callback()
def _crossmatch(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="打印版本号。")
    ] = False,
) -> None: ...


for _module in iter_modules(commands.__path__):
    import_module(f"{commands.__name__}.{_module.name}").register(app)


def main() -> None:
    """Runs the command line and leaves with its exit code."""
    logs.install()
    modes.restrict()
    try:
        with translated():
            sys.exit(app(prog_name=PROGRAM, standalone_mode=False))
    except CrossmatchError as error:
        fault, code = f"错误：{error}", error.exit_code
    except TyperException as error:
        fault, code = redacted(sentence(error)), error.exit_code
    except typer.Abort:
        fault, code = "错误：已中止，没有做任何事", 1
    typer.echo(fault, err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
