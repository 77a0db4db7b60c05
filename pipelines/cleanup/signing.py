"""签名 — Ed25519 over an export and its manifest; the key comes from the environment alone."""

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from pipelines.base.errors import UsageError
from pipelines.base.secrets import secret
from pipelines.base.settings import SIGNING_KEY


def private_key() -> Ed25519PrivateKey | None:
    """The key of this process, None where the environment has none; ``UsageError`` where it is no key."""
    text = secret(SIGNING_KEY)
    if not text.strip():
        return None
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"环境变量 {SIGNING_KEY} 不是 PEM 格式的 Ed25519 私钥；未签名")
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """The public key in a PEM file; ``UsageError`` where there is none."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"{path.name} 不是 PEM 格式的 Ed25519 公钥")
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    """The first 16 signs of the SHA-256 of a public key, by which people tell keys apart."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def signature(key: Ed25519PrivateKey, *contents: bytes) -> bytes:
    """The signature over the contents, one after the other, each by its length first."""
    return key.sign(_together(contents))


def holds(key: Ed25519PublicKey, given: bytes, *contents: bytes) -> bool:
    """Whether a signature is this key's over these contents."""
    try:
        key.verify(given, _together(contents))
    except InvalidSignature:
        return False
    return True


def _together(contents: tuple[bytes, ...]) -> bytes:
    return b"".join(len(content).to_bytes(8, "big") + content for content in contents)
