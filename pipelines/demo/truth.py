"""真相 — what a night must find, counted from the stories alone, and the sheets that say so.

The arithmetic here knows nothing of the product's rules: it is the other hand that counts.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from pipelines.demo.calendar import Calendar, hyphened, on
from pipelines.demo.case import Finding
from pipelines.demo.claims import BENEFIT, MEDICAL, SUBSIDY, Claim, Recovery

NOT_OF_DEATH: Final = ("funeral", "survivors")
SPENT: Final = ("paid", "in_transit")
TRUTH: Final = (
    "claim_id", "cause", "tier", "event_month", "stop_month", "overpaid_months", "overpaid_amount",
    "preventable_amount", "link", "story",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owed:
    """What a finding costs: months of benefit overpaid, fen due from the person, fen not yet paid."""

    stop: int
    months: tuple[int, ...]
    overpaid: int
    preventable: int


def owed(finding: Finding, calendar: Calendar) -> Owed:
    """The months and money of one finding as of the night."""
    claim = finding.claim
    stop = max(finding.event + 1, claim.start) if finding.stop is None else finding.stop
    spent: dict[tuple[int, str], int] = {}
    preventable = 0
    for payment in claim.payments:
        named = not finding.named or payment in finding.named
        touched = named and payment.month >= stop and payment.month in finding.holds
        lawful = finding.cause == "DEATH" and payment.kind in NOT_OF_DEATH
        state = payment.at(calendar)
        if touched and not lawful and state in SPENT:
            spent[payment.month, payment.kind] = spent.get((payment.month, payment.kind), 0) + payment.fen
        elif touched and state == "scheduled" and payment.kind != MEDICAL:
            preventable += payment.fen
    for recovery in claim.recoveries:
        if recovery.received_on <= calendar.as_of and (recovery.month, recovery.kind) in spent:
            left = spent[recovery.month, recovery.kind] - recovery.fen
            spent[recovery.month, recovery.kind] = max(0, left)
    months = sorted(month for month, kind in spent if kind == BENEFIT)
    due = sum(fen for (_, kind), fen in spent.items() if kind != MEDICAL)
    return Owed(stop, tuple(months), due, preventable)


def recover(rng: Random, finding: Finding, calendar: Calendar) -> None:
    """Some people have paid something back already, a few of them after the night."""
    months = owed(finding, calendar).months
    if not months or rng.random() > 0.2:
        return
    month = rng.choice(months)
    kind, fen = rng.choice(
        ((BENEFIT, finding.claim.standard), (BENEFIT, 30_000), (BENEFIT, 200_000), (SUBSIDY, 4_500))
    )
    paid = {payment.kind for payment in finding.claim.payments if payment.month == month}
    after = rng.random() < 0.2
    received = on(calendar.now + 1, 28) if after else calendar.as_of
    if kind in paid:
        finding.claim.recoveries.append(Recovery(month, kind, fen, received))


@dataclass(slots=True)
class Sheets:
    """The three sheets of a world: truth.csv, quiet.csv, notices.csv."""

    calendar: Calendar
    truth: list[tuple[str, ...]] = field(default_factory=list)
    quiet: list[tuple[str, ...]] = field(default_factory=list)
    notices: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, story: str, claims: Iterable[Claim], findings: Sequence[Finding]) -> None:
        """Notes what one case must give."""
        for finding in findings:
            self.truth.append(self._line(story, finding))
            if finding.cause == "DEATH":
                self.notices.append((finding.claim.claim_id, "survivors"))
        suspected = {finding.claim.claim_id for finding in findings}
        self.quiet.extend((claim.claim_id, story) for claim in claims if claim.claim_id not in suspected)

    def _line(self, story: str, finding: Finding) -> tuple[str, ...]:
        sum_ = owed(finding, self.calendar)
        return (
            finding.claim.claim_id,
            finding.cause,
            finding.tier,
            hyphened(finding.event),
            hyphened(sum_.stop),
            ";".join(map(hyphened, sum_.months)),
            yuan(sum_.overpaid),
            yuan(sum_.preventable),
            finding.link,
            story,
        )

    def write(self, world: Path) -> None:
        """Writes the three sheets, ordered by claim."""
        for name, heads, lines in self._sheets():
            write_sheet(world / name, heads, sorted(lines))

    def _sheets(self) -> Iterator[tuple[str, Sequence[str], list[tuple[str, ...]]]]:
        yield "truth.csv", TRUTH, self.truth
        yield "quiet.csv", ("claim_id", "story"), self.quiet
        yield "notices.csv", ("claim_id", "kind"), self.notices


def yuan(fen: int) -> str:
    """Fen as yuan with two places."""
    return f"{fen // 100}.{fen % 100:02d}"


def write_sheet(file: Path, heads: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """A plain UTF-8 sheet with a header."""
    with file.open("w", encoding="utf-8", newline="") as out:
        sheet = csv.writer(out, lineterminator="\n")
        sheet.writerow(heads)
        sheet.writerows(lines)
