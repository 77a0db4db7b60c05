"""发放日 — when money goes out next, and until when a check can still stop it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from matchers import workdays
from pipelines.base.settings import Settings
from sql.tables import payment

AHEAD = ("scheduled", "in_transit")
UNSET = "下次发放日不明：发放名册没有写明发放日期，发放日历也没有此后的日期，请系统管理员补上"


@dataclass(frozen=True, slots=True)
class NextPayment:
    """The next day of payment from a night on, how many days are left, and the last day to have checked."""

    pay_day: date
    days_left: int
    verify_by: date

    def __str__(self) -> str:
        return f"下次发放日 {self.pay_day}（还有 {self.days_left} 天），截止核实日 {self.verify_by}"


def following(connection: Connection, settings: Settings, as_of: date) -> NextPayment | None:
    """The next payment as the roll dates it, else as the calendar does; None where neither has one."""
    p = payment.c
    dated = select(func.min(p.paid_on)).where(p.paid_on >= as_of, p.state.in_(AHEAD))
    rolled: date | None = connection.scalar(dated)
    day = rolled or next((day for day in settings.pay_calendar if day >= as_of), None)
    if day is None:
        return None
    return NextPayment(day, (day - as_of).days, workdays.before(day, settings.verify_workdays))


def words(payment: NextPayment | None) -> str:
    """What page, cover and message say of it."""
    return str(payment) if payment else UNSET
