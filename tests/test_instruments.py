"""Whatever is cited stands in one list, and holds on the days for which it is cited."""

import re
from datetime import date
from pathlib import Path

import pytest

from matchers import law
from matchers.instruments import cited_in, instruments

ROOMS = ("matchers", "pipelines", "expectations", "sql", "docs", "dags")
WRITTEN = (".py", ".toml", ".md", ".html", ".sql", ".j2")
NUMBER = re.compile(
    r"[\u4e00-\u9fff]{2,6}〔\d{4}〕\s?\d+\s?号|[\u4e00-\u9fff]{2,5}令第?\s?[\d一二三四五六七八九十百]+\s?号"
    r"|《[^》]*(?:法|条例|办法|规定|规程|决定|通知|意见|备忘录)》|(?<![\d〔])\d+号令"
)
LIKENED = "以前"


def _texts() -> list[tuple[str, str]]:
    root = Path(__file__).parents[1]
    every = (f for room in ROOMS for f in sorted((root / room).rglob("*")) if f.suffix in WRITTEN)
    return [(str(f.relative_to(root)), f.read_text("utf-8")) for f in every]


def test_every_number_or_title_cited_anywhere_is_that_of_a_listed_instrument():
    strange = {
        (place, cited) for place, text in _texts() for cited in NUMBER.findall(text) if not cited_in(cited)
    }
    assert not strange


@pytest.mark.parametrize("name", law.policies())
def test_every_article_of_a_policy_is_of_a_listed_instrument(name):
    laws = {article.law for article in law.policy(name).laws.values()}
    assert {title for title in laws if not cited_in(title)} == set()


@pytest.mark.parametrize("name", law.policies())
def test_a_value_cites_only_what_was_in_force_when_it_began_to_hold(name):
    too_early = [
        (value, dated.since, one.number)
        for value, over_time in law.policy(name).values.items()
        for dated in over_time.dated
        for one in cited_in(dated.cite)
        if LIKENED not in dated.cite and not one.is_in_force(dated.since)
    ]
    assert not too_early


@pytest.mark.parametrize("value", ["severe_months", "severe_fen"])
def test_more_than_six_months_or_ten_thousand_yuan_is_cited_from_the_list_of_serious_defaulters(value):
    assert [one.number for one in cited_in(law.policy("national").dated(value, date(2026, 1, 1)).cite)] == [
        "人社部规〔2019〕2号"
    ]
    assert cited_in(law.policy("national").dated(value, date(2019, 10, 27)).cite) == []


def test_an_instrument_is_listed_once_and_ends_after_it_began():
    listed = instruments()
    assert len({one.title for one in listed}) == len({one.number for one in listed}) == len(listed)
    assert all(one.until is None or one.since < one.until for one in listed)
