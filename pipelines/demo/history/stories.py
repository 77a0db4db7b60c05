"""情节 — what decades leave behind: duplicates and who must not be taken for one, odd months, wrong terms."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from pipelines.demo.calendar import hyphened, month_of
from pipelines.demo.history.register import LEFT, Cast
from pipelines.demo.people import number

Story = Callable[[Cast], None]
YEARS: Final = 9


def plain(cast: Cast) -> None:
    """A clean record, and a claim of the term that its months give."""
    no, who = cast.newcomer()
    payer = cast.career(no, years := cast.rng.randint(1, 15))
    cast.register.claim(cast.rng, no, who, payer, years * 12, cast.register.terms.months(years * 12))


def twice_registered(cast: Cast) -> None:
    """One person, once under fifteen digits and once under eighteen: a merge, and a number to convert."""
    old, who = cast.newcomer()
    cast.career(old, 2)
    new, _ = cast.newcomer(who, 身份证号码=who.fifteen)
    cast.register.pay(new, cast.payer(), range(LEFT - YEARS * 12, LEFT - YEARS * 12 + 30))
    first, second = sorted((old, new))
    cast.register.pair(old, new, "merge")
    cast.register.finding("DUPLICATE_PERSON", f"{first}+{second}", "person_no")
    cast.register.finding("ID_15", new, "id_number")


def twins(cast: Cast) -> None:
    """Two numbers of one day and place, one surname: two people."""
    one, who = cast.newcomer()
    sequence = int(who.id_number[14:17]) ^ 2
    other = replace(
        who,
        id_number=number(who.id_number[:6], who.born, sequence),
        name=who.name[0] + cast.rng.choice("鑫淼焱垚"),
        phone=f"199{who.phone[3:]}",
    )
    two, _ = cast.newcomer(other)
    for no in (one, two):
        cast.career(no, 3)
    cast.register.pair(one, two, "never")


def namesakes(cast: Cast) -> None:
    """One name, and nothing else in common."""
    one, who = cast.newcomer()
    two, _ = cast.newcomer(replace(cast.people.pop(), name=who.name))
    for no in (one, two):
        cast.career(no, 2)
    cast.register.pair(one, two, "never")


def number_given_twice(cast: Cast) -> None:
    """One number, two people of other names: a question, never a merge."""
    one, who = cast.newcomer()
    other = next(one for one in cast.people if one.name[0] != who.name[0])
    cast.people.remove(other)
    two, _ = cast.newcomer(replace(other, id_number=who.id_number, born=who.born, sex=who.sex))
    for no in (one, two):
        cast.career(no, 2)
    cast.register.pair(one, two, "question")
    cast.register.finding("SHARED_NUMBER", "+".join(sorted((one, two))), "person_no")


def paid_as_a_child(cast: Cast) -> None:
    """Months before the sixteenth birthday: impossible, or of somebody else."""
    no, who = cast.newcomer()
    child = month_of(who.born) + 14 * 12
    cast.register.pay(no, cast.payer(), range(child, child + 60))
    months = f"{hyphened(child)}..{hyphened(month_of(who.born) + 16 * 12 - 1)}"
    cast.register.finding("AGE_IMPOSSIBLE", no, "covered_month", "contribution_history", months)


def before_the_insurance(cast: Cast) -> None:
    """A month before July 1986, when the insurance did not exist."""
    no, _ = cast.newcomer()
    cast.career(no, 2)
    month = month_of(dt.date(1985, 3, 1))
    cast.register.pay(no, cast.payer(), range(month, month + 1))
    cast.register.finding("MONTH_BAD", no, "covered_month", "contribution_history", hyphened(month))


def two_payers(cast: Cast) -> None:
    """Four months paid by two employers: counted once."""
    no, who = cast.newcomer()
    payer = cast.career(no, 4)
    cast.register.pay(no, cast.payer(), range(LEFT - 20, LEFT - 16))
    cast.register.claim(cast.rng, no, who, payer, 48, cast.register.terms.months(48))
    months = f"{hyphened(LEFT - 20)}..{hyphened(LEFT - 17)}"
    cast.register.finding("MONTH_DOUBLE", no, "covered_month", "contribution_history", months)


def owed(cast: Cast) -> None:
    """Half a year that was declared and never paid, and a year that nobody declared."""
    no, _ = cast.newcomer()
    payer = cast.career(no, 1)
    begin = LEFT - 12 - 12 - 6 + 1
    cast.register.pay(no, payer, range(begin, begin + 6), flag="2")
    cast.register.pay(no, payer, range(begin - 12, begin))
    cast.register.finding(
        "MONTH_OWED", no, "covered_month", "contribution_history",
        f"{hyphened(begin)}..{hyphened(begin + 5)}",
    )  # fmt: skip
    cast.register.finding(
        "MONTH_GAP", no, "covered_month", "contribution_history",
        f"{hyphened(begin + 6)}..{hyphened(LEFT - 12)}",
    )  # fmt: skip


def refunded(cast: Cast) -> None:
    """A refund of a month that nobody paid."""
    no, _ = cast.newcomer()
    payer = cast.career(no, 2)
    month = LEFT - 40
    cast.register.pay(no, payer, range(month, month + 1), kind="20")
    cast.register.finding("REFUND_ALONE", no, "covered_month", "contribution_history", hyphened(month))


def mistyped(cast: Cast) -> None:
    """Birth date and sex that the number contradicts, and a blank in the name."""
    who = cast.people.pop()
    written = {
        "出生日期": (who.born + dt.timedelta(days=1)).isoformat(),
        "性别": "女" if who.sex == "M" else "男",
        "姓名": f"{who.name[0]} {who.name[1:]}",
    }
    no, _ = cast.newcomer(who, **written)
    cast.career(no, 2)
    for code, column in (("ID_BIRTH", "birth_date"), ("ID_SEX", "sex"), ("NAME_FORM", "name")):
        cast.register.finding(code, no, column)


def no_number(cast: Cast) -> None:
    """A number of which a digit is lost."""
    who = cast.people.pop()
    no, _ = cast.newcomer(who, 身份证号码=who.id_number[:9] + who.id_number[10:])
    cast.career(no, 2)
    cast.register.finding("ID_UNUSABLE", no, "id_number")


def both_keys_edited(cast: Cast) -> None:
    """Number and name changed one after the other, and the police have no such change."""
    no, who = cast.newcomer()
    cast.career(no, 2)
    before = cast.people.pop()
    cast.register.edit(no, "身份证号码", before.id_number, who.id_number, dt.date(2012, 3, 5))
    cast.register.edit(no, "姓名", before.name, who.name, dt.date(2013, 8, 9))
    cast.register.finding("DOUBLE_CHANGE", no, "id_number", "key_changes")


def one_account(cast: Cast) -> None:
    """Four people with one account, no household."""
    members = []
    account = f"6217{cast.number:015d}"
    for _ in range(4):
        no, _ = cast.newcomer(银行账号=account)
        cast.career(no, 2)
        members.append(no)
    cast.register.finding("ACCOUNT", "+".join(sorted(members)), "bank_account")


def short(cast: Cast) -> None:
    """A term three months too short; where the law only sets a maximum, nothing can be said."""
    no, who = cast.newcomer()
    payer = cast.career(no, 5)
    cast.register.claim(cast.rng, no, who, payer, 60, cast.register.terms.months(60) - 3)


def long(cast: Cast) -> None:
    """A term that the months on record do not reach: only a question, for months may lie elsewhere."""
    no, who = cast.newcomer()
    payer = cast.career(no, 2)
    cast.register.claim(cast.rng, no, who, payer, 24, cast.register.terms.months(24) + 3)


def no_year(cast: Cast) -> None:
    """Ten months on record, and three granted."""
    no, who = cast.newcomer()
    payer = cast.payer()
    cast.register.pay(no, payer, range(LEFT - 9, LEFT + 1))
    cast.register.claim(cast.rng, no, who, payer, 10, 3)


def one_employer_twice(cast: Cast) -> None:
    """One credit code under two numbers of the agency."""
    payer = cast.payer()
    cast.register.employ(replace(payer, employer_id=f"51{cast.number:07d}"))
    cast.register.finding("EMPLOYER_SPLIT", payer.uscc, "employer_id", "employers")


def slip_in_a_code(cast: Cast) -> None:
    """A credit code with a wrong check character."""
    payer = cast.payer()
    wrong = replace(payer, employer_id=f"52{cast.number:07d}", uscc=payer.uscc[:-1] + "I")
    cast.register.employ(wrong)
    cast.register.finding("USCC_BAD", wrong.employer_id, "employer_uscc", "employers")


STORIES: Final[tuple[Story, ...]] = (
    twice_registered, twins, namesakes, number_given_twice, paid_as_a_child, before_the_insurance, two_payers,
    owed, refunded, mistyped, no_number, both_keys_edited, one_account, short, long, no_year,
    one_employer_twice, slip_in_a_code,
)  # fmt: skip
