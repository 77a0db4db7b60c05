"""服务 — one process that answers browsers until it is stopped."""

import uvicorn

from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.database import migrate
from pipelines.desk import origin
from pipelines.desk.app import create

CONNECTIONS = 400


def serve(settings: Settings, host: str, port: int) -> None:
    """Serves the desk; ``UsageError`` where passwords would cross the net bare or a migration is missing."""
    if settings.oidc_issuer:
        from pipelines.desk import oidc

        oidc.require(settings)
    place = origin.of(host, port, settings.desk_origin, settings.desk_proxy)
    with migrate.opened(settings.database_url) as engine:
        if any(not state.applied for state in migrate.status(engine)):
            raise UsageError("待遇库还有未执行的迁移；请先运行 crossmatch db upgrade")
        uvicorn.run(
            create(settings, engine, place), host=host, port=port, log_config=None, access_log=False,
            proxy_headers=False, server_header=False, limit_concurrency=CONNECTIONS,
        )  # fmt: skip
