import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.feed import nothing
from matchers.people.resident_id import (
    CLASSES,
    birth_date,
    check_character,
    classify,
    mask,
    normalise,
    normalise_array,
    sex,
    to_18,
)
from pipelines.readers.nothing import words_for_nothing

NOTHING = words_for_nothing(nothing("id_number"))
VALID = "510292197905014432"
MEN = st.builds(
    lambda region, day, order: (body := f"{region}{day:%Y%m%d}{order:03d}") + check_character(body),
    st.sampled_from(["500190", "512391", "819000", "829000", "900190"]),
    st.dates(dt.date(1850, 1, 1), dt.date(2099, 12, 31)),
    st.integers(0, 999),
)
MANGLED = st.builds(
    lambda number, change, at: change(number, at),
    MEN,
    st.sampled_from([
        lambda n, at: n, lambda n, at: n.lower(), lambda n, at: n[:at] + "0" + n[at + 1 :],
        lambda n, at: n[:at] + n[at + 1 :], lambda n, at: n[:at] + "5" + n[at:],
        lambda n, at: n[:6] + n[8:17],
        lambda n, at: f" {n}\t", lambda n, at: f"'{n}", lambda n, at: n[:at] + "*" + n[at + 1 :],
        lambda n, at: n[:15] + "000", lambda n, at: f"{float(n[:17]):.5E}", lambda n, at: n[at] * 18,
        lambda n, at: n.replace("1", "１").replace("9", "９"),
        lambda n, at: n[:at],
    ]),
    st.integers(0, 17),
)  # fmt: skip


@pytest.mark.parametrize(
    ("came", "text", "kind", "key"),
    [
        (VALID, VALID, "valid18", VALID),
        ("５１０２９２１９７９０５０１４４３２", VALID, "valid18", VALID),
        (" '510292 19790501-4432\t", VALID, "valid18", VALID),
        ("50019219771110633x", "50019219771110633X", "checksum", None),
        ("50019019671020774×", "50019019671020774X", "valid18", "50019019671020774X"),
        ("510292790501443", "510292790501443", "valid15", VALID),
        ("510292790231443", "510292790231443", "other", "510292790231443"),
        ("510292197905014000", "510292197905014000", "float15", None),
        ("510292197905014464", "510292197905014464", "float15", None),
        ("510292197905014433", "510292197905014433", "checksum", None),
        ("5.10292E+17", "5.10292E+17", "float6", None),
        ("5102**********4432", "5102**********4432", "masked", None),
        ("51029219790501443", "51029219790501443", "length", None),
        ("5102921979050144322", "5102921979050144322", "length", None),
        ("111111111111111111", "111111111111111111", "dummy", None),
        ("123456789012345678", "123456789012345678", "dummy", None),
        ("000000000000000000", "000000000000000000", "dummy", None),
        ("", "", "missing", None),
        (" - ", "", "missing", None),
        ("无", "无", "missing", None),
        ("【不详】", "【不详】", "missing", None),
        ("没有", "没有", "missing", None),
        ("//", "//", "missing", None),
        ("E12345678", "E12345678", "other", "E12345678"),
        ("h01234567(8)", "H01234567(8)", "other", "H01234567(8)"),
        ("王超", "王超", "other", None),
    ],
)
def test_a_number_is_folded_classed_and_given_a_key(came, text, kind, key):
    assert normalise(came, NOTHING) == (text, kind, key)


def test_a_permit_is_told_by_its_first_digits_and_its_check_character():
    for region in ("810000", "820000", "830000", "915001"):
        body = f"{region}19790501443"
        assert classify(body + check_character(body), NOTHING) == "permit"


def test_the_15_digit_number_becomes_the_18_digit_one_of_the_same_person():
    assert to_18("510292790501443") == VALID


def test_birth_date_and_sex_are_read_from_the_key():
    assert birth_date(VALID) == dt.date(1979, 5, 1)
    assert (sex(VALID), sex("510291198705168924")) == ("M", "F")


def test_the_middle_of_a_number_is_hidden():
    assert mask(VALID) == "510292********4432"
    assert mask("E1234567") == "********"


@settings(deadline=None)
@given(MEN)
def test_every_wrong_digit_is_found(number):
    for place in range(17):
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        assert classify(wrong, NOTHING) not in {"valid18", "permit"}


@settings(deadline=None)
@given(
    st.lists(MANGLED | st.text(max_size=20) | st.text("0123456789X", min_size=18, max_size=18), max_size=30)
)
def test_the_array_kernel_equals_the_plain_rule(numbers):
    texts, keys, classes, changed = normalise_array(pa.array(numbers, pa.string()), NOTHING)
    wanted = [normalise(number, NOTHING) for number in numbers]
    assert texts.to_pylist() == [one.text for one in wanted]
    assert keys.to_pylist() == [one.key for one in wanted]
    assert [CLASSES[kind] for kind in classes] == [one.id_class for one in wanted]
    assert changed.tolist() == [i for i, one in enumerate(wanted) if one.text != numbers[i]]
