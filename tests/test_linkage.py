"""Linking the residue: a made-up city of 1500 recipients, and rows that each tell one story."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from matchers.linkage import FeedRows, Linkage, Links, Model, drift, learn, link, waterfall
from matchers.people.resident_id import check_character

FEED = "contributions"
LIKELY_BITS = 5.0  # a posterior of 0.97 where nothing rivals
FIELDS = ["name", "name_key", "id_number", "id_class", "sex", "birth_date", "phone", "district"]


def _people(size: int, seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    born = pd.Timestamp("1966-01-01") + pd.to_timedelta(draw.integers(0, 14_000, size), unit="D")
    serial = draw.integers(1, 1000, size)
    region = draw.choice([f"50019{n}" for n in range(10)], size)
    body = [f"{r}{b:%Y%m%d}{s:03d}" for r, b, s in zip(region, born, serial, strict=True)]
    given = "建国志强秀英桂兰伟芳敏静丽军洋艳勇杰娟涛明超霞平刚文辉鹏飞红玉梅华"
    names = [
        draw.choice(list("王李张刘陈杨黄赵吴周徐孙马朱胡林")) + "".join(draw.choice(list(given), 2))
        for _ in range(size)
    ]
    return pd.DataFrame(
        {
            "person_id": [f"P{n:05d}" for n in range(size)],
            "id_key": [b + check_character(b) for b in body],
            "name": names,
            "name_key": names,
            "sex": np.where(serial % 2, "M", "F"),
            "birth_date": born,
            "phone": (13_900_000_000 + draw.permutation(10**6)[:size] * 7).astype(str),
            "district": region,
            "employer_name": None,
            "employer_uscc": None,
        }
    )


def _as_rows(people: pd.DataFrame) -> pd.DataFrame:
    rows = people.assign(id_number=people["id_key"], id_class="valid18").drop(columns="id_key")
    return rows.assign(delivery_id="contributions/2026-01-10", file="a.csv", line=range(2, len(rows) + 2))


@pytest.fixture(scope="module")
def recipients() -> pd.DataFrame:
    return _people(1500, seed=5)


@pytest.fixture(scope="module")
def linkage(recipients: pd.DataFrame) -> Linkage:
    return Linkage(recipients)


@pytest.fixture(scope="module")
def model(linkage: Linkage, recipients: pd.DataFrame) -> Model:
    linked = _as_rows(recipients.iloc[:600])
    return learn(linkage, {FEED: FeedRows(linked, linked.iloc[:0], usable=3000, hits=600)})


@pytest.fixture(scope="module")
def row(recipients: pd.DataFrame) -> Callable[..., pd.DataFrame]:
    """A residue row of the first recipient, with what the story changes."""

    def of(number: str | None, **changed: Any) -> pd.DataFrame:
        one = _as_rows(recipients.iloc[:1]).assign(id_number=number, id_class="checksum", phone=None)
        one = one.assign(**{column: [value] for column, value in changed.items()})
        return one.assign(name_key=one["name"])

    return of


def _changed(number: str, at: int) -> str:
    return number[:at] + str((int(number[at]) + 3) % 10) + number[at + 1 :]


def _swapped(number: str) -> str:
    at = next(n for n in range(14, 17) if number[n] != number[n + 1])
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


DAMAGE: dict[str, Callable[[str], str]] = {
    "a digit of the region": lambda n: _changed(n, 3),
    "a digit of the birth date": lambda n: _changed(n, 11),
    "a digit of the serial": lambda n: _changed(n, 15),
    "two neighbours swapped": _swapped,
    "a digit dropped": lambda n: n[:8] + n[9:],
    "a digit put in": lambda n: n[:8] + "7" + n[8:],
    "the birth date masked": lambda n: n[:6] + "********" + n[14:],
    "the serial masked": lambda n: n[:14] + "****",
    "fifteen digits and zeros": lambda n: n[:15] + "000",
    "scientific notation with fifteen digits": lambda n: f"{n[0]}.{n[1:15]}E+17",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_number_with_one_fault_is_repaired(
    damage: str, linkage: Linkage, model: Model, row: Callable[..., pd.DataFrame], recipients: pd.DataFrame
) -> None:
    decided = linkage.link(row(DAMAGE[damage](recipients["id_key"][0])), model, FEED)
    assert decided.links[["person_id", "tier"]].to_numpy().tolist() == [["P00000", "repaired"]]
    assert decided.links["probability"][0] >= 0.99


def test_a_row_without_number_is_probable_by_name_birth_date_and_telephone(
    linkage: Linkage, model: Model, row: Callable[..., pd.DataFrame], recipients: pd.DataFrame
) -> None:
    decided = linkage.link(row(None, phone=recipients["phone"][0]), model, FEED)
    assert decided.links[["person_id", "tier"]].to_numpy().tolist() == [["P00000", "probable"]]


def test_name_and_birth_date_alone_are_asked_about_and_never_a_link(
    linkage: Linkage, model: Model, row: Callable[..., pd.DataFrame]
) -> None:
    decided = linkage.link(row(None, district=None), model, FEED)
    assert decided.links.empty
    assert decided.questions[["person_id", "kind"]].to_numpy().tolist() == [["P00000", "possible_match"]]
    assert json.loads(decided.questions["explanation"][0])["held_by"] == ["name_and_birth"]


def test_a_number_that_repeats_county_and_birthday_while_its_serial_contradicts_is_no_more_than_these(
    linkage: Linkage, model: Model, row: Callable[..., pd.DataFrame], recipients: pd.DataFrame
) -> None:
    own = recipients["id_key"][0]
    contradicting = own[:14] + "".join(str((int(d) + 5) % 10) for d in own[14:17]) + "0"
    decided = linkage.link(row(contradicting, district=None), model, FEED)
    assert decided.links.empty
    assert json.loads(decided.questions["explanation"][0])["held_by"] == ["name_and_birth"]


@pytest.mark.parametrize("own", [{"employer_name": "云川甲公司"}, {"employer_name": "云川纺织厂"}])
def test_where_all_recipients_come_from_one_closed_factory_the_employer_says_nothing(
    recipients: pd.DataFrame, row: Callable[..., pd.DataFrame], own: dict[str, str]
) -> None:
    factory = Linkage(recipients.iloc[:60].assign(employer_name="云川纺织厂", district="500190"))
    residue = pd.concat(
        [row(None, district=None, **own), _as_rows(_people(80, seed=3)).assign(id_number=None)]
    )
    employers = [own["employer_name"], *(f"云川{name}公司" for name in residue["name"].iloc[1:])]
    residue = residue.assign(employer_name=employers, line=range(2, len(residue) + 2), id_class="missing")
    learnt = learn(factory, {FEED: FeedRows(residue.iloc[:0], residue, usable=0, hits=0)})
    decided = factory.link(residue, learnt, FEED)
    assert decided.links.empty
    [asked] = decided.questions.loc[decided.questions["person_id"] == "P00000", "explanation"]
    assert next(f["bits"] for f in json.loads(asked)["fields"] if f["field"] == "employer") == 0
    assert json.loads(asked)["held_by"] == ["name_and_birth"]


def test_an_agreement_on_a_common_value_weighs_no_more_than_the_value_is_rare(
    recipients: pd.DataFrame, model: Model, row: Callable[..., pd.DataFrame]
) -> None:
    crowded = recipients.assign(district=["500190"] * 1400 + ["500191"] * 50 + ["500192"] * 50)
    u = model.feed(FEED).u | {"district": np.array([1e-12, 1.0, 1.0])}
    credulous = Model({FEED: replace(model.feed(FEED), u=u)}, model.pooled)
    decided = link(row(None, district="500190"), crowded, credulous, feed=FEED)
    assert decided.links.empty
    assert _bits(decided, "district") < 0.2


def test_a_row_with_a_usable_number_is_somebody_else(
    linkage: Linkage, model: Model, row: Callable[..., pd.DataFrame], recipients: pd.DataFrame
) -> None:
    stranger = row("500190196601019997", phone=recipients["phone"][0]).assign(id_class="valid18")
    decided = linkage.link(stranger, model, FEED)
    assert decided.links.empty
    assert decided.questions.empty


def test_a_number_that_says_nothing_counts_as_none(
    linkage: Linkage, model: Model, row: Callable[..., pd.DataFrame], recipients: pd.DataFrame
) -> None:
    dummy = row("111111111111111111", phone=recipients["phone"][0]).assign(id_class="dummy")
    assert linkage.link(dummy, model, FEED).links["tier"].tolist() == ["probable"]


def test_strangers_are_neither_linked_nor_asked_about(linkage: Linkage, model: Model) -> None:
    strangers = _as_rows(_people(400, seed=77))
    strangers = strangers.assign(
        id_number=[_changed(n, 15) for n in strangers["id_number"]],
        id_class="checksum",
        phone=[str(13_300_000_000 + 31 * n) for n in range(len(strangers))],
    )
    decided = linkage.link(strangers, model, FEED)
    assert len(decided.links) == 0
    assert len(decided.questions) <= 2


def test_a_twin_with_the_serial_hidden_is_not_the_recipient(
    linkage: Linkage, model: Model, row: Callable[..., pd.DataFrame], recipients: pd.DataFrame
) -> None:
    twin = row(recipients["id_key"][0][:15] + "000", name=recipients["name"][0][0] + "宇航")
    assert linkage.link(twin.assign(phone=recipients["phone"][0]), model, FEED).links.empty


def test_a_twin_is_a_rival_of_the_recipient(
    linkage: Linkage, model: Model, row: Callable[..., pd.DataFrame], recipients: pd.DataFrame
) -> None:
    name, number = recipients["name"][0], recipients["id_key"][0][:15] + "000"
    posterior = {}
    for called in (name[:2] + "婷", name):
        decided = linkage.link(row(number, name=called), model, FEED, review=0.0)
        explanation = json.loads(pd.concat([decided.links, decided.questions])["explanation"].iloc[0])
        assert explanation["prior_bits"] + sum(field["bits"] for field in explanation["fields"]) > LIKELY_BITS
        posterior[called] = explanation["posterior"]
    assert posterior[name] >= 0.99
    assert posterior[name[:2] + "婷"] < 0.9


def _bits(decided: Links, field: str) -> float:
    explanation = json.loads(pd.concat([decided.links, decided.questions])["explanation"].iloc[0])
    return next(f["bits"] for f in explanation["fields"] if f["field"] == field)


def test_a_district_that_the_number_tells_counts_once(
    linkage: Linkage, model: Model, row: Callable[..., pd.DataFrame], recipients: pd.DataFrame
) -> None:
    number, phone = recipients["id_key"][0], recipients["phone"][0]
    without = linkage.link(row(None, phone=phone), model, FEED)
    with_region = linkage.link(row(number[:14] + "****", phone=phone), model, FEED)
    assert _bits(without, "district") > 2 > 1 >= _bits(with_region, "district") > 0


def test_a_name_of_rare_characters_weighs_more_than_one_of_common_characters(
    recipients: pd.DataFrame, model: Model, row: Callable[..., pd.DataFrame]
) -> None:
    weights = {}
    for name in ("王秀英", "澹茝"):
        named = recipients.assign(name_key=[name, *recipients["name_key"].iloc[1:]])
        assert (named["name_key"] == name).sum() == 1
        delivered = row(None, name=name, phone=recipients["phone"][0])
        weights[name] = _bits(link(delivered, named, model, feed=FEED), "name")
    assert weights["澹茝"] > weights["王秀英"] + 3


def test_the_chance_of_a_name_level_is_its_share_among_all_pairs_of_two(
    linkage: Linkage, model: Model, recipients: pd.DataFrame
) -> None:
    size = len(recipients)
    entry, row = (side.ravel() for side in np.indices((size, 600)))
    apart = entry != row
    levels = linkage.levels(_as_rows(recipients.iloc[:600]), entry[apart], row[apart])["name"]
    share = np.bincount(levels, minlength=13)[:-1] / apart.sum()
    chance = model.feed(FEED).u["name"][:-1]
    common = share > 1e-4
    assert common.sum() >= 5
    assert (np.abs(np.log2(chance[common] / share[common])) < 0.5).all()


def test_a_former_name_on_record_links(
    recipients: pd.DataFrame, model: Model, row: Callable[..., Any]
) -> None:
    delivered = row(None, name="欧阳若兰", phone=recipients["phone"][0])
    assert link(delivered, recipients, model, feed=FEED).links.empty
    former = pd.DataFrame({"person_id": ["P00000"], "name_key": ["欧阳若兰"]})
    decided = link(delivered, recipients, model, feed=FEED, former=former)
    assert decided.links["person_id"].tolist() == ["P00000"]
    assert "与曾用名一致" in json.loads(decided.links["explanation"][0])["sentence"]


@pytest.fixture(scope="module")
def residue(recipients: pd.DataFrame) -> pd.DataFrame:
    """Damaged rows of 300 recipients among 300 strangers."""
    everyone = pd.concat([recipients.iloc[300:600], _people(300, seed=9)], ignore_index=True)
    damages = list(DAMAGE.values())
    rows = _as_rows(everyone)
    damaged = [damages[n % len(damages)](number) for n, number in enumerate(rows["id_number"])]
    return rows.assign(id_number=damaged, id_class="checksum", phone=None)


def test_a_row_is_linked_or_asked_about_at_most_once(
    linkage: Linkage, model: Model, residue: pd.DataFrame, recipients: pd.DataFrame
) -> None:
    decided = linkage.link(residue, model, FEED)
    lines = [*decided.links["line"], *decided.questions["line"]]
    assert len(lines) == len(set(lines))
    assert set(decided.links["person_id"]) <= set(recipients["person_id"].iloc[300:600])
    assert len(decided.links) >= 290


def _facts(decided: Links) -> list[Any]:
    return decided.links.sort_values("line")[["line", "person_id", "tier", "explanation"]].to_numpy().tolist()


def test_the_order_of_the_rows_does_not_matter(linkage: Linkage, model: Model, residue: pd.DataFrame) -> None:
    mixed = residue.sample(frac=1, random_state=1)
    assert _facts(linkage.link(mixed, model, FEED)) == _facts(linkage.link(residue, model, FEED))


def test_without_any_linked_row_the_priors_still_find_repairable_numbers(
    recipients: pd.DataFrame, residue: pd.DataFrame
) -> None:
    few = residue.iloc[:12]
    linkage = Linkage(recipients)
    untaught = learn(linkage, {FEED: FeedRows(few.iloc[:0], few, usable=0, hits=0)})
    decided = linkage.link(few, untaught, FEED)
    assert len(decided.links) + len(decided.questions) == 12
    assert set(decided.links["person_id"]) <= set(recipients["person_id"].iloc[300:312])


def test_a_city_without_recipients_or_rows_links_nothing(
    recipients: pd.DataFrame, residue: pd.DataFrame, model: Model
) -> None:
    assert link(residue, recipients.iloc[:0], model, feed=FEED).links.empty
    assert link(residue.iloc[:0], recipients, model, feed=FEED).questions.empty


def test_the_bits_of_an_explanation_add_up_to_its_posterior(
    linkage: Linkage, model: Model, residue: pd.DataFrame
) -> None:
    explanations = [json.loads(text) for text in linkage.link(residue, model, FEED).links["explanation"]]
    assert explanations
    for one in explanations:
        bits = one["prior_bits"] + sum(field["bits"] for field in one["fields"]) + one["rivals_bits"]
        assert one["posterior"] == pytest.approx(1 / (1 + 2**-bits), abs=1e-3)
        assert one["model"] == model.version


def test_an_explanation_reads_as_a_sentence(
    linkage: Linkage, model: Model, row: Callable[..., pd.DataFrame], recipients: pd.DataFrame
) -> None:
    number = _changed(recipients["id_key"][0], 11)
    decided = linkage.link(row(number, phone=recipients["phone"][0]), model, FEED)
    sentence = json.loads(decided.links["explanation"][0])["sentence"]
    assert sentence.startswith("身份证号第 12 位不同；姓名一致；出生日期一致；手机号一致")


def test_the_waterfall_is_a_picture_without_script(
    linkage: Linkage, model: Model, residue: pd.DataFrame
) -> None:
    picture = waterfall(linkage.link(residue, model, FEED).links["explanation"][0])
    assert picture.startswith("<svg")
    assert "身份证号" in picture
    assert "<script" not in picture
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")


def test_a_model_survives_its_file(model: Model) -> None:
    again = Model.from_json(model.to_json())
    assert again.to_json() == model.to_json()
    assert again.version == model.version


def test_a_model_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="格式"):
        Model.from_json('{"format": 99}')


def test_a_model_in_which_names_have_become_worse_leaves_its_band(
    linkage: Linkage, model: Model, recipients: pd.DataFrame
) -> None:
    worse = _as_rows(recipients.iloc[:600])
    worse = worse.assign(
        name_key=["王" + name[1:] if n % 3 else name for n, name in enumerate(worse["name"])]
    )
    tonight = learn(linkage, {FEED: FeedRows(worse, worse.iloc[:0], usable=3000, hits=600)})
    assert drift(model, model) == []
    assert any("姓名一致" in sentence and FEED in sentence for sentence in drift(tonight, model))


def test_a_fall_of_the_recipients_share_leaves_its_band(
    linkage: Linkage, model: Model, recipients: pd.DataFrame
) -> None:
    linked = _as_rows(recipients.iloc[:600])
    thinner = learn(linkage, {FEED: FeedRows(linked, linked.iloc[:0], usable=90_000, hits=600)})
    assert any("所占比例" in sentence for sentence in drift(thinner, model))
