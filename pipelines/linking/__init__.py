"""匹配 — extracts linked to the recipients of a night."""
