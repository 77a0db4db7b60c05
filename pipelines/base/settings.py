"""配置 — ``crossmatch.toml`` and the environment over it, as one frozen ``Settings``.

Every field may be set as ``<field> = …`` in the file or ``CROSSMATCH_<FIELD>`` in the environment;
the environment wins. The file is the one ``CROSSMATCH_CONFIG`` names, else ``./crossmatch.toml`` if there.
``CROSSMATCH_FEEDS`` names the folder of an agency's own headings and bounds (``expectations/feed.py``),
``CROSSMATCH_SITE`` the folder of all that is an agency's own (``site``), a last ``crossmatch.toml`` among it.
``CROSSMATCH_SIGNING_KEY`` holds the key that signs exported corrections, and stands in no file. A secret may
be handed over in a file of its own: ``CROSSMATCH_DATABASE_URL_FILE`` and so on name it (``secrets``).
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from expectations.feed import LOCAL, SITE, feeds
from matchers import law
from pipelines.base import secrets, site
from pipelines.base.errors import UsageError
from pipelines.base.failures import translated

PREFIX = "CROSSMATCH_"
SIGNING_KEY = "CROSSMATCH_SIGNING_KEY"
FILE = "crossmatch.toml"
SECRET = ("database_url", "oidc_client_secret")
PASSWORD = re.compile("://[^:/@]*:[^@]+@|[?&]password=")  # holds any sign but @, as SQLAlchemy reads it
LEAST = {"engine_rows": 0, "report_limit": 0, "verify_workdays": 0}
DEFAULT_POLICY = "national"
LOGS = ("", "text", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are and how much of the machine a night may use.

    ``history`` holds the exports of a clean-up, ``store`` holds landed Parquet, ``lookback_months`` how far
    back a payment makes a claim checked. Extracts of fewer than ``engine_rows`` rows are joined embedded
    whatever ``engine`` is, within ``memory_mb`` and ``threads``; the file's table ``[spark]`` goes to Spark
    word for word. ``report_limit``: the candidates that a list shows of one district (0: all of them),
    ``export_nights``: how long any list is taken back. ``desk_origin`` is the address that people type for
    the desk, ``desk_proxy`` the one whose word for a browser's is believed, ``desk_files`` the folder of
    attachments and notices, ``notice_templates`` that of the agency's own Word templates, empty for ours.
    ``oidc_issuer``: the city's OpenID Connect provider, at which people with a word of their own in its
    ``oidc_claim`` sign in; the desk is its client ``oidc_client_id``.
    ``risk_policy``: the file of a city's own values for fund risk. ``pay_days``: the dates of payment, for a
    payment roll without dates; ``verify_workdays``: how many working days before them a check has to be done;
    ``reply_days``: how many days after it was handed out a candidate's answer is late.
    ``log``: whether each step of a night leaves a dated line on standard error, ``text`` or ``json``.
    ``history_complete_from``: districts whose contributions are complete, and from which month on.
    """

    database_url: str = "sqlite:///benefit.db"
    inbox: Path = Path("inbox")
    history: Path = Path("history")
    store: Path = Path("store")
    reports: Path = Path("reports")
    policy: str = DEFAULT_POLICY
    engine: str = "duckdb"
    engine_rows: int = 100_000_000
    spark: Mapping[str, str] = field(default_factory=dict)
    lookback_months: int = 24
    memory_mb: int = 1024
    threads: int = 2
    retention_nights: int = 30
    export_nights: int = 90
    report_limit: int = 0
    desk_origin: str = ""
    desk_proxy: str = ""
    desk_files: Path = Path("desk")
    notice_templates: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_claim: str = "sub"
    risk_policy: str = ""
    pay_days: str = ""
    verify_workdays: int = 3
    reply_days: int = 10
    log: str = ""
    history_complete_from: str = ""

    @property
    def pay_calendar(self) -> tuple[date, ...]:
        """The days of ``pay_days``, in order; ``UsageError`` where one is no date."""
        try:
            return tuple(sorted(map(date.fromisoformat, self.pay_days.replace(",", " ").split())))
        except ValueError:
            raise UsageError("配置项 pay_days 应为以空格分开的日期，如 2026-11-26 2026-12-25") from None

    @property
    def complete_months(self) -> Mapping[str, int]:
        """The months of ``history_complete_from`` by district; ``UsageError`` where one cannot be read."""
        from matchers import months

        pairs = [given.partition("=") for given in self.history_complete_from.replace(",", " ").split()]
        try:
            return {district: months.number(month) for district, _, month in pairs}
        except ValueError:
            raise UsageError(
                "配置项 history_complete_from 应为以空格分开的 区县=年月，如 510000=2010-01 510001=2012-07"
            ) from None

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """The settings of this process. ``UsageError`` names an unknown key or an unreadable value.

        An agency's own headings and bounds are looked at too, so that a slip in them shows before a night.
        """
        env = dict(os.environ if environment is None else environment)
        named = env.pop(PREFIX + "CONFIG", None)
        env.pop(LOCAL, None)
        of_site, own_file = site.named(env), site.part(FILE, env)
        env.pop(SITE, None)
        for name in (SIGNING_KEY, SIGNING_KEY + secrets.FILE):
            env.pop(name, None)
        for name in (PREFIX + secret.upper() for secret in SECRET):
            if value := secrets.secret(name, env):
                env[name] = value
            env.pop(name + secrets.FILE, None)
        file = Path(named or (FILE if Path(FILE).exists() else own_file or FILE))
        from_file = _from_file(file) if named or file.exists() else {}
        given = of_site | from_file | _from_environment(env)
        kinds = {f.name: type(getattr(cls(), f.name)) for f in fields(cls)}
        with translated():
            if (policy := given.get("policy", DEFAULT_POLICY)) not in law.policies():
                raise UsageError(
                    f"没有名为 {policy} 的口径；可用：{'、'.join(law.policies())}（配置项 policy）"
                )
            law.policy(policy)
            feeds()
        return _checked(cls(**{n: _read(n, value, kinds[n]) for n, value in given.items()}))


