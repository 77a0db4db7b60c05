"""来源 — the address under which the desk is known, and whether a request comes from its own pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipelines.base.errors import UsageError

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where browsers reach the desk. ``proxy``: the one address whose ``X-Forwarded-For`` is believed."""

    addresses: frozenset[str]
    proxy: str

    @property
    def encrypted(self) -> bool:
        """Whether browsers reach it by TLS alone."""
        return all(address.startswith("https://") for address in self.addresses)

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; behind TLS no other host can set it."""
        return "__Host-desk" if self.encrypted else "desk"

    @property
    def lent_cookie(self) -> str:
        """The name of the cookie of a sign-in that is on its way to the city's provider of identities."""
        return f"{self.cookie}-sign-in"

    def knows_host(self, headers: Mapping[str, str]) -> bool:
        """Whether the request was meant for this desk."""
        return headers.get("host", "") in {urlsplit(address).netloc for address in self.addresses}

    def is_own(self, headers: Mapping[str, str]) -> bool:
        """Whether a form was sent by a page of the desk: a browser that does not say so is refused."""
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return False
        if (origin := headers.get("origin")) is not None:
            return origin in self.addresses
        sent_by = urlsplit(headers.get("referer", ""))
        return f"{sent_by.scheme}://{sent_by.netloc}" in self.addresses

    def client(self, peer: str, forwarded: Sequence[str]) -> str:
        """The address of the browser: the last that the proxy saw, where it is ours that speaks.

        ``forwarded``: every ``X-Forwarded-For``, in order; what stands before the last address, or in a
        header before the last, anybody may have written.
        """
        last = forwarded[-1].rpartition(",")[2].strip() if forwarded else ""
        return last if self.proxy and peer == self.proxy and last else peer


def of(host: str, port: int, public: str, proxy: str) -> Origin:
    """The origin of a desk that listens on ``host``; ``UsageError`` where passwords would cross the net bare.

    ``public``: the address that people type, where a reverse proxy stands before it.
    """
    if public:
        address = urlsplit(public)
        if address.scheme not in ("http", "https") or not address.netloc or address.path.strip("/"):
            raise UsageError("desk_origin 应为 https 开头的地址：只有主机名，不带路径")
        if address.scheme == "http" and address.hostname not in LOOPBACK:
            raise UsageError("desk_origin 须为 https：口令与会话不得在网络上明文传送")
        return Origin(frozenset({f"{address.scheme}://{address.netloc}"}), proxy)
    if host not in LOOPBACK:
        raise UsageError("对外提供须经 TLS 反向代理：请设置 desk_origin（https 开头），见 docs/desk.md")
    return Origin(frozenset(f"http://{name}:{port}" for name in ("127.0.0.1", "localhost")), proxy)
