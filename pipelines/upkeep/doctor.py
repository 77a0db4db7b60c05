"""体检 — whether this machine, this configuration and this benefit database are fit for a night.

Nothing here changes anything but a file written to each folder and removed again.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import Connection, false, func, select, true, update

from pipelines.base import clock
from pipelines.base.errors import CrossmatchError
from pipelines.base.failures import DatabaseFailed, translated
from pipelines.base.settings import Settings
from pipelines.database import migrate
from pipelines.database.optional import provided
from pipelines.engine import seam, spark
from sql.desk_tables import desk_account
from sql.risk_tables import operator
from sql.tables import AGENCY, OURS, run_epoch

Verdict = Literal["ok", "warn", "fail"]
DISTRIBUTION: Final = "benefit-crossmatch"
FREE_GIB: Final = 5
CLOCKS_APART: Final = timedelta(minutes=2)
DESK_NEEDS: Final = ("argon2", "docxtpl", "fastapi", "multipart", "pyotp", "uvicorn")
NO_RIGHT: Final = "42501"
OLDEST_POSTGRESQL: Final = (15, 0)
FOLDERS: Final = {"inbox": os.R_OK, "store": os.W_OK, "reports": os.W_OK}


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was looked at: how it is, and in a ``sentence`` what it is or what to do."""

    subject: str
    verdict: Verdict
    sentence: str


def check(settings: Settings) -> list[Checked]:
    """Everything that was looked at, in the order of the way of a night."""
    looked: list[Checked] = []
    for subject, look in (
        ("版本", _versions),
        ("口径", _policy),
        ("目录", _folders),
        ("内存与线程", _machine),
        ("比对引擎", _engine),
        ("待遇库", _database),
        ("签认", _signatures),
        ("工作台", _desk),
    ):
        try:
            looked += [Checked(subject, *outcome) for outcome in look(settings)]
        except CrossmatchError as error:
            looked.append(Checked(subject, "fail", str(error)))
    return looked


Outcomes = Iterator[tuple[Verdict, str]]


def _versions(_: Settings) -> Outcomes:
    from packaging.requirements import Requirement

    declared = map(Requirement, requires(DISTRIBUTION) or ())
    wanted = [one for one in declared if not one.marker or one.marker.evaluate({"extra": ""})]
    for needed in wanted:
        try:
            installed = version(needed.name)
        except PackageNotFoundError:
            yield "fail", f"缺少 {needed.name}；请重新安装"
            continue
        if not needed.specifier.contains(installed, prereleases=True):
            yield "fail", f"{needed.name} {installed} 不符合 {needed.specifier}；请重新安装"
    python = ".".join(map(str, sys.version_info[:3]))
    yield "ok", f"crossmatch {version(DISTRIBUTION)}，Python {python}，依赖 {len(wanted)} 项"


def _policy(settings: Settings) -> Outcomes:
    from matchers.law import policy

    rules = policy(settings.policy)
    yield "ok", f"{rules.title}（{rules.stamp}）"


def _folders(settings: Settings) -> Outcomes:
    for name, right in FOLDERS.items():
        folder: Path = getattr(settings, name)
        if not folder.is_dir():
            yield ("fail" if right == os.R_OK else "warn"), f"{name} {folder} 不存在"
        elif not os.access(folder, right | os.X_OK) or (right == os.W_OK and not _writable(folder)):
            yield "fail", f"{name} {folder} 没有{'写入' if right == os.W_OK else '读取'}权限"
        else:
            free = shutil.disk_usage(folder).free // 2**30
            roomy = right == os.R_OK or free >= FREE_GIB
            yield ("ok" if roomy else "warn"), f"{name} {folder}，可用 {free} GiB"


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"0")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return False
    return True


def _machine(settings: Settings) -> Outcomes:
    processors = len(os.sched_getaffinity(0))
    enough = settings.threads <= processors
    yield ("ok" if enough else "warn"), f"threads = {settings.threads}，本机可用 {processors} 个处理器"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    enough = settings.memory_mb * 2 <= memory
    yield ("ok" if enough else "warn"), f"memory_mb = {settings.memory_mb}，本机内存 {memory} MiB"


