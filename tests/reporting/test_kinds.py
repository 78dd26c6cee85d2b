"""Kinds of question: from what is typed to an answer, and back."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wagtail_harassment.reporting import readers
from wagtail_harassment.reporting.forms import StepForm
from wagtail_harassment.reporting.kinds import KINDS, kind_of
from wagtail_harassment.reporting.readers import Reader

CHOICES = [
    {"code": code, "label": code.capitalize(), "hint": ""} for code in ("yes", "no", "not_sure", "date")
]
CAMPUSES = [{"code": "city", "label": "City campus", "buildings": [{"code": "library", "label": "Library"}]}]
#: Files that arrived before: what is typed about them is a note each.
HELD = [
    {
        "id": f"00000000-0000-4000-8000-00000000000{number}",
        "name": name,
        "note": note,
        "size": 2048,
        "sha256": "0" * 64,
        "format": "jpg",
    }
    for number, (name, note) in enumerate([("wall.jpg", "what they wrote"), ("door.jpg", "")])
]


@pytest.fixture(autouse=True)
def british():
    with translation.override("en-gb"):
        yield


@pytest.fixture(autouse=True)
def two_readers(monkeypatch):
    monkeypatch.setattr(
        readers, "_providers", [lambda: [Reader("person-1", "Sam Lee"), Reader("team-leads", "All leads")]]
    )


def asked(kind, **more):
    return {
        "id": "1",
        "kind": kind,
        "code": "q",
        "label": "Question",
        "help": "",
        "required": False,
        "only_if": [],
        "choices": CHOICES,
        "campuses": CAMPUSES,
        "held": HELD,
    } | more


def form_of(question, data=None, answers=None):
    step = {"code": "s", "title": "S", "items": [question]}
    if data is not None and not isinstance(data, QueryDict):
        query = QueryDict(mutable=True)
        for name, value in data.items():
            query.setlist(name, value if isinstance(value, list) else [value])
        data = query
    return StepForm(step, {question["code"]: question}, answers or {}, data)


def answer_to(question, **data):
    """The answer that a POST makes. Input names: ``_`` for the question's own, else what follows the dash."""
    posted = {"q" if name == "_" else f"q-{name.replace('__', '-')}": value for name, value in data.items()}
    form = form_of(question, posted)
    assert form.is_valid(), form.errors
    return form.answers["q"]


def errors_of(question, **data):
    posted = {"q" if name == "_" else f"q-{name.replace('__', '-')}": value for name, value in data.items()}
    form = form_of(question, posted)
    form.is_valid()
    return dict(form.error_list())


ANSWERS = {
    "short_text": ("Early <b>October</b> {{ x }}", ["Early <b>October</b> {{ x }}"]),
    "long_text": ("One\n\n  two\n=cmd()", ["One\n\n  two\n=cmd()"]),
    "one_choice": ("no", ["No"]),
    "several_choices": (["yes", "not_sure"], ["Yes", "Not_sure"]),
    "yes_no": ("yes", ["Yes"]),
    "about_when": (
        {"kind": "date", "date": "2026-11-01", "detail": "after dark"},
        ["Date", "1 Nov 2026", "after dark"],
    ),
    "place": (
        {"kind": "yes", "campus": "city", "building": "library", "detail": "foyer"},
        ["Yes", "Library, City campus", "foyer"],
    ),
    "device": ("no", ["No"]),
    "route": ("yes", ["Yes"]),
    "messages": ("no", ["No"]),
    "must_not_see": (
        {"people": ["person-1", "team-leads"], "names": ["Sam Lee", "All leads"], "other": "my tutor"},
        ["Sam Lee", "All leads", "my tutor"],
    ),
    "people": (
        [
            {"name": "Alex", "description": "tall", "relation": "student"},
            {"name": "", "description": "the other one", "relation": ""},
        ],
        ["Alex, tall, student", "the other one"],
    ),
    "contact": (
        {
            "name": "Maya",
            "pronouns": "she/her",
            "email": "maya@northbridge.example",
            "phone": "01632 960111",
            "safe": "text after six",
            "access": "",
            "language": "",
            "message_ok": "no",
        },
        [
            "Your name: Maya",
            "Your pronouns: she/her",
            "E-mail: maya@northbridge.example",
            "Phone: 01632 960111",
            "A safe way and time to reach you: text after six",
            "Please leave no message",
        ],
    ),
    "files": (HELD, ["wall.jpg (2.0\xa0KB): what they wrote", "door.jpg (2.0\xa0KB)"]),
}


def test_every_kind_has_a_round_trip():
    assert set(ANSWERS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_shown_in_its_inputs_and_posted_again_is_the_same_answer(kind):
    question, (answer, shown) = asked(kind), ANSWERS[kind]
    inputs = {
        each.name: each.value
        for item in form_of(question, None, {"q": answer}).items()
        for each in item.inputs
    }
    form = form_of(question, inputs, {"q": answer} if kind_of(question).holds_files else None)
    assert form.is_valid(), form.errors
    assert form.answers == {"q": answer}
    assert kind_of(question).shown(question, answer) == shown


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"contact"}))
def test_nothing_typed_is_a_skipped_question(kind):
    form = form_of(asked(kind), {})
    assert form.is_valid()
    assert form.answers == {"q": None}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"contact"}))
