"""统一身份认证 — OpenID Connect: where a browser goes to sign in, and whom the provider says it is.

Authorization code with PKCE; the answer is believed only where the provider signed it by a public key, for
this desk, for this very sign-in, and lately. Nothing is kept between two sign-ins: keys may change.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import quote, urlsplit

from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.desk.origin import LOOPBACK
from pipelines.desk.single_sign_on import Begun

try:
    import httpx
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet
except ImportError:
    raise UsageError(
        "统一身份认证（oidc_issuer）须另外安装：pip install 'benefit-crossmatch[desk-oidc]'"
    ) from None

WELL_KNOWN: Final = "/.well-known/openid-configuration"
SIGNED_BY: Final = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512")
ADDRESSES: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ABSENT: Final = ("unreachable", "provider")
BY_FORM: Final = "client_secret_post"
SECONDS: Final = 10.0
LEEWAY: Final = 60


class Failed(Exception):
    """The provider did not say who it is; ``reason`` is a word of ours, and names nobody."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def require(settings: Settings) -> None:
    """Nothing where the settings of single sign-on are whole; else ``UsageError``."""
    if not _secure(settings.oidc_issuer):
        raise UsageError("oidc_issuer 应为 https 开头的地址：身份不得在网络上明文传送")
    if not settings.oidc_client_id:
        raise UsageError("设置了 oidc_issuer，还须设置 oidc_client_id：本系统在统一身份认证登记的名称")


def destination(settings: Settings, begun: Begun, back: str) -> str:
    """The address at the provider where this sign-in goes on; ``Failed`` where the provider is not there.

    ``back``: where the provider sends the browser afterwards.
    """
    with _failures(), _client() as client:
        provider = _provider(client, settings.oidc_issuer)
        return str(
            prepare_grant_uri(
                provider["authorization_endpoint"],
                client_id=settings.oidc_client_id,
                response_type="code",
                redirect_uri=back,
                scope="openid" if settings.oidc_claim == "sub" else "openid profile",
                state=begun.state,
                nonce=begun.nonce,
                code_challenge=create_s256_code_challenge(begun.verifier),
                code_challenge_method="S256",
            )
        )


def subject(settings: Settings, begun: Begun, back: str, answer: Mapping[str, str]) -> str:
    """The provider's stable word for the person, from the ``answer`` that the browser brought back.

    ``Failed`` unless everything in it is as OpenID Connect Core 1.0, 3.1.3.7 demands.
    """
    if answer.get("iss", settings.oidc_issuer) != settings.oidc_issuer:
        raise Failed("issuer")
    if answer.get("error") or not answer.get("code"):
        raise Failed("denied")
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": back,
        "code_verifier": begun.verifier,
        "client_id": settings.oidc_client_id,
    }
    with _failures(), _client() as client:
        provider = _provider(client, settings.oidc_issuer)
        token = _object(_token(client, settings, provider, form))
        keys = KeySet.import_key_set(_object(client.get(provider["jwks_uri"])))  # type: ignore[arg-type]
        signed = jwt.decode(str(token.get("id_token", "")), keys, algorithms=SIGNED_BY)
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            options={
                "iss": {"essential": True, "value": settings.oidc_issuer},
                "aud": {"essential": True, "value": settings.oidc_client_id},
                "exp": {"essential": True},
            },
            params={
                "nonce": begun.nonce,
                "client_id": settings.oidc_client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=int(clock.instant().timestamp()), leeway=LEEWAY)
    who = claims.get(settings.oidc_claim)
    if not isinstance(who, str) or not who:
        raise Failed("claim")
    return who


def _provider(client: httpx.Client, issuer: str) -> Mapping[str, Any]:
    """What the issuer says of itself; it has to be the one that is named, and reached by TLS."""
    provider = _object(client.get(issuer.rstrip("/") + WELL_KNOWN))
    if provider.get("issuer") != issuer or not all(_secure(provider.get(name)) for name in ADDRESSES):
        raise Failed("provider")
    return provider


def _token(
    client: httpx.Client, settings: Settings, provider: Mapping[str, Any], form: Mapping[str, str]
) -> httpx.Response:
    place, secret = provider["token_endpoint"], settings.oidc_client_secret
    if not secret:
        return client.post(place, data=form)
    if provider.get("token_endpoint_auth_methods_supported") == [BY_FORM]:
        return client.post(place, data={**form, "client_secret": secret})
    quoted = (quote(part, safe="") for part in (settings.oidc_client_id, secret))
    return client.post(place, data=form, auth=httpx.BasicAuth(*quoted))


def _client() -> httpx.Client:
    return httpx.Client(timeout=SECONDS, follow_redirects=False, headers={"accept": "application/json"})


def _object(answer: httpx.Response) -> dict[str, Any]:
    answer.raise_for_status()
    read = answer.json()
    if not isinstance(read, dict):
        raise Failed("provider")
    return read


def _secure(address: object) -> bool:
    """Whether what is sent to the address is read by nobody on the way."""
    parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
    return bool(parts.hostname) and (parts.scheme == "https" or parts.hostname in LOOPBACK)


@contextmanager
def _failures() -> Iterator[None]:
    """What goes wrong inside as ``Failed``, without a word of what was sent: it names people and secrets."""
    try:
        yield
    except httpx.HTTPStatusError:
        raise Failed("refused") from None
    except httpx.HTTPError:
        raise Failed("unreachable") from None
    except JoseError:
        raise Failed("token") from None
    except (ValueError, TypeError, KeyError):
        raise Failed("provider") from None