def _engine(settings: Settings) -> Outcomes:
    if settings.engine == seam.EMBEDDED:
        yield "ok", "duckdb（内嵌）"
        return
    if not spark.is_master(settings.engine):
        yield "fail", seam.unknown(settings.engine)
    elif lacking := spark.lacking():
        yield "fail", lacking
    else:
        shared = all(path.is_absolute() for path in (settings.inbox, settings.store))
        yield "ok", f"Spark {version('pyspark')}，主节点 {spark.master(settings)}，Java {spark.java()}"
        yield (
            ("ok" if shared else "fail"),
            f"inbox 与 store {'' if shared else '须'}为绝对路径，且各节点都能读写",
        )


def _database(settings: Settings) -> Outcomes:
    with migrate.opened(settings.database_url) as engine:
        with engine.connect() as connection:
            yield from _server(connection)
            for table in AGENCY.sorted_tables:
                rows = connection.execute(select(func.count()).select_from(table)).scalar_one()
                yield ("ok" if rows else "warn"), f"{table.name} {rows} 行"
        pending = [state.revision for state in migrate.status(engine) if not state.applied]
        if pending:
            yield "fail", f"未执行的迁移 {'、'.join(pending)}；请运行 crossmatch db upgrade"
            return
        with engine.connect() as connection:
            for table in OURS.sorted_tables:
                connection.execute(select(true()).select_from(table).limit(1))
            connection.execute(update(run_epoch).values(epoch=run_epoch.c.epoch).where(false()))
            connection.rollback()
        yield "ok", f"本系统的 {len(OURS.sorted_tables)} 张表可读可写"


def _signatures(settings: Settings) -> Outcomes:
    """Whether two signatures of one person can be known for what they are, whatever he signs by."""
    with migrate.opened(settings.database_url) as engine, engine.connect() as connection:
        given = provided(connection, operator)
    without = "没有提供经办人员（operator）关系：签认的人只按所写的名字比较，一人的几个编号看不出来"
    yield ("ok" if given else "warn"), "经办人员按编号认人" if given else without


def _desk(settings: Settings) -> Outcomes:
    """Whether the desk could be opened here, and by whom; a site without it is fit for its nights too."""
    if absent := [name for name in DESK_NEEDS if find_spec(name) is None]:
        yield "warn", f"没有安装（缺 {'、'.join(absent)}）；要用时安装 benefit-crossmatch[desk]"
        return
    address = settings.desk_origin
    secure = not address or address.startswith("https://")
    local = "只在本机打开；对外须设 desk_origin，经 TLS 反向代理"
    yield ("ok" if secure else "fail"), (address or local) if secure else f"desk_origin {address} 须为 https"
    with migrate.opened(settings.database_url) as engine, engine.connect() as connection:
        c = desk_account.c
        asked = select(func.count()).where(c.role == "administrator", ~c.locked)
        try:
            with translated():
                administrators = connection.execute(asked).scalar_one()
        except DatabaseFailed as failed:
            if failed.code != NO_RIGHT:
                raise
            yield "ok", "账号只有 desk 角色可以查看"
            return
    missing = (
        "还没有系统管理员；建立第一个：crossmatch desk account add 账号 --name 姓名 --role administrator"
    )
    yield (
        ("ok" if administrators else "warn"),
        f"系统管理员 {administrators} 名" if administrators else missing,
    )


def _server(connection: Connection) -> Outcomes:
    dialect = connection.dialect
    numbers = dialect.server_version_info or ()
    old = dialect.name == "postgresql" and numbers < OLDEST_POSTGRESQL
    yield ("fail" if old else "ok"), f"{dialect.name} {'.'.join(map(str, numbers))}"
    if dialect.name == "postgresql":
        there = connection.execute(select(func.timezone("UTC", func.now()))).scalar_one()
        apart = abs(there - clock.now())
        yield ("warn" if apart > CLOCKS_APART else "ok"), f"与数据库时钟相差 {apart.seconds} 秒"
