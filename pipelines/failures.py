"""失败 — what a failure of the benefit database or of a file is told as: what to do, never a row's words."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipelines.errors import CrossmatchError, UsageError

if TYPE_CHECKING:
    from sqlalchemy.exc import SQLAlchemyError

# By SQLSTATE, or its first two characters where they say enough.
SAYS = {
    "08": "与待遇库的连接中断；请检查网络与服务器，然后重新运行",
    "23": "写入违反表的约束；请运行 crossmatch doctor 并报告约束名",
    "25006": "待遇库只读；请连接主库或恢复写权限",
    "28": "待遇库拒绝登录；请检查角色、口令与 TLS 设置",
    "3D": "待遇库不存在；请检查 CROSSMATCH_DATABASE_URL",
    "40": "与其他会话冲突，已回滚；请重新运行",
    "42501": "角色没有所需权限；请由 DBA 执行 sql/roles/postgresql.sql",
    "42": "表或列不存在；请运行 crossmatch db upgrade，并核对待遇库四个关系",
    "53": "数据库服务器资源不足（磁盘或连接数）；请处理后重新运行",
    "55P03": "等待锁超时；有其他会话占用，请稍后重新运行",
    "57014": "语句超时；请检查服务器负荷后重新运行",
    "57": "数据库服务器正在关闭或重启；请稍后重新运行",
    "SQLITE_BUSY": "数据库文件被其他程序占用；请稍后重新运行",
    "SQLITE_CANTOPEN": "无法打开数据库文件；请检查路径与权限",
    "SQLITE_CONSTRAINT": "写入违反表的约束；请运行 crossmatch doctor 并报告约束名",
    "SQLITE_CORRUPT": "数据库文件损坏；请从备份恢复",
    "SQLITE_ERROR": "表或列不存在；请运行 crossmatch db upgrade，并核对待遇库四个关系",
    "SQLITE_FULL": "磁盘已满；请腾出空间后重新运行",
    "SQLITE_IOERR": "读写数据库文件失败；请检查磁盘",
    "SQLITE_NOTADB": "该文件不是 SQLite 数据库；请检查 CROSSMATCH_DATABASE_URL",
    "SQLITE_READONLY": "数据库文件只读；请检查权限",
}
LOST = "无法连接待遇库，或连接中断；请检查服务器、网络与 CROSSMATCH_DATABASE_URL，然后重新运行"
UNKNOWN = "待遇库报错；请运行 crossmatch doctor 并报告代码"
FILES = {
    errno.ENOENT: "不存在",
    errno.ENOTDIR: "所在的路径不是目录",
    errno.EISDIR: "是目录，不是文件",
    errno.EEXIST: "已经存在",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "所在的文件系统只读",
    errno.ENOSPC: "所在的磁盘已满",
    errno.EDQUOT: "所在的磁盘配额已用完",
    errno.EIO: "读写出错，请检查磁盘",
    errno.EMFILE: "无法打开，打开的文件过多",
}


class DatabaseFailed(CrossmatchError):
    """The benefit database refused or broke off; ``code`` is its SQLSTATE, SQLite's name, or empty."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class FileFailed(CrossmatchError):
    """A file or folder could not be read or written."""


@contextmanager
def told() -> Iterator[None]:
    """The block; what SQLAlchemy raises in it becomes ``DatabaseFailed`` or ``UsageError``.

    What the file system refuses becomes ``FileFailed``.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FILES:
            raise
        where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else "要写的文件"
        raise FileFailed(f"{where} {FILES[error.errno]}；请处理后重新运行") from None
    except Exception as error:
        from sqlalchemy.exc import SQLAlchemyError

        if isinstance(error, SQLAlchemyError):
            raise failure(error) from None
        raise


def failure(error: "SQLAlchemyError") -> CrossmatchError:
    """What ``error`` is told as."""
    from sqlalchemy.exc import ArgumentError

    from sql import InsecureTransport, NoDatabaseFile

    if isinstance(error, NoDatabaseFile):
        return UsageError(f"待遇库文件不存在：{error}；请检查 database_url，新建用 crossmatch db upgrade")
    if isinstance(error, InsecureTransport):
        return UsageError(f"连接其他主机上的待遇库必须用 TLS：{error}；请改为 sslmode=require 或更高")
    if isinstance(error, ArgumentError):
        return UsageError("CROSSMATCH_DATABASE_URL 不是有效的数据库 URL")
    original = getattr(error, "orig", None)
    sqlstate = getattr(original, "sqlstate", None)
    code = str(sqlstate or getattr(original, "sqlite_errorname", ""))
    lost = type(original).__name__ == "OperationalError" and not code
    known = max((key for key in SAYS if code.startswith(key)), key=len, default=None)
    says = SAYS[known] if known else LOST if lost else UNKNOWN
    return DatabaseFailed(f"{says}（{original if sqlstate else code or type(error).__name__}）", code)
