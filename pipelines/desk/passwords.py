"""口令 — Argon2id hashes of passwords, and passwords made at random for a first sign-in."""

import secrets
import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from matchers.text import fold

LEAST: Final = 12
MOST: Final = 200
READABLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"
AT_ONCE: Final = 2
_hasher = PasswordHasher()
_room = threading.BoundedSemaphore(AT_ONCE)  # a hash takes 64 MiB: a flood of sign-ins queues here


def hashed(password: str) -> str:
    """The password as it is stored."""
    with _room:
        return _hasher.hash(password)


def is_right(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; without a stored one the answer costs the same time."""
    try:
        with _room:
            right = _hasher.verify(stored or _nobodys(), password[:MOST])
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def drawn() -> str:
    """A password of 16 random signs, in groups that can be read out."""
    groups = ("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def objection(password: str, account: str, name: str) -> str:
    """Why the password may not be taken, in Chinese; empty where it may."""
    if not LEAST <= len(password) <= MOST:
        return f"口令须有 {LEAST} 至 {MOST} 个字符"
    if len(set(password)) < 5:
        return "口令中不同的字符太少"
    plain = fold(password).casefold()
    if any(word and fold(word).casefold() in plain for word in (account, name)):
        return "口令不得含有账号或姓名"
    return ""


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_hex())
