"""人 — numbers, names and who is who."""
