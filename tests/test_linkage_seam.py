"""Our parts stand beside recordlinkage's own: the same pairs, features and classes, and the same answers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

recordlinkage = pytest.importorskip("recordlinkage")

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler  # noqa: E402

from matchers.linkage.classify import FellegiSunterClassifier, PatternECM  # noqa: E402
from matchers.linkage.compare import PositionCompare, Same, Similarity  # noqa: E402
from matchers.linkage.field_levels import PhoneFeature, PhoneLevel, core  # noqa: E402
from matchers.linkage.fields import comparison  # noqa: E402
from matchers.linkage.index import Blocks  # noqa: E402
from matchers.linkage.name_levels import NameFeature  # noqa: E402
from matchers.linkage.number_levels import NumberFeature, NumberLevel  # noqa: E402
from matchers.people.names import compare  # noqa: E402
from matchers.people.resident_id import check_character  # noqa: E402

LETTERS = "王汪黄张章李里力伟玮韦未末明名林凌木欧阳小晓单山丹曾□某*·張偉强弓长萍苹"
NAMES = st.lists(st.text(st.sampled_from(LETTERS), max_size=6), min_size=1, max_size=40)
BODIES = st.builds(
    lambda region, day, serial: f"50019{region}{day:%Y%m%d}{serial:03d}",
    st.integers(0, 9),
    st.dates(pd.Timestamp("1950-01-01").date(), pd.Timestamp("2005-01-01").date()),
    st.integers(1, 998),
)


def _sides(size: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    draw = np.random.default_rng(seed)
    day = pd.Timestamp("1970-01-01") + pd.to_timedelta(draw.integers(0, 300, size), unit="D")
    serial = draw.integers(1, 900, size)
    body = [f"500191{d:%Y%m%d}{s:03d}" for d, s in zip(day, serial, strict=True)]
    left = pd.DataFrame(
        {
            "id_key": [b + check_character(b) for b in body],
            "name_key": ["".join(draw.choice(list("王李张伟明英秀丽"), 3)) for _ in range(size)],
            "birth_date": day,
            "sex": np.where(serial % 2, "M", "F"),
            "phone": (13_900_000_000 + draw.integers(0, size // 2, size)).astype(str),
            "district": draw.choice(["500191", "500192"], size),
            "employer_name": draw.choice(["重庆永通物流有限公司", "永通物流", "山城餐饮有限公司"], size),
            "employer_uscc": None,
        },
        index=[f"a{n}" for n in range(size)],
    )
    right = left.sample(frac=1, random_state=seed).rename(columns={"id_key": "id_number"})
    right["id_number"] = [n[:15] + "000" if k % 2 else None for k, n in enumerate(right["id_number"])]
    return left, right.set_axis([f"b{n}" for n in range(size)])


@pytest.fixture(scope="module")
def sides() -> tuple[pd.DataFrame, pd.DataFrame]:
    return _sides(200, seed=3)


@given(NAMES, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_name_kernel_gives_the_levels_of_the_definition(names: list[str], shuffle: object) -> None:
    others = names[::-1]
    feature = NameFeature("name", "name")
    here = np.arange(len(names))
    levels = feature.compare(feature.encode(pd.Series(names)), feature.encode(pd.Series(others)), here, here)
    assert levels.tolist() == [int(compare(a, b)) for a, b in zip(names, others, strict=True)]


def _number_level(own: str, given: str) -> NumberLevel:
    feature = NumberFeature("a", "b")
    at = np.zeros(1, np.int64)
    return NumberLevel(
        feature.compare(feature.encode(pd.Series([own])), feature.encode(pd.Series([given])), at, at)[0]
    )


@given(BODIES, st.integers(0, 16), st.integers(1, 9))
@settings(max_examples=100, deadline=None)
def test_a_substituted_digit_is_named_by_its_segment(body: str, at: int, step: int) -> None:
    own = body + check_character(body)
    given = own[:at] + str((int(own[at]) + step) % 10) + own[at + 1 :]
    assume(given[15:] != "000")
    segment = ("REGION_DIGIT", "BIRTH_DIGIT", "SERIAL_DIGIT")[(at >= 6) + (at >= 14)]
    level = _number_level(own, given)
    assert level == NumberLevel[segment] or (level == NumberLevel.FLOAT15 and at >= 14)


@given(BODIES, st.integers(0, 15))
@settings(max_examples=100, deadline=None)
def test_swapped_dropped_and_inserted_digits_are_recognised(body: str, at: int) -> None:
    own = body + check_character(body)
    assume(own[at] != own[at + 1])
    assert _number_level(own, own[:at] + own[at + 1] + own[at] + own[at + 2 :]) == NumberLevel.SWAPPED
    assert _number_level(own, own[:at] + own[at + 1 :]) == NumberLevel.DROPPED
    assert _number_level(own, own[:at] + "7" + own[at:]) == NumberLevel.INSERTED


@given(BODIES)
@settings(max_examples=100, deadline=None)
def test_what_a_spreadsheet_leaves_of_a_number_is_recognised(body: str) -> None:
    own = body + check_character(body)
    assume(own[17] != "X")
    assert _number_level(own, f"{float(own):.5E}") == NumberLevel.FLOAT6
    assert _number_level(own, f"{float(own):.14E}") == NumberLevel.FLOAT15
    assume(int(float(own)) != int(own))
    assert _number_level(own, str(int(float(own)))) in (NumberLevel.FLOAT15, NumberLevel.SERIAL_DIGIT)


def test_telephones_agree_across_country_code_and_typing_errors() -> None:
    feature = PhoneFeature("a", "b")
    phones = feature.encode(
        pd.Series(["13912345678", "+86 139-1234-5678", "13912345687", "13912345670", "13800000000", None])
    )
    levels = feature.compare(phones, phones, np.zeros(6, np.int64), np.arange(6))
    assert [PhoneLevel(level).name for level in levels] == [
        "EQUAL", "EQUAL", "ONE_DIGIT", "ONE_DIGIT", "DIFFERENT", "MISSING"
    ]  # fmt: skip


def test_an_employer_is_known_without_place_and_legal_form() -> None:
    assert core("重庆市渝中区永通物流有限公司") == core("永通物流有限责任公司") == "永通物流"


def test_blocks_work_inside_a_stock_index(sides: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    left, right = sides
    index = recordlinkage.Index()
    index.add(Blocks())
    pairs = index.index(left, right)
    born = left["birth_date"].reindex(pairs.get_level_values(0)).to_numpy()
    theirs = right["birth_date"].reindex(pairs.get_level_values(1)).to_numpy()
    same_birth_date = left.merge(right, on="birth_date", validate="m:m")
    assert (born == theirs).sum() == len(same_birth_date)
    assert pairs.is_unique


def test_small_chunks_hold_the_same_candidates_as_large_ones(
    sides: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    left, right = sides
    blocks = Blocks()
    whole = list(blocks.candidates(left, right))
    parts = list(blocks.candidates(left, right, chunk=50))
    assert len(whole) == 1
    assert len(parts) > 3
    for side in ("recipient", "row", "keys"):
        assert np.array_equal(getattr(whole[0], side), np.concatenate([getattr(p, side) for p in parts]))


def test_a_key_of_too_many_recipients_is_split_by_surname_or_skipped_and_counted(
    sides: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    left, right = (side.assign(birth_date=pd.Timestamp("1970-01-01")) for side in sides)
    blocks = Blocks(limit=90)
    candidates = next(blocks.candidates(left, right))
    assert blocks.oversized.split > 0
    assert len(candidates.row) < len(left) * len(right)
    tight = Blocks(limit=3)
    list(tight.candidates(left, right))
    assert tight.oversized.skipped > 0


def test_levels_are_the_same_inside_a_stock_compare(sides: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    left, right = sides
    pairs = Blocks().index(left, right)
    ours = comparison().compute(pairs, left, right)
    stock = recordlinkage.Compare(comparison().features).compute(pairs, left, right)
    pd.testing.assert_frame_equal(ours, stock, check_dtype=False)


def test_similarities_equal_those_of_the_stock_features(sides: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    left, right = sides
    pairs = Blocks().index(left, right)
    stock = recordlinkage.Compare()
    stock.string("name_key", "name_key", method="jarowinkler", label="name")
    stock.string("phone", "phone", method="damerau_levenshtein", label="phone")
    stock.exact("district", "district", label="district")
    ours = PositionCompare(
        [
            Similarity("name_key", "name_key", JaroWinkler.similarity, label="name"),
            Similarity(
                "phone", "phone", DamerauLevenshtein.normalized_similarity, label="phone", symmetric=True
            ),
            Same("district", "district", label="district"),
        ]
    )
    wanted, got = stock.compute(pairs, left, right), ours.compute(pairs, left, right)
    assert got.index.equals(wanted.index)
    assert np.abs(wanted.to_numpy(float) - got.to_numpy(float)).max() < 1e-6


def test_stock_features_work_inside_a_position_compare(sides: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    left, right = sides
    pairs = Blocks().index(left, right)
    feature = recordlinkage.compare.Exact("district", "district", label="district")
    wanted = recordlinkage.Compare([feature]).compute(pairs, left, right)
    assert np.array_equal(PositionCompare([feature]).compute(pairs, left, right), wanted)


@pytest.fixture(scope="module")
def binary() -> tuple[pd.DataFrame, pd.Series]:
    draw = np.random.default_rng(0)
    match = draw.random(4000) < 0.2
    chance = np.where(match[:, None], [0.95, 0.9, 0.8, 0.85], [0.1, 0.05, 0.3, 0.02])
    levels = pd.DataFrame((draw.random((4000, 4)) < chance).astype(int), columns=list("abcd"))
    levels.index = pd.MultiIndex.from_arrays([levels.index, levels.index])
    return levels, pd.Series(match)


def test_the_pattern_ecm_takes_the_steps_of_the_stock_ecm(binary: tuple[pd.DataFrame, pd.Series]) -> None:
    levels, _ = binary
    stock, ours = recordlinkage.ECMClassifier(), PatternECM()
    stock.fit(levels)
    ours.fit(levels)
    assert np.abs(stock.prob(levels) - ours.prob(levels)).max() < 1e-6
    assert ours.predict(levels).equals(stock.predict(levels))
    assert ours.p == pytest.approx(stock.p, abs=1e-6)


def test_the_supervised_classifier_learns_shares_and_ignores_missing(
    binary: tuple[pd.DataFrame, pd.Series],
) -> None:
    levels, match = binary
    classifier = FellegiSunterClassifier(sizes=[3, 2, 2, 2], missing=[2, -1, -1, -1])
    classifier.fit(levels, levels.index[match])
    assert classifier.m_probs[0][1] == pytest.approx(levels["a"][match.to_numpy()].mean(), abs=0.01)
    assert classifier.weights[0][2] == 0.0
    assert ((classifier.prob(levels) >= 0.5).to_numpy() == match.to_numpy()).mean() > 0.95
