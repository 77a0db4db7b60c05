"""A small provider of identities on loopback: OpenID Connect by the book, and every way to break it."""

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.postgres import _free_port

CLIENT, SECRET = "desk of a city", "s:cret %&+"
KEYS: dict[str, Key] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
}
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa"})


@dataclass
class Provider:
    """Who signs in next, and what is then said of them: ``twist`` has the last word on the claims."""

    issuer: str
    subject: str = "u-1"
    algorithm: str = "RS256"
    key: Key | None = None
    twist: Callable[[dict[str, object]], dict[str, object]] = dict
    described: dict[str, object] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    async def _describe(self, _: Request) -> Response:
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        own = {name: f"{self.issuer}/{place}" for name, place in places.items()}
        return JSONResponse({"issuer": self.issuer} | own | self.described)

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.asked)}"
        self.asked[code] = asked
        back = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def _token(self, request: Request) -> Response:
        sent = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.asked.pop(sent["code"], None)
        proof = hashlib.sha256(sent["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        if (
            asked is None
            or asked["code_challenge_method"] != "S256"
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != sent["redirect_uri"]
            or not self._is_client(request, sent)
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": self.subject, "iat": now, "exp": now + 300}
        claimed = self.twist(claims | {"nonce": asked["nonce"]})
        key = self.key or KEYS[self.algorithm]
        token = jwt.encode({"alg": self.algorithm, "kid": key.kid}, claimed, key, algorithms=[self.algorithm])
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})

    async def _keys(self, _: Request) -> Response:
        return JSONResponse(KeySet(list(KEYS.values())).as_dict(private=False))

    def _is_client(self, request: Request, sent: dict[str, str]) -> bool:
        if self.described.get("token_endpoint_auth_methods_supported") == ["client_secret_post"]:
            return (sent["client_id"], sent.get("client_secret")) == (CLIENT, SECRET)
        given = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        return [unquote(part) for part in given.split(":")] == [CLIENT, SECRET]


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that answers until the end of the block."""
    port = _free_port()
    made = Provider(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(made.app(), port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield made
    server.should_exit = True
    thread.join()
