"""选角 — which person plays which story, and how the agencies know that person."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from random import Random
from typing import Final

import numpy as np

from pipelines.demo.calendar import Calendar
from pipelines.demo.case import Case
from pipelines.demo.claims import Recipient, open_claim
from pipelines.demo.employers import employer
from pipelines.demo.identity import mangled
from pipelines.demo.people import Person, recipients
from pipelines.demo.story import Story, stories

EVENTFUL: Final = 0.4
LINKS: Final = {"exact": 76, "converted": 8, "alias": 8, "name_differs": 8}
ORDINARY_QUIET: Final = 8


class Town:
    """Casts the stories: who plays which, and how the agencies know them."""

    def __init__(self, seed: int, calendar: Calendar, mangled: float) -> None:
        self.seed = seed
        self.calendar = calendar
        self.mangled = mangled
        self._numbers = count(1)

    def number(self) -> str:
        """The next number of a claim or a person."""
        return f"{next(self._numbers):07d}"

    def cases(self, claims: int) -> Iterator[tuple[Story, Case]]:
        """One case after the other, each ready to be played."""
        deck = _deck(Random(f"{self.seed}/deck"), claims)
        people = recipients(np.random.default_rng([self.seed, 0]), claims)
        for place, (story, person) in enumerate(zip(deck, people, strict=True)):
            yield story, self._case(Random(f"{self.seed}/{place}"), story, person)

    def _case(self, rng: Random, story: Story, person: Person) -> Case:
        number = self.number()
        registered = person.id_number if story.staged else _registered(rng, person)
        who = Recipient(f"P{number}", person, registered)
        claim = open_claim(rng, self.calendar, f"C{number}", who, employer(rng), story.shape)
        case = Case(rng, self.calendar, [claim], person, "exact", self.number)
        if not story.staged:
            self._disguise(case, guilty=story.guilty)
        return case

    def _disguise(self, case: Case, *, guilty: bool) -> None:
        """Chooses how the agencies know the person: the link that the night has to find."""
        person, rng = case.person, case.rng
        case.link = rng.choices(list(LINKS), list(LINKS.values()))[0]
        if guilty and rng.random() < self.mangled:
            case.link = "mangled"
        if case.link == "converted" and person.born.year >= 2000:
            case.link = "exact"
        if case.link == "converted":
            case.written = replace(person, id_number=person.fifteen)
        elif case.link == "alias":
            case.written = person.renumbered(rng)
            case.change(person, old_number=case.written.id_number)
        elif case.link == "name_differs":
            case.written = person.misheard()
        elif case.link == "mangled":
            case.written = mangled(person, rng)


def _deck(rng: Random, claims: int) -> list[Story]:
    """Every story at least once as far as the claims go, lawful claims in between."""
    eventful = [story for story in stories() if story.plays]
    quiet = [story for story in stories() if not story.plays]
    played = min(claims, max(len(eventful), int(claims * EVENTFUL)))
    turns = played // len(eventful) + 1
    deck = [story for _ in range(turns) for story in rng.sample(eventful, len(eventful))][:played]
    weights = [ORDINARY_QUIET, *[1] * (len(quiet) - 1)]
    deck.extend(rng.choices(quiet, weights, k=claims - played))
    rng.shuffle(deck)
    return deck


def _registered(rng: Random, person: Person) -> str:
    """The number as the benefit agency has it: mostly the person's, sometimes old or untidy."""
    number = person.id_number
    forms = [number.lower(), f" {number}", f"{number[:6]} {number[6:]}"]
    if person.born.year < 2000:
        forms.append(person.fifteen)
    return rng.choice(forms) if rng.random() < 0.06 else number
