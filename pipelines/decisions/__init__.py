"""决定 — what people decide, and what follows from it."""
