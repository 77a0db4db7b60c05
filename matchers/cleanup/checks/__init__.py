"""检查 — one module a check: ``rule`` reads a register and says what it sees, a row for each record."""
