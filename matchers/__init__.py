"""比对规则 — pure: frames in, frames out; no file, no database, no clock."""
