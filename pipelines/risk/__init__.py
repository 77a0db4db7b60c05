"""基金风险 — the month's signals, apart from candidates: read, judged, written, reviewed, reported."""
