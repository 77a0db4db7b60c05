"""What can go wrong, as a tree; every message has the thing, the place and the next step, never a person.

CrossmatchError                 exit  1   the work failed
├── UsageError                        2   a wrong command, setting or configuration
│   └── DecisionRefused               2   what a person asked to decide cannot be decided so
│       └── Outdated                  2   it has changed since it was shown to the person
├── HeldByGate                        3   a gate holds the work until people release it
├── DeliveryRejected                  4   an input is refused; waiting does not mend it
└── Locked                           75   another run holds the lock
"""

from pipelines.base.logs import redacted


class CrossmatchError(Exception):
    """The work could not be done. A number of a person in ``message``, of a file's name say, is left out."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(redacted(message))


class UsageError(CrossmatchError):
    """The command, a setting or the configuration is wrong."""

    exit_code = 2


class DecisionRefused(UsageError):
    """A decision, release, answer or list of a person is refused; nothing of it is kept.

    ``subject``: the number of what it is about, or empty; ``reason``: why, with the next step; ``at``: the
    part to be mended, by its name in the code (``by``, ``second_by``, ``reason_code`` …), or empty.
    """

    def __init__(self, reason: str, subject: str = "", *, at: str = "") -> None:
        super().__init__(f"{subject}：{reason}" if subject else reason)
        self.subject, self.reason, self.at = subject, redacted(reason), at


class Outdated(DecisionRefused):
    """What was to be decided has changed since it was shown; ``changes``: in which respects, in Chinese."""

    def __init__(self, subject: str, changes: tuple[str, ...]) -> None:
        super().__init__(f"显示之后已有变动：{'、'.join(changes)}；未作决定，请看过现状再决定", subject)
        self.changes = changes


class HeldByGate(CrossmatchError):
    """A gate holds a delivery or a night until people release it."""

    exit_code = 3


class DeliveryRejected(CrossmatchError):
    """A delivery, or a file of one, is refused whole; a retry does not make it better."""

    exit_code = 4


class Locked(CrossmatchError):
    """Another run works on this benefit database."""

    exit_code = 75
