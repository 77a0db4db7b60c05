"""联系方式 — what a telephone number and an account must look like, and how many people use one."""

import pandas as pd

from matchers.schemas import RegisteredPersons

PHONE = r"1[3-9]\d{9}"
ACCOUNT = r"\d{16,19}"


def people(persons: RegisteredPersons) -> "pd.Series[str]":
    """Who a record is about: the key of the number where there is one, else the 个人编号."""
    return persons["id_key"].where(persons["id_key"].notna(), persons["person_no"])


def users(persons: RegisteredPersons, column: str) -> "pd.Series[int]":
    """How many people have the same value."""
    return people(persons).groupby(persons[column]).transform("nunique")
