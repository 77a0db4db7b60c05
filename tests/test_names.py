import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.people.names import NameLevel, compare, contradicts, split
from pipelines.demo.people import GIVEN, SURNAMES

HANZI = st.text(st.sampled_from("王汪黄张章李里力伟玮未末明名林凌欧阳小晓单山曾□某*·张張"), max_size=6)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("王伟", "王伟", NameLevel.EQUAL),
        ("張偉", "张伟", NameLevel.EQUAL),
        ("王伟", "王玮", NameLevel.SAME_SOUND),
        ("林建国", "凌健国", NameLevel.FUZZY_SOUND),
        ("李未", "李末", NameLevel.SIMILAR_SHAPE),
        ("张□明", "张小明", NameLevel.UNREADABLE),
        ("张明", "张小明", NameLevel.DROPPED),
        ("张明小", "张小明", NameLevel.SWAPPED),
        ("张大明", "张小明", NameLevel.ONE_DIFFERS),
        ("张某某", "张小明", NameLevel.SURNAME_ONLY),
        ("欧阳拓", "欧阳建国", NameLevel.SURNAME_ONLY),
        ("李丽娜", "王丽娜", NameLevel.GIVEN_ONLY),
        ("李四", "王五", NameLevel.DIFFERENT),
        ("", "王五", NameLevel.MISSING),
    ],
)
def test_names_agree_by_sight_then_sound_then_shape(one: str, other: str, level: NameLevel) -> None:
    assert compare(one, other) == level
    assert compare(other, one) == level


@pytest.mark.parametrize(
    ("surname", "sounds_like", "not_like"),
    [("单", "善", "丹"), ("曾", "增", "层"), ("仇", "邱", "愁"), ("翟", "宅", "迪"), ("解", "谢", "姐"),
     ("查", "扎", "茶"), ("区", "欧", "曲")],
)  # fmt: skip
def test_a_surname_is_read_as_surnames_are(surname: str, sounds_like: str, not_like: str) -> None:
    assert compare(surname + "国庆", sounds_like + "国庆") == NameLevel.SAME_SOUND
    assert compare(surname + "国庆", not_like + "国庆") != NameLevel.SAME_SOUND


def test_a_heteronym_in_a_given_name_agrees_by_any_of_its_readings() -> None:
    assert compare("王乐", "王月") == NameLevel.SAME_SOUND
    assert compare("王乐", "王勒") == NameLevel.SAME_SOUND


def test_names_contradict_only_where_surname_and_given_name_both_differ() -> None:
    assert contradicts("李四光", "王五一")
    assert contradicts("张小明", "李小红")
    assert not contradicts("李四光", "李五一")
    assert not contradicts("李四光", "王四光")


@pytest.mark.parametrize(
    ("one", "other"),
    [("章小明", "张晓名"), ("林伟", "凌玮"), ("张某", "李四"), ("□□", "李四"), ("", "李四"),
     ("欧阳娜", "阳娜"), ("ZHANGWEI", "张伟"), ("WEI ZHANG", "张伟"), ("阿里木·买买提", "阿里木买买提")],
)  # fmt: skip
def test_sound_shape_masks_and_latin_spelling_do_not_contradict(one: str, other: str) -> None:
    assert not contradicts(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("江小明", "洪建国"), ("何伟", "任强"), ("谢芳", "许静"), ("杨帆", "林浩"), ("王伟", "赵佳"),
     ("吴婷", "叶娜"), ("周建国", "郑强国"), ("李婷娟", "王娥娜")],
)  # fmt: skip
def test_a_shared_radical_is_no_likeness_of_shape(one: str, other: str) -> None:
    assert contradicts(one, other)


def test_one_look_alike_character_does_not_contradict_and_two_do() -> None:
    assert not contradicts("李未", "王末")
    assert not contradicts("李未名", "王末明")
    assert contradicts("李未田", "王末申")


@pytest.mark.parametrize(
    ("one", "other"),
    [("李小明", "王明"), ("黄鹏华", "钱鹏"), ("张晓明", "李明"), ("欧阳娜", "阳静"), ("张明小", "李小明")],
)
def test_a_dropped_or_swapped_character_explains_nothing_beside_itself(one: str, other: str) -> None:
    assert contradicts(one, other)


@pytest.mark.parametrize(("one", "other"), [("张小明", "小明"), ("张伟", "伟张"), ("欧阳娜", "阳娜")])
def test_a_dropped_or_swapped_character_alone_explains_itself(one: str, other: str) -> None:
    assert not contradicts(one, other)


def test_a_given_name_of_which_nothing_can_be_read_contradicts_none_of_any_length() -> None:
    assert not contradicts("张某", "李小明")
    assert not contradicts("张**", "李四")


def _names(draw: np.random.Generator, size: int, short: float) -> list[str]:
    given = draw.choice(list("".join(GIVEN.values())), (size, 2))
    lengths = np.where(draw.random(size) < short, 1, 2)
    surnames = draw.choice(SURNAMES, size)
    return [s + "".join(g[:n]) for s, g, n in zip(surnames, given, lengths, strict=True)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("short", [0.1, 0.7])
def test_hardly_any_two_people_of_another_surname_and_given_name_do_not_contradict(
    seed: int, short: float
) -> None:
    draw = np.random.default_rng(seed)
    pairs = [
        (one, other)
        for one, other in zip(_names(draw, 12_000, short), _names(draw, 12_000, short), strict=True)
        if split(one)[0] != split(other)[0] and split(one)[1] != split(other)[1]
    ]
    assert len(pairs) > 10_000
    assert np.mean([not contradicts(one, other) for one, other in pairs]) <= 0.015


@given(HANZI, HANZI)
def test_comparing_names_does_not_depend_on_their_order(one: str, other: str) -> None:
    assert compare(one, other) == compare(other, one)
    assert contradicts(one, other) == contradicts(other, one)


@given(HANZI)
def test_a_name_never_contradicts_itself(name: str) -> None:
    assert not contradicts(name, name)
    assert compare(name, name) <= NameLevel.EQUAL or any(c in "□某*" for c in name) or not name
