"""人与单位 — people, telephones, accounts and employers of a risk city, each by its number.

Who somebody is (number, name, sex, district code) is drawn apart from what happens to them, so that the same
city can be told of other people: a rule that read any of it would then say something else.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Final

import numpy as np

from pipelines.demo import people
from pipelines.demo.employers import Employer, employer

KINDS: Final = ("10", "10", "10", "10", "20", "60", "80")


@dataclass(frozen=True, slots=True)
class Identities:
    """``number``, ``name``, ``sex``, ``born`` by person; ``district`` by place in the list of districts."""

    number: list[str]
    name: list[str]
    sex: list[str]
    born: list[str]
    district: list[str]


def identities(seed: int, count: int, permuted: bool) -> Identities:
    """``count`` different people; ``permuted``: all other ones, and the districts' codes among themselves."""
    rng = np.random.default_rng([seed, 7 if permuted else 3])
    drawn = people.draw(rng, count + count // 20 + 50, range(1, 1000), range(1968, 2004)).to_pandas()
    drawn = drawn.drop_duplicates("id_number").head(count)
    codes = list(people.DISTRICTS)
    number, name, sex, born = (drawn[c].tolist() for c in ("id_number", "name", "sex", "birth_date"))
    return Identities(number, name, sex, born, codes[::-1] if permuted else codes)


@dataclass(slots=True)
class Employers:
    """The employers of a city, ordinary ones first; ``size`` weighs how many people leave each."""

    seed: int
    all: list[Employer] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def new(self, kind: str = "10") -> int:
        """The number of one more employer."""
        rng = Random(f"{self.seed}/{len(self.all)}")
        made = employer(rng, kind)
        while made.employer_id in self.taken:
            made = employer(rng, kind)
        self.taken.add(made.employer_id)
        self.all.append(made)
        return len(self.all) - 1


def own_account(person: int) -> str:
    """The account of a person alone."""
    return f"6228{person:015d}"


def shared_account(number: int) -> str:
    """An account that several people use."""
    return f"6229{number:015d}"


def own_phone(person: int) -> str:
    """The telephone of a person alone."""
    return f"139{person:08d}"


def shared_phone(number: int) -> str:
    """A telephone that several people use."""
    return f"138{number:08d}"
