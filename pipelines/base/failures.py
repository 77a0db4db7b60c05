"""失败 — failures of contract, policy, database, disk or memory as our errors, without a word of a row."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from expectations.feed import LOCAL, SITE, ContractError
from matchers.law import PolicyError
from pipelines.base.errors import CrossmatchError, UsageError
from pipelines.base.logs import redacted

if TYPE_CHECKING:
    from sqlalchemy.exc import SQLAlchemyError

# By SQLSTATE, or its first two characters where they say enough.
REMEDIES = {
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
    errno.EACCES: "没有读写权限；请检查权限后重新运行",
    errno.EDQUOT: "所在的磁盘配额已用完；请腾出空间后重新运行",
    errno.EEXIST: "已经存在；请改名或移走后重新运行",
    errno.EFBIG: "超出允许的大小；请检查磁盘配额后重新运行",
    errno.EIO: "读写出错；请检查磁盘后重新运行",
    errno.EISDIR: "是目录，不是文件；请处理后重新运行",
    errno.EMFILE: "无法打开，打开的文件过多；请提高系统限制后重新运行",
    errno.ENOENT: "不存在；请检查路径后重新运行",
    errno.ENOMEM: "所需的内存不足；请减小 memory_mb 或 threads，或增加内存后重新运行",
    errno.ENOSPC: "所在的磁盘已满；请腾出空间后重新运行",
    errno.ENOTDIR: "所在的路径不是目录；请检查路径后重新运行",
    errno.EPERM: "没有读写权限；请检查权限后重新运行",
    errno.EROFS: "所在的文件系统只读；请检查挂载后重新运行",
}
SPACE = "本次运行"


class DatabaseFailed(CrossmatchError):
    """The benefit database refused or broke off; ``code`` is its SQLSTATE, SQLite's name, or empty."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class FileFailed(CrossmatchError):
    """A file or folder could not be read or written, or memory did not suffice."""


@contextmanager
def translated() -> Iterator[None]:
    """The block; what fails in contract, policy, database, file system or memory is a ``CrossmatchError``."""
    try:
        yield
    except (OSError, MemoryError) as error:
        number = error.errno if isinstance(error, OSError) else errno.ENOMEM
        if number not in FILES:
            raise
        name = getattr(error, "filename", None)
        where = redacted(os.fsdecode(name)) if isinstance(name, str | bytes) else SPACE
        raise FileFailed(f"{where} {FILES[number]}（{errno.errorcode[number]}）") from None
    except ContractError as error:
        raise UsageError(
            f"{error}（{next(filter(os.environ.get, (LOCAL, SITE)), 'expectations')}）"
        ) from None
    except PolicyError as error:
        raise UsageError(f"{error}（{SITE if os.environ.get(SITE) else 'matchers/policies'}）") from None
    except Exception as error:
        from sqlalchemy.exc import SQLAlchemyError

        if isinstance(error, SQLAlchemyError):
            raise failure(error) from None
        raise


def failure(error: "SQLAlchemyError") -> CrossmatchError:
    """The database's failure as an error of ours: ``DatabaseFailed``, or ``UsageError`` for a wrong URL."""
    from sqlalchemy.exc import ArgumentError

    from sql import InsecureTransport, NoDatabaseFile

    if isinstance(error, NoDatabaseFile):
        return UsageError(f"待遇库文件不存在：{error}；请检查 database_url，新建用 crossmatch db upgrade")
    if isinstance(error, InsecureTransport):
        return UsageError(f"连接其他主机上的待遇库必须用 TLS：{error}；请改为 sslmode=require 或更高")
    if isinstance(error, ArgumentError):
        return UsageError(
            "CROSSMATCH_DATABASE_URL 不是有效的数据库 URL；写作 sqlite:///文件 或 postgresql+psycopg://用户@主机/库"
        )
    original = getattr(error, "orig", None)
    sqlstate = getattr(original, "sqlstate", None)
    code = str(sqlstate or getattr(original, "sqlite_errorname", ""))
    lost = type(original).__name__ == "OperationalError" and not code
    nearest = max((key for key in REMEDIES if code.startswith(key)), key=len, default=None)
    remedy = REMEDIES[nearest] if nearest else LOST if lost else UNKNOWN
    return DatabaseFailed(f"{remedy}（{original if sqlstate else code or type(error).__name__}）", code)
