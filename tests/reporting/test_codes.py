"""Return codes: forgiving to read, and never read as another than what was typed, but for one slip a word."""

from __future__ import annotations

import math
import string
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wagtail_harassment.reporting import codes
from wagtail_harassment.reporting.codes import Code, NotACode
from wagtail_harassment.vault.keyring import Keyring

LIST = codes._words()
words = st.sampled_from(LIST)
code = st.lists(words, min_size=6, max_size=6)
#: What people put between words, and before them.
between = st.text(alphabet=" \t\n,.;:-_–·/|1234567890()", min_size=1, max_size=4)
letters = st.sampled_from(string.ascii_lowercase)


def distance(one: str, other: str) -> int:
    """Letters more, less, other or swapped that lie between two words."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def slip(word: str, at: int, letter: str, how: int) -> str:
    """One letter less, more, other, or two of them swapped."""
    at %= len(word)
    return [
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    ][how]


slips = st.tuples(st.integers(0, 20), letters, st.integers(0, 3))


def test_the_list_has_as_many_words_as_five_dice_and_a_code_the_bits_that_we_say():
    assert len(LIST) == len(set(LIST)) == 6**5
    assert all(set(word) <= set(string.ascii_lowercase) and 3 <= len(word) <= 10 for word in LIST)
    assert round(math.log2(len(LIST) ** codes.WORDS), 1) == 77.5


def test_every_word_is_drawn_about_as_often_as_every_other():
    drawn = Counter(word for _code in range(40_000) for word in codes.new_words().split())
    assert set(drawn) == set(LIST)
    assert max(drawn.values()) < 90  # 31 are expected, with a spread of 6


@given(
    code,
    st.lists(between, min_size=7, max_size=7),
    st.lists(st.sampled_from([0, 1, 2]), min_size=6, max_size=6),
)
def test_a_code_is_read_whatever_stands_between_its_words_and_however_they_are_written(meant, marks, cases):
    written = [(str.lower, str.upper, str.title)[case](word) for word, case in zip(meant, cases, strict=True)]
    typed = marks[0] + "".join(word + mark for word, mark in zip(written, marks[1:], strict=True))
    assert codes.parse(typed) == " ".join(meant)


@given(code)
def test_accents_that_a_keyboard_put_in_do_not_matter(meant):
    accented = " ".join(meant).replace("a", "á").replace("e", "ë").replace("o", "ô")
    assert codes.parse(accented) == " ".join(meant)


@settings(max_examples=300)
@given(code, st.integers(0, 5), slips)
def test_one_slip_in_a_word_is_put_right_where_only_one_word_can_be_meant(meant, which, how):
    typed = list(meant)
    typed[which] = slip(typed[which], *how)
    others = [word for word in codes.near(typed[which]) if word != meant[which]]
    if typed[which] in codes._known():
        assert codes.parse(" ".join(typed)) == " ".join(typed)
    elif others:
        with pytest.raises(NotACode):
            codes.parse(" ".join(typed))
    elif typed[which]:
        assert codes.parse(" ".join(typed)) == " ".join(meant)


@settings(max_examples=300)
@given(code, st.integers(0, 5), slips, slips)
def test_no_word_is_read_as_one_that_is_two_slips_away(meant, which, one, other):
    typed = list(meant)
    typed[which] = slip(slip(typed[which], *one) or "a", *other)
    try:
        read = codes.parse(" ".join(typed)).split()
    except NotACode:
        return
    assert max(distance(a, b) for a, b in zip(typed, read, strict=True)) <= 1
    assert [word for place, word in enumerate(read) if place != which] == [
        word for place, word in enumerate(meant) if place != which
    ]


@given(st.text(max_size=500))
def test_whatever_is_typed_is_a_code_of_six_words_or_none(typed):
    read, wrong = "", None
    try:
        read = codes.parse(typed)
    except NotACode as error:
        wrong = error
    assert len(read.split()) == 6 if wrong is None else wrong.count != 6 or wrong.unknown != []


@pytest.mark.parametrize("count", [0, 1, 5, 7, 12, 30])
def test_too_few_or_too_many_words_are_counted(count):
    with pytest.raises(NotACode) as caught:
        codes.parse(" ".join(["yodel"] * count))
    assert (caught.value.count, caught.value.unknown) == (count, [])


def test_a_word_that_is_none_is_named_and_not_in_the_text_of_the_error():
    with pytest.raises(NotACode) as caught:
        codes.parse("yodel yodel qqqqqq yodel yodel yodel")
    assert caught.value.unknown == ["qqqqqq"]
    assert "qqqqqq" not in str(caught.value)


def test_what_finds_a_code_is_another_under_another_pepper_and_for_another_code():
    one, other = Keyring.generate(), Keyring.generate()
    mine = " ".join(LIST[:6])
    found = {
        codes.lookup_of(mine, one),
        codes.lookup_of(mine, other),
        codes.lookup_of(" ".join(LIST[1:7]), one),
    }
    assert len(found) == 3
    assert codes.lookup_of(mine, one) == codes.lookup_of(mine, one.public())
    assert {len(bytes.fromhex(each)) for each in found} == {32}


def test_the_slow_key_is_another_under_another_salt():
    mine = " ".join(LIST[:6])
    one, other = codes.salt(), codes.salt()
    assert codes.wrapping_key(mine, one) == codes.wrapping_key(mine, one)
    assert codes.wrapping_key(mine, one) != codes.wrapping_key(mine, other)
    assert len(codes.wrapping_key(mine, one)) == 32


def test_an_open_code_shows_neither_its_words_nor_its_key():
    made = Code.new()
    assert Code.unpacked(made.packed()) == made
    shown = repr(made) + str(made)
    assert [word for word in made.words.split() if word in shown] == []
    assert made.key.hex() not in shown
    assert repr(made.key) not in shown
