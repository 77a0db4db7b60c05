"""A value holds from its day on, before it that of the policy it extends; a slip in a policy is refused."""

import re
from datetime import date

import pytest

from matchers import law, values

HEAD = 'name = "yunchuan"\ntitle = "云川"\nversion = "1"\nextends = "national"\n'
REFUSALS = "[values.refusals]\ndated = [{ since = 2020-01-01, value = 3, cite = '云川某文件' }]\n"


@pytest.fixture
def file(tmp_path, monkeypatch):
    (tmp_path / "policies").mkdir()
    for name in law.policies():
        source = law.files(law.__package__) / "policies" / f"{name}.toml"
        (tmp_path / "policies" / f"{name}.toml").write_text(source.read_text("utf-8"), "utf-8")
    (tmp_path / "policies" / "yunchuan.toml").write_text(HEAD + REFUSALS, "utf-8")
    monkeypatch.setattr(law, "files", lambda _: tmp_path)
    law.policies.cache_clear()
    law.policy.cache_clear()
    yield tmp_path / "policies" / "yunchuan.toml"
    law.policies.cache_clear()
    law.policy.cache_clear()


@pytest.fixture
def city(file):
    return law.policy("yunchuan")


def test_before_a_city_had_its_own_value_the_national_one_holds(city):
    assert [city.value("refusals", day) for day in (date(2019, 12, 31), date(2020, 1, 1))] == [1, 3]
    assert city.value("longest_months", date(2026, 1, 1)) == 24


def test_a_value_is_cited_as_it_held(city):
    before, since = (city.dated("refusals", day).cite for day in (date(2019, 12, 31), date(2020, 1, 1)))
    assert since == "云川某文件" != before


def test_before_any_value_there_is_none(city):
    with pytest.raises(KeyError, match="refusals has no value on 1998-01-01"):
        city.value("refusals", date(1998, 1, 1))


def test_a_value_keeps_the_unit_of_the_one_it_replaces(city):
    assert city.values["refusals"].unit == "次"


@pytest.mark.parametrize(
    ("right", "wrong", "refusal"),
    [
        ("extends", "extend", "yunchuan.toml 有未知的键 extend；可用：name"),
        ("[values.", "[value.", "yunchuan.toml 有未知的键 value"),
        ('version = "1"\n', "", "yunchuan.toml 缺少 version"),
        ('"yunchuan"', '"yun"', "yunchuan.toml 的 name 应与文件名相同"),
        ('"national"', '"nation"', "的 extends 应为另一口径，不能是 nation；可用："),
        ('"national"', '"yunchuan"', "的 extends 应为另一口径，不能是 yunchuan"),
        ("2020-01-01", "'2020-01-01'", "[values.refusals] 的 since 应为日期，不加引号"),
        (", cite = '云川某文件'", "", "[values.refusals] 的 dated 应恰有 since、value、cite"),
        ("value = 3", "value = '3'", "[values.refusals] 的 value 应为不小于 1 的整数（次），不能是 '3'"),
        ("value = 3", "value = true", "[values.refusals] 的 value 应为不小于 1 的整数"),
        ("value = 3", "value = 0", "[values.refusals] 的 value 应为不小于 1 的整数"),
        ("refusals]", "refusal]", "[values.refusal] 不是口径数值；可用：stop_month、"),
        ("refusals]", "stop_months]\nunit = '月'", "[values.stop_months] 不是口径数值"),
        ("refusals]", "stop_month_deaths]", "[values.stop_month_deaths] 不是口径数值"),
        ("refusals]", "refusals]\nunit = '件'", "[values.refusals] 的单位是“次”，不能另定；请删去 unit"),
        ("refusals]", "refusals]\nuntil = 2", "[values.refusals] 应只有 dated"),
        ("refusals]", "stop_month]", '[values.stop_month] 的 value 应为"next_month"、"same_month" 之一'),
        ("[values", "[causes]\nREFUSED = ['L51']\n[values", "[causes] 的 REFUSED 不是停领情形"),
        ("[values", "[causes]\nDEATH = []\n[values", "[causes] 的 DEATH 没有引用条文"),
        ("[values", "[causes]\nDEATH = ['Y1']\n[values", "[causes] 的 DEATH 引用了 Y1；应如 L51（一）"),
        ("[values", "[laws]\nY1 = { law = '某办法' }\n[values", "[laws] 的 Y1 应恰有 law、article、words"),
        (
            "[values",
            "[laws]\nY1 = { law = '甲', article = '一', words = '乙', verbatim = 'no' }\n[values",
            "[laws] 的 Y1 的 verbatim 应为 true 或 false",
        ),
        ("[values.refusals]", "[values.refusals", "yunchuan.toml 不是有效的 TOML"),
    ],
)
def test_a_slip_in_a_policy_is_named_with_its_place(file, right, wrong, refusal):
    file.write_text((HEAD + REFUSALS).replace(right, wrong), "utf-8")
    with pytest.raises(law.PolicyError, match=re.escape(refusal)):
        law.policy("yunchuan")


@pytest.mark.parametrize(
    ("name", "wrong", "form"),
    [
        ("stop_month", '"next-month"', '"next_month"、"same_month" 之一'),
        ("stop_month_death", '"Next_month"', '"next_month"、"same_month" 之一'),
        ("resident_pension", '"ignored"', '"review"、"stop"、"ignore" 之一'),
        ("resident_pension", "1", '"review"、"stop"、"ignore" 之一'),
        ("precision_floor", "50", "0 到 1 之间的数"),
        ("severe_fen", "10000.0", "不小于 1 的整数"),
        ("retirement_age", "{ M = { years = 60 } }", "M、F 两项"),
        ("retirement_age", "{ X = { years = 60 } }", "M、F 两项"),
    ],
)
def test_a_word_or_number_that_a_value_does_not_have_is_refused_with_those_it_has(file, name, wrong, form):
    file.write_text(
        f"{HEAD}[values.{name}]\ndated = [{{ since = 2020-01-01, value = {wrong}, cite = '云川某文件' }}]\n",
        "utf-8",
    )
    with pytest.raises(law.PolicyError, match=re.escape(f"[values.{name}] 的 value 应为{form}")):
        law.policy("yunchuan")


def test_a_cause_may_have_a_stop_month_of_its_own(file):
    own = "[values.stop_month_death]\ndated = [{ since = 2020-01-01, value = 'same_month', cite = '某' }]\n"
    file.write_text(HEAD + own, "utf-8")
    city, day = law.policy("yunchuan"), date(2026, 1, 1)
    assert [city.stop_rule(cause, day).delay for cause in ("DEATH", "PENSION")] == [0, 1]


def test_every_value_that_may_be_set_is_set_by_a_policy_that_ships():
    set_somewhere = {name for shipped in law.policies() for name in law.policy(shipped).values}
    assert set(values.VALUES) <= set_somewhere


def test_an_article_that_ships_is_quoted_with_its_source():
    for name in law.policies():
        for article in law.policy(name).laws.values():
            assert article.verbatim
            assert article.text == f"{article.words}（{article.source}）"
            assert article.source


def test_words_that_nobody_has_compared_with_the_text_in_force_say_that_they_are_no_quotation(file):
    own = "[laws]\nY1 = { law = '失业保险条例', article = '十六', words = '按月发放', verbatim = false }\n"
    file.write_text(HEAD + own, "utf-8")
    article = law.policy("yunchuan").laws["Y1"]
    assert article.text == f"{law.PARAPHRASE}按月发放（{article.source}）"
