"""再次研判 — a judgement on the grounds of an earlier one is taken from there.

Of the day itself a judgement holds the month, the values of the policy as they stand then, who is within the
period for telling of a change, and by when materials are due. Where all but the last are as on another night
its judgement is this night's, and the last is set anew. Where more is known of some people than then, or
other things, they alone are judged (``standing``).
"""

from collections.abc import Iterable
from datetime import date

import pyarrow as pa

from expectations.feed import feeds
from matchers import notices
from matchers.judge import within_notice_period
from matchers.law import policy
from pipelines import runs
from pipelines.base import made
from pipelines.base.frames import Night
from pipelines.base.made import Made
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.judging import parts, step
from pipelines.judging.docket import linked_feeds
from pipelines.judging.standing import Standing, standing

LEFT = ("judged/*.parquet",)
EVERYBODY = ("terms.parquet", "one_employer.parquet")
READ = (
    "claims.parquet", "recipients.parquet", "identities.parquet", "payments.parquet", "terms.parquet",
    "one_employer.parquet", "linked/*.parquet",
)  # fmt: skip


def judge(settings: Settings, as_of: date) -> tuple[dict[str, int], date | None]:
    """Candidates by cause of the judgement that now lies in the night's folder; the night it is taken from,
    if any.
    """
    night, law = Night.of(settings, as_of), _law(settings, as_of)
    grounds = _grounds(law, night)
    records = list(made.newest(settings.store, runs.JUDGED, as_of))
    for day, record in records:
        folder = Store(settings.store).night(day)
        if record.grounds != grounds or not record.stands(folder, LEFT):
            continue
        if day == as_of or _taken(settings, record, Night(folder), night, as_of):
            counts = dict(record.outcome)
            break
    else:
        day, counts = None, step.judge(settings, as_of, _standing(settings, law, records, as_of))
    Made.of(grounds, night.folder, LEFT, counts).keep(night.folder / runs.JUDGED)
    return counts, day


def _standing(
    settings: Settings, law: str, records: Iterable[tuple[date, Made]], as_of: date
) -> Standing | None:
    """What holds of the newest judgement under this law that lies there with all that it rested on."""
    for day, record in records:
        earlier = Night(Store(settings.store).night(day))
        if day < as_of and record.grounds == _grounds(law, earlier) and record.stands(earlier.folder, LEFT):
            return standing(settings, earlier, as_of)
    return None


def _grounds(law: str, night: Night) -> str:
    """Digests of all that a judgement rests on: of what holds for everybody, and of the night's frames."""
    return f"{law} {made.digest([repr(made.digests(night.folder, READ))])}"


def _law(settings: Settings, as_of: date) -> str:
    """A digest of what holds for everybody on the night, but for the day within its month."""
    night, rules, run = Night.of(settings, as_of), policy(settings.policy), runs.opened(settings, as_of)
    values = {
        name: [d.value for d in value.dated if d.since <= as_of][:1] for name, value in rules.values.items()
    }
    decided = [run.unavailable, sorted(run.demoted.items()), run.confirmed]
    common = [linked_feeds(night), made.digests(night.folder, EVERYBODY)]
    law = [rules, values, f"{as_of:%Y-%m}"]
    return made.digest([made.product(), *map(repr, (feeds(), *common, *decided, *law))])


def _taken(settings: Settings, record: Made, source: Night, night: Night, as_of: date) -> bool:
    """Whether the judgement of another night is this one's; then it lies in its folder."""
    rules, candidates = policy(settings.policy), source.frame("judged/candidates")
    if within_notice_period(candidates, rules, as_of) != candidates["within_notice_period"].tolist():
        return False
    record.copy(source.folder, night.folder, LEFT)
    requests = night.frame("judged/requests")
    dated = requests.assign(due_on=notices.due_on(rules, as_of))
    rows = pa.Table.from_pandas(dated, preserve_index=False)
    step.keep(night, "requests", [parts.of_table(rows, "requests")])
    return True
