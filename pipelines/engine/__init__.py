"""比对引擎 — the seam behind which millions of rows are joined, and what stands behind it."""
