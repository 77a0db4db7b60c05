"""基金风险信号 — what says *look here* about a claim, an account, an employer or an operator.

A signal is no candidate and accuses nobody: it stops no benefit, delays no payment and opens no other signal
about a person. ``rules/`` holds one module for each; a new one is found by discovery and needs its sentences
in ``tests/risk/<rule>.toml``.
"""
