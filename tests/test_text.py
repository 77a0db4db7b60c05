from itertools import product

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.text import GB18030_2022, fold, fold_array, name_key
from pipelines.readers.decoding import Decoder, has_iconv
from tests.oracle import PRIVATE

TEXTS = st.lists(
    st.text(max_size=6)
    | st.text(
        alphabet="王阿·•.()（曾用）[]【】 \u3000'㐀𠂇\ufa0a\U0002f800\ue81e\ue7c7é①ﾊ\u200b\t9xX", max_size=6
    ),
    max_size=20,
)


def test_full_width_and_compatibility_forms_become_the_plain_ones():
    assert fold("　ＡＢ１２（重庆）㈱ ") == "AB12(重庆)(株)"


def test_control_characters_and_invisible_marks_go():
    assert fold("\ufeff王\u200b\x00超\u202e\x7f") == "王超"


def test_line_breaks_and_runs_of_spaces_become_one_space():
    assert fold(" 王\r\n\t 超 ") == "王 超"


def test_the_text_mark_of_spreadsheets_goes():
    assert fold("'007") == "007"


def test_the_25_characters_of_2005_become_those_of_2022():
    assert {code: ord(char) for code, char in GB18030_2022.items()} == PRIVATE
    assert fold("\ue81e\ue864") == "龴龻"


@pytest.mark.parametrize("dot", "·•‧・･．.")
def test_every_dot_of_a_name_is_the_same_dot(dot):
    assert name_key(f"阿依古丽{dot}买买提") == "阿依古丽·买买提"


def test_remarks_in_brackets_are_no_part_of_a_name():
    assert name_key("王 超（曾用名王潮）") == "王超"
    assert name_key("[已注销]王超") == "王超"


def test_a_character_spelt_by_its_parts_stays_in_the_name():
    assert name_key("李(王+韦)") == "李(王+韦)"


def test_a_name_that_is_all_remark_is_kept():
    assert name_key("（未登记）") == "(未登记)"


@settings(deadline=None)
@given(TEXTS)
def test_folding_twice_changes_nothing_more(texts):
    for text in texts:
        assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(TEXTS)
def test_the_array_form_of_folding_equals_the_plain_rule(texts):
    values = pa.array(texts, pa.string())
    for rule in (fold, name_key):
        folded, changed = fold_array(values, rule)
        assert folded.to_pylist() == [rule(text) for text in texts]
        assert changed.tolist() == [i for i, text in enumerate(texts) if rule(text) != text]


@settings(deadline=None)
@given(TEXTS)
def test_a_slice_of_an_array_is_folded_like_the_whole(texts):
    values = pa.array(["王", "é", *texts], pa.string()).slice(2)
    assert fold_array(values)[0].to_pylist() == [fold(text) for text in texts]


def gb18030_codes():
    """Every one-, two- and four-byte form of GB18030, valid or not."""
    yield from (bytes([a]) for a in range(256) if a != 10)
    yield from (bytes(pair) for pair in product(range(0x81, 0xFF), [*range(0x40, 0x7F), *range(0x80, 0xFF)]))
    plane_0 = product(range(0x81, 0x85), range(0x30, 0x3A), range(0x81, 0xFF), range(0x30, 0x3A))
    beyond = product(range(0x8F, 0xE4), range(0x30, 0x3A), range(0x81, 0xFF, 5), (0x30, 0x39))
    yield from (bytes(code) for code in (*plane_0, *beyond))


@pytest.mark.skipif(not has_iconv(), reason="this C library has no iconv(3) with the code points of 2022")
def test_both_decoders_give_the_same_text_for_every_code():
    cells = pa.array(list(gb18030_codes()), pa.binary())
    by_library, bad = Decoder("gb18030")(cells)
    by_codec, bad_too = Decoder("gb18030", native=False)(cells)
    assert bad.tolist() == bad_too.tolist()
    assert by_library.equals(by_codec)
