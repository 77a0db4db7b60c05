"""The tests: what users rely on, as sentences."""
