"""密钥 — account and phone numbers become HMAC keys when they are read; no table of ours holds a number."""

import hashlib
import hmac
import secrets
import unicodedata
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.base.store import Store

SIZE = 32
SIGNS = str.maketrans("", "", " -\t\r\n\u3000\u2010\u2011\u2012\u2013\u2014\u2212")


class Keys:
    """Keys of numbers, made with the secret of this store; equal numbers have equal keys."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, number: str) -> str:
        """The key of one number or name, however it was spaced."""
        return hmac.new(self._secret, folded(number).encode(), hashlib.sha256).hexdigest()[:40]

    def column(self, numbers: "pd.Series[Any]") -> "pd.Series[Any]":
        """The keys of a column; nothing and zeros alone stay nothing."""
        distinct = {n: self.of(n) for n in numbers.dropna().unique() if folded(n).strip("0")}
        return numbers.map(distinct).astype(object).where(lambda keys: keys.notna(), None)


def folded(number: str) -> str:
    """A number as it is compared: NFKC, without blanks and hyphens."""
    return unicodedata.normalize("NFKC", str(number)).translate(SIGNS)


def keys(root: Path) -> Keys:
    """The keys of this store; its secret is made once, for its owner alone, and belongs in the backup."""
    file = root / "risk.key"
    if not file.exists():
        with Store.replacing(file) as unfinished:
            unfinished.write_text(secrets.token_hex(SIZE), "ascii")
            unfinished.chmod(0o600)
    return Keys(bytes.fromhex(file.read_text("ascii")))
