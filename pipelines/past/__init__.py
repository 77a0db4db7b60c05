"""往日 — past nights, run for the first time or for comparison."""