def _from_file(file: Path) -> dict[str, Any]:
    try:
        given = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"配置文件 {file} 无法读取（{error.strerror}）；请检查 {PREFIX}CONFIG") from None
    except ValueError as error:
        raise UsageError(f"{file}: 不是有效的 TOML（{error}）") from None
    names = {f.name for f in fields(Settings)}
    for name in given:
        if name not in names:
            raise UsageError(f"{file}: 未知配置项 {name}；可用：{'、'.join(sorted(names))}")
        if name in SECRET and _is_secret(name, str(given[name])):
            raise UsageError(f"{file}: {name} 含有口令；请改用环境变量 {PREFIX}{name.upper()}")
    return given


def _from_environment(env: Mapping[str, str]) -> dict[str, Any]:
    names = {f.name for f in fields(Settings)}
    given = {k.removeprefix(PREFIX).lower(): v for k, v in env.items() if k.startswith(PREFIX)}
    for name in given:
        if name not in names:
            raise UsageError(f"环境变量 {PREFIX}{name.upper()} 不是配置项；可用：{'、'.join(sorted(names))}")
    return given


def _is_secret(name: str, value: str) -> bool:
    return PASSWORD.search(value) is not None if name == "database_url" else bool(value)


def _checked(settings: Settings) -> Settings:
    """The same settings; a slip in the calendar, in the months of districts or the kind of log shows before a
    night.
    """
    _ = settings.pay_calendar, settings.complete_months
    if settings.log not in LOGS:
        raise UsageError(f"配置项 log 应为空、{'、'.join(filter(None, LOGS))} 之一")
    return settings


def _read(name: str, value: Any, kind: type) -> Any:
    try:
        if not isinstance(value, str) and type(value) is not kind:
            raise TypeError
        read = kind(value)
    except (TypeError, ValueError):
        raise UsageError(f"配置项 {name} 的值无法读作 {kind.__name__}") from None
    if kind is dict and not all(isinstance(v, str) for v in read.values()):
        raise UsageError(f'配置项 {name} 的键与值都要加引号，如 "spark.executor.memory" = "4g"')
    if kind is int and read < (least := LEAST.get(name, 1)):
        raise UsageError(f"配置项 {name} 应为不小于 {least} 的整数")
    return read
