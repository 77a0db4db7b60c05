"""A value holds from its day on; before a city's own value began, the one it extends holds."""

from datetime import date

import pytest

from matchers import law


@pytest.fixture
def city(tmp_path, monkeypatch):
    (tmp_path / "policies").mkdir()
    for name in law.policies():
        source = law.files(law.__package__) / "policies" / f"{name}.toml"
        (tmp_path / "policies" / f"{name}.toml").write_text(source.read_text("utf-8"), "utf-8")
    (tmp_path / "policies" / "yunchuan.toml").write_text(
        'name = "yunchuan"\ntitle = "云川"\nversion = "1"\nextends = "national"\n'
        "[values.refusals]\nunit = '次'\n"
        "dated = [{ since = 2020-01-01, value = 3, cite = '云川某文件' }]\n",
        "utf-8",
    )
    monkeypatch.setattr(law, "files", lambda _: tmp_path)
    law.policies.cache_clear()
    law.policy.cache_clear()
    yield law.policy("yunchuan")
    law.policies.cache_clear()
    law.policy.cache_clear()


def test_before_a_city_had_its_own_value_the_national_one_holds(city):
    assert [city.value("refusals", day) for day in (date(2019, 12, 31), date(2020, 1, 1))] == [1, 3]
    assert city.value("longest_months", date(2026, 1, 1)) == 24


def test_a_value_is_cited_as_it_held(city):
    before, since = (city.dated("refusals", day).cite for day in (date(2019, 12, 31), date(2020, 1, 1)))
    assert since == "云川某文件" != before


def test_before_any_value_there_is_none(city):
    with pytest.raises(KeyError, match="refusals has no value on 1998-01-01"):
        city.value("refusals", date(1998, 1, 1))
