"""Faults: a night is killed, cut off, frozen, starved, rivalled; run again, it must end as if undisturbed.

``town`` is the benefit agency on which it runs, ``runner`` forks nights from a warm process, ``trials`` are
the faults, ``__main__`` runs them all and counts.
"""
