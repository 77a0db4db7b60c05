"""页 — one module for each page of the desk, one template beside it."""
