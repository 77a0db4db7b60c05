"""调度 — Airflow DAGs: names, order, schedules and retries; no rule and no data frame lives here."""
