"""风险规则的依据 — the rows on which the rules rest: read here, judged in ``rules/``.

Each function takes the ground and gives rows of what is on record; thresholds of counting and levels are the
rules' own.
"""