def test_a_required_question_that_is_skipped_says_what_to_do(kind):
    form = form_of(asked(kind, required=True), {})
    assert not form.is_valid()
    assert [message for _id, message in form.error_list()] == [str(kind_of(asked(kind)).missing)]


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_junk_never_breaks_a_question(kind, data):
    question = asked(kind)
    names = list(kind_of(question).fields(question, QueryDict()))
    body = b"&".join(name.encode() + b"=" + data for name in [*names, *names])
    held = {"q": HELD} if kind_of(question).holds_files else None
    form = form_of(question, QueryDict(body, encoding="utf-8"), held)
    if form.is_valid() and form.answers["q"] is not None:
        kind_of(question).shown(question, form.answers["q"])
        kind_of(question).codes(question, form.answers["q"])
    form.items()


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("one_choice", "_"),
        ("several_choices", "_"),
        ("yes_no", "_"),
        ("device", "_"),
        ("route", "_"),
        ("messages", "_"),
        ("about_when", "_"),
        ("place", "_"),
        ("place", "where"),
        ("must_not_see", "_"),
    ],
)
@pytest.mark.parametrize("forged", ["admin", "person-2", "city/tower", "tower", "\x00", "<script>"])
def test_a_choice_that_was_not_offered_is_refused_without_repeating_it(kind, name, forged):
    (message,) = errors_of(asked(kind), **{name: forged}).values()
    assert message in {"Choose one of the answers in the list.", "Choose from the answers in the list."}


def test_the_same_choice_twice_counts_once():
    assert answer_to(asked("several_choices"), _=["yes", "yes"]) == ["yes"]


def test_control_characters_are_dropped_and_words_and_lines_stay():
    typed = "a\x00b\x07c\r\nd\re\tf \U0001f614 ‮ \x1b[31m"
    assert answer_to(asked("long_text"), _=typed) == "abc\nd\ne\tf \U0001f614 ‮ [31m"


def test_invalid_utf8_becomes_replacement_characters():
    form = form_of(asked("long_text"), QueryDict(b"q=%ff%fehello", encoding="utf-8"))
    assert form.is_valid()
    assert form.answers == {"q": "��hello"}


def test_text_as_long_as_there_is_room_for_is_taken_and_one_character_more_is_not():
    assert answer_to(asked("long_text"), _="x" * 100_000) == "x" * 100_000
    assert errors_of(asked("long_text"), _="x" * 100_001) == {
        "id_q": "This is 100,001 characters long, and there is room for 100,000. "
        "Shorten it, or send the rest in a second report."
    }


@pytest.mark.parametrize(
    ("typed", "date"),
    [
        ("2026-02-28", "2026-02-28"),
        ("2026-2-8", "2026-02-08"),
        ("28/02/2026", "2026-02-28"),
        ("8.2.2026", "2026-02-08"),
        ("8 February 2026", "2026-02-08"),
        ("8 Feb 2026", "2026-02-08"),
        (" ", ""),
    ],
)
def test_a_date_is_understood_as_people_type_it(typed, date):
    answer = answer_to(asked("about_when"), _="date", date=typed)
    assert answer == {"kind": "date", "date": date, "detail": ""}


@pytest.mark.parametrize(
    "typed", ["2026-02-30", "0000-00-00", "0000", "last week", "20260101", "31/02/2026", "9" * 400]
)
def test_a_date_that_is_none_is_asked_for_again_in_plain_words(typed):
    (message,) = errors_of(asked("about_when"), date=typed).values()
    assert message.startswith(("Give the date as day, month and year", "This is 400 characters long"))


@pytest.mark.parametrize(
    "typed", ["maya", "maya@", "a b@c.example", "maya@northbridge", "x" * 310 + "@c.example"]
)
def test_an_address_that_cannot_be_written_to_is_asked_for_again(typed):
    found = errors_of(asked("contact"), email=typed)
    assert list(found) == ["id_q-email"]


@pytest.mark.parametrize("part", ["email", "phone", "safe"])
def test_one_way_to_reach_the_reporter_is_enough(part):
    value = "maya@northbridge.example"
    assert answer_to(asked("contact", required=True), **{part: value})[part] == value


def test_without_a_way_to_reach_the_reporter_contact_says_why_and_offers_another_way():
    (message,) = errors_of(asked("contact", required=True), name="Maya").values()
    assert message.startswith("Give one way to reach you")
    assert message.endswith("report without saying who you are.")


def test_people_typed_with_gaps_between_them_are_all_kept():
    answer = answer_to(asked("people"), **{"0__name": "", "3__name": "Alex", "7__description": "tall"})
    assert [person["name"] or person["description"] for person in answer] == ["Alex", "tall"]


def test_there_is_room_for_twenty_people_and_the_form_says_so():
    everyone = {f"{number}__name": f"P{number}" for number in range(25)}
    answer = answer_to(asked("people"), **everyone)
    assert [person["name"] for person in answer] == [f"P{number}" for number in range(20)]
    (item,) = form_of(asked("people"), None, {"q": answer}).items()
    assert (len(item.groups), item.full) == (20, True)


def test_one_more_person_is_always_offered_below_twenty():
    for count in (0, 1, 19):
        answer = [{"name": "A", "description": "", "relation": ""}] * count
        (item,) = form_of(asked("people"), None, {"q": answer} if answer else {}).items()
        assert len(item.groups) == count + 1


def test_a_reader_who_left_keeps_the_name_that_was_ticked():
    answer = {"people": ["person-9"], "names": ["Jo Gone"], "other": ""}
    assert kind_of(asked("must_not_see")).shown(asked("must_not_see"), answer) == ["Jo Gone"]
