"""命令 — one module per group of commands; each has ``register(app)``, and ``pipelines.cli`` finds it."""
