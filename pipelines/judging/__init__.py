"""研判与写回 — causes and money, the gate, the state of our tables."""
