"""底座 — what every room stands on: settings, store, frames, clock, errors, logs."""
