"""概率匹配 — record linkage for rows without a usable ID number."""
