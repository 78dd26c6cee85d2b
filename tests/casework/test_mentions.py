from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from wagtail_harassment.casework.mentions import Text, is_named, surname_occurs, texts


def person(first="", last="", email="", username="u1"):
    return get_user_model()(first_name=first, last_name=last, email=email, username=username)


ASA = ("Åsa", "O'Neill-Smith")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (ASA, "It was Åsa O'Neill-Smith."),
        (ASA, "it was asa oneill smith"),
        (ASA, "ÅSA O’NEILL-SMITH shouted"),
        (ASA, "Åsa  O Neill\nSmith"),
        (ASA, "A\u030asa O\u02bcNeill\u2010Smith"),
        (ASA, "O'Neill-Smith, Åsa"),
        (ASA, "Åsa K. O'Neill-Smith"),
        (("Jane", "Smith"), "Smith, Jane"),
        (("Jane", "Smith"), "(jane smith)"),
        (("Jane", "Smith"), "Dr. Jane M Smith said"),
        (("Jane Mary", "Smith"), "Jane Smith"),
        (("Jane", "van der Berg"), "Jane Van Der Berg"),
        (("Søren", "Łukasz"), "soren lukasz"),
        (("Jürgen", "Weiß"), "JURGEN WEISS"),
        (("小明", "王"), "是王小明老师"),
        (("Иван", "Петров"), "это был Иван Петров"),
        (("", "Jane Smith"), "Jane Smith"),
    ],
)
def test_a_full_name_is_found(name, text):
    assert is_named(person(*name), Text([text]))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (("Jane", "Smith"), "Jane Smithson"),
        (("Jane", "Smith"), "Mary-Jane's friend Smith"),
        (("Jane", "Smith"), "Smith"),
        (("Jane", "Smith"), "Jane"),
        (("Jane", "Smith"), "Jane and Smith"),
        (("Ann", "Lee"), "the channel led"),
        (("Jane", "Smith"), ""),
        (("", "Smith"), "Smith"),
        (("", ""), "u1"),
    ],
)
def test_what_is_not_the_full_name_is_not(name, text):
    assert not is_named(person(*name), Text([text]))


def test_a_name_does_not_run_from_one_answer_into_the_next():
    assert not is_named(person("Jane", "Smith"), Text(["I told Jane", "Smith hall"]))
    assert not is_named(person("Jane", "Smith"), Text(["I told Jane |", "Smith hall"]))


@pytest.mark.parametrize("text", ["J.SMITH@x.example", "mail j.smith@x.example.", "<j.smith@x.example>"])
def test_an_address_is_found(text):
    assert is_named(person(email="j.smith@x.example"), Text([text]))


@pytest.mark.parametrize(
    "text", ["aj.smith@x.example", "j.smith@x.example.org", "j.smith@x.examples", "j.smith"]
)
def test_a_longer_address_is_another(text):
    assert not is_named(person(email="j.smith@x.example"), Text([text]))


def test_a_surname_alone_is_found_as_a_word():
    assert surname_occurs(person("Jane", "O'Neill"), Text(["Prof. ONeill"]))
    assert surname_occurs(person("Jane", "O'Neill"), Text(["Prof. O Neill"]))
    assert not surname_occurs(person("Jane", "Neil"), Text(["Prof. ONeill"]))
    assert surname_occurs(person(username="m.cole"), Text(["m cole"]))


def test_every_text_in_an_answer_is_seen_and_nothing_else():
    junk = {"a": ["x", {"b": ("y", 3, None, b"z")}], "c": {"d": "w"}, "e": 1.5}
    assert sorted(texts(junk)) == ["w", "x", "y"]
    deep = "end"
    for _ in range(50_000):
        deep = [deep]
    assert list(texts(deep)) == ["end"]


def test_a_megabyte_of_anything_is_read_in_under_a_second():
    import time

    long = "Ünïcode ' | \udcff\x00 " * 60_000
    started = time.perf_counter()
    assert not is_named(person(*ASA, email="a@b.example"), Text([long]))
    assert time.perf_counter() - started < 1
