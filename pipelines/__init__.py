"""夜间比对 — the order of work; all reading and writing."""
