import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.people.names import NameLevel, compare, contradicts

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


@given(HANZI, HANZI)
def test_comparing_names_does_not_depend_on_their_order(one: str, other: str) -> None:
    assert compare(one, other) == compare(other, one)
    assert contradicts(one, other) == contradicts(other, one)


@given(HANZI)
def test_a_name_never_contradicts_itself(name: str) -> None:
    assert not contradicts(name, name)
    assert compare(name, name) <= NameLevel.EQUAL or any(c in "□某*" for c in name) or not name
