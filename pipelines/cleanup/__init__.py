"""历史数据清理 — decades of records read, checked and explained; people decide, a signed file goes out.

The agency's relations are only read. Stages: land, persons, check (64 shards), employers, assemble.
"""
