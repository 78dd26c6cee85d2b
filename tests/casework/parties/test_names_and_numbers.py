"""What two spellings of one name, address or number come down to."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from hypothesis import given
from hypothesis import strategies as st

from wagtail_harassment.casework import mentions
from wagtail_harassment.casework.parties import index
from wagtail_harassment.vault import keyring

#: Names as people have them: of one alphabet or another, with accents, apostrophes and hyphens.
WORD = st.text(
    alphabet=st.characters(categories=("Lu", "Ll", "Lo"), max_codepoint=0x5000), min_size=2, max_size=12
).filter(lambda word: mentions.forms_of_name(word))


def account(first="", last="", email=""):
    return get_user_model()(first_name=first, last_name=last, email=email, username="u1")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Gareth Pugh", "gareth  PUGH"),
        ("Gareth Pugh", "Pugh, Gareth"),
        ("Gareth Pugh", "Dr. Gareth Pugh"),
        ("Gareth Pugh", "Prof Dr Gareth J. Pugh"),
        ("Åsa O'Neill-Smith", "asa oneill smith"),
        ("Åsa O’Neill-Smith", "Asa O Neill Smith"),
        ("Jürgen Weiß", "JURGEN WEISS"),
        ("Иван Петров", "Петров Иван"),
        ("Ｊａｎｅ Smith", "Jane Smith"),
    ],
)
def test_one_name_in_two_spellings_is_one_name(one, other):
    assert mentions.forms_of_name(one) & mentions.forms_of_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Gareth Pugh", "Gareth"),
        ("Gareth Pugh", "Pugh"),
        ("Gareth Pugh", "Gareth Pughe"),
        ("Jane O'Neill", "Jane Neill"),
        ("Gareth Pugh", "Gareth Lloyd Pugh"),
        ("Lee Dean", "Lee Dean Dean"),
        ("J Pugh", "G Pugh"),
    ],
)
def test_two_names_are_two(one, other):
    assert not mentions.forms_of_name(one) & mentions.forms_of_name(other)


@pytest.mark.parametrize("name", ["", "  ", "---", "'", "|", "\u200b"])
def test_what_holds_no_letter_is_no_name(name):
    assert mentions.forms_of_name(name) == set()


def test_a_title_alone_is_kept():
    assert mentions.forms_of_name("Dr") == {"dr"}


@given(first=WORD, last=WORD)
def test_order_case_space_and_comma_make_no_difference(first, last):
    plain = mentions.forms_of_name(f"{first} {last}")
    assert mentions.forms_of_name(f"{last},  {first}") == plain
    assert mentions.forms_of_name(f"\t{first}\u00a0{last}.") == plain
    assert mentions.forms_of_name(f"Prof. {first} {last}") & plain


@given(name=st.text(max_size=60))
def test_no_text_at_all_breaks_it_and_what_comes_out_stays_as_it_is(name):
    for form in mentions.forms_of_name(name):
        assert form == " ".join(sorted(form.split())) != ""
        assert form in mentions.forms_of_name(form)


@given(first=WORD, last=WORD)
def test_an_account_has_the_forms_of_its_own_name_and_is_named_by_it(first, last):
    holder = account(first, last)
    assert mentions.forms_of(holder) & mentions.forms_of_name(f"Dr {first} {last}")
    assert mentions.is_named(holder, mentions.Text([f"Dr {first} {last}"]))


def test_an_account_with_one_name_is_no_persons():
    assert mentions.forms_of(get_user_model()(username="pugh")) == set()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("07700 900123", {"700900123"}),
        ("+44 (0)7700 900123", {"700900123"}),
        ("0044 7700-900.123", {"700900123"}),
        ("٠٧٧٠٠ ٩٠٠١٢٣", {"700900123"}),
        ("07700 900123 or 0161 496 0000", {"700900123", "614960000"}),
        ("07700 900123 / 0161 496 0000", {"700900123", "614960000"}),
        ("ext. 49600", set()),
        ("496000", {"496000"}),
        ("", set()),
        ("ask Mara", set()),
    ],
)
def test_a_number_is_its_last_nine_digits(text, numbers):
    assert index._numbers(text) == numbers


@given(
    digits=st.text(alphabet="0123456789", min_size=9, max_size=9), gap=st.sampled_from([" ", "-", ".", ""])
)
def test_a_number_is_one_however_it_is_written(digits, gap):
    for front in ("0", "+44", "0044", "+44 (0)"):
        assert index._numbers(f"{front}{digits[:4]}{gap}{digits[4:]}") == {digits}


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        (" Amina@Example.ORG ", {"amina@example.org"}),
        ("a+b@example.org", {"a+b@example.org"}),
        ("<a@b.example>, c@d.example.", {"a@b.example", "c@d.example"}),
        ("nobody", set()),
    ],
)
def test_an_address_is_as_it_is_written_but_for_capitals(text, addresses):
    assert index._addresses(text) == addresses


@given(text=st.text(max_size=60))
def test_whatever_is_looked_for_there_is_an_answer(text):
    assert all(
        kind in ("name", "email", "phone") and len(digest) == 64
        for kind, digest in index.digests_sought(text)
    )


def test_what_is_looked_for_is_taken_for_what_it_is():
    details = {"name": "Amina Yusuf", "email": "Amina@example.org", "phone": "+44 7700 900123"}
    for text in ("yusuf amina", "AMINA@example.org", "07700 900 123"):
        assert index.digests_sought(text) & index.digests_of(details), text
    for text in ("amina", "amina@example.or", "07700 900124", "example.org", "900123"):
        assert not index.digests_sought(text) & index.digests_of(details), text


def test_a_digest_says_nothing_without_the_key_and_is_another_for_another_kind(settings, tmp_path):
    mine = index.digests_sought("a@example.org")
    path = tmp_path / "other.json"
    keyring.write(keyring.Keyring.generate(), path)
    settings.WAGTAIL_HARASSMENT_KEYRING = path
    assert not mine & index.digests_sought("a@example.org")
    assert not index.digests_of({"name": "a@example.org"}) & index.digests_of({"email": "a@example.org"})
