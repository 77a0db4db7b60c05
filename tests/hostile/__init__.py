"""Hostile and damaged files, made on demand: ``FILES`` maps a sentence to a function that makes one.

A function is given an empty folder and returns the path to land. ``LEGAL`` names those that are odd, but
must land; all others must be refused.
"""

from tests.hostile import packed, plain, tables
from tests.hostile.corpus import FILES, LEGAL

__all__ = ["FILES", "LEGAL", "packed", "plain", "tables"]
