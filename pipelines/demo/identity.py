"""写法 — how agencies write one person's number and name: harmlessly, in an older form, or mangled."""

import string
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Final

import numpy as np

from pipelines.demo.people import Person, checked

FULL_WIDTH: Final = {ord(c): ord(c) + 0xFEE0 for c in string.ascii_uppercase + string.digits}


def untidy(person: Person, rng: Random) -> Person:
    """The same person, now and then written in a form that folding undoes."""
    number, name = person.id_number, person.name
    spaced = (f" {number} ", f"'{number}", f"{number[:6]} {number[6:]}")
    forms = (number.lower(), number.translate(FULL_WIDTH), *spaced)
    if rng.random() < 0.1:
        number = rng.choice(forms)
    if rng.random() < 0.03:
        name = rng.choice((f"{name[0]} {name[1:]}", f" {name}", f"{name}（参保）"))
    return replace(person, id_number=number, name=name)


def _substituted(number: str, rng: Random) -> str:
    place = rng.randrange(17)
    return number[:place] + rng.choice(string.digits.replace(number[place], "")) + number[place + 1 :]


def _swapped(number: str, rng: Random) -> str:
    place = rng.choice([p for p in range(16) if number[p] != number[p + 1]])
    return number[:place] + number[place + 1] + number[place] + number[place + 2 :]


def _dropped(number: str, rng: Random) -> str:
    place = rng.randrange(17)
    return number[:place] + number[place + 1 :]


def _inserted(number: str, rng: Random) -> str:
    place = rng.randrange(17)
    return number[:place] + rng.choice(string.digits) + number[place:]


def _masked(number: str, _: Random) -> str:
    return number[:6] + "********" + number[14:]


def _float(number: str, _: Random) -> str:
    return number[:15] + "000"


def _scientific(number: str, _: Random) -> str:
    return f"{float(number[:17] + '0'):.5E}"


def _missing(_: str, __: Random) -> str:
    return ""


MANGLINGS: Final[tuple[Callable[[str, Random], str], ...]] = (
    _substituted,
    _swapped,
    _dropped,
    _inserted,
    _masked,
    _float,
    _scientific,
    _missing,
)


def mangled(person: Person, rng: Random) -> Person:
    """The same person under a number that no longer is one: every kind of mangling equally often.

    A spreadsheet's float that happens to end in the right check character would be a valid number, of
    somebody else; such a draw is made again.
    """
    number = rng.choice(MANGLINGS)(person.id_number, rng)
    if len(number) == 18 and number[:17].isdigit() and str(checked(np.array([number[:17]]))[0]) == number:
        return mangled(person, rng)
    return replace(person, id_number=number)
