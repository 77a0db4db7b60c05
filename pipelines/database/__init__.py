"""库 — the benefit database: its relations and ours, migrations, lock, audit."""
