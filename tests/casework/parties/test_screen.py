"""People on the screen of their case, and on the page on which one is looked for."""

from __future__ import annotations

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.casework.parties.making import ANSWERS, added, changed, written
from tests.casework.speaking import spoken
from tests.factories import make_case, make_person
from tests.standing.addresses import alike
from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import Block, Case, Person, Role
from wagtail_harassment.casework.parties import verbs
from wagtail_harassment.vault import keyring
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db
FIND = "/admin/cases/find/"


@pytest.fixture
def manager(client):
    user = make_person(Role.CASE_MANAGER, username="m", first_name="Maria", last_name="Keller")
    client.force_login(user)
    return user


@pytest.fixture
def lead(db):
    return make_person(Role.CASE_LEAD, username="lead", first_name="Lena", last_name="Lindqvist")


@pytest.fixture
def case(manager):
    return make_case(**ANSWERS)


def url(case, name=""):
    return f"/admin/cases/{case.pk}/{name}"


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def card(client, case, query=""):
    """What stands between the card's beginning and the notes."""
    page = text(client.get(url(case) + query))
    return page[page.index('<div id="people">') : page.index('<div id="notes">')]


def form(person, version=1, **boxes):
    prefix = f"person-{person.pk.hex}"
    data = {"part": person.part, "version": str(version)} | boxes
    return {f"{prefix}-{name}": value for name, value in data.items()}


# The card


def test_people_stand_by_their_part_with_what_keeps_them_safe_first(client, case):
    shown = card(client, case)
    order = [
        "<h3>Reporter</h3>",
        "Amina Yusuf",
        "Safe ways and times to reach them",
        "Text first, after six",
        "May we leave a message?",
        "No, please leave no message",
        "Amina.Yusuf@example.org",
        "<h3>Person it happened to</h3>",
        "Name not known",
        "Nothing is known of them yet.",
        "<h3>Reported person</h3>",
        "Dr Gareth Pugh",
        ">lecturer</dd>",
        "tall, lab 3",
        ">his friend</dd>",
    ]
    places = [shown.index(words) for words in order]
    assert places == sorted(places)
    assert shown.count("From the reporter, as they told it") == 4


def test_facts_words_and_opinion_stand_in_boxes_of_their_own(client, case, manager):
    added(case, manager, part="witness", name="Wanda", facts="FACT", words="WORDS", opinion="OPINION")
    shown = card(client, case)
    for label, words in (("Facts", "FACT"), ("Their own words", "WORDS"), ("What we make of it", "OPINION")):
        assert re.search(rf"<dt>{label}</dt><dd[^>]*>{words}</dd>", shown)
    assert re.search(r"Written today \d\d:\d\d by Maria Keller", shown)


def test_nothing_written_of_a_person_becomes_markup(client, case, manager):
    added(case, manager, name="<script>x</script>", facts="<b>bold</b>")
    shown = card(client, case)
    assert "<script>x" not in shown
    assert "&lt;script&gt;x" in shown
    assert "<b>bold" not in shown


def test_a_case_without_people_says_what_to_do(client, manager):
    assert "Nobody is written down yet." in card(client, make_case(route="anonymous"))


@pytest.mark.parametrize(
    ("act", "words"), [("refuses", "asked not to be contacted"), ("goes_on", "without a name")]
)
def test_what_speaks_against_reaching_the_reporter_is_said_above_it(client, manager, act, words):
    reporter = spoken(**ANSWERS)
    assert "Use this only if somebody is in danger" not in card(client, reporter.case)
    getattr(reporter, act)(*(["anonymous"] if act == "goes_on" else []))
    shown = card(client, reporter.case)
    assert shown.count("Use this only if somebody is in danger") == 1
    assert shown.index(words) < shown.index("Text first, after six")


def test_one_that_does_not_open_says_so_and_the_others_still_show(client, case):
    first, *_, last = case.people.all()
    Person.objects.filter(pk=first.pk).update(details=last.details)
    shown = card(client, case)
    assert "cannot be opened" in shown
    assert "Amina" not in shown
    assert "Gareth Pugh" in shown


def test_on_a_server_that_opens_nothing_the_card_says_so(client, case, settings, tmp_path):
    path = tmp_path / "public.json"
    keyring.write(keyring.get_keyring().public(), path)
    settings.WAGTAIL_HARASSMENT_KEYRING = path
    page = text(client.get(url(case)))
    assert "does not hold the key that opens what was written here" in page
    assert "Gareth Pugh" not in page
    answer = client.post(url(case, "people/"), {"person-part": "witness", "person-name": "Wanda"})
    assert answer.status_code in (302, 422)


def test_many_people_are_shown_in_part_and_all_on_request_for_two_queries(client, case, manager):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            client.get(url(case))
        return len(asked)

    added(case, manager, name="Somebody First")
    client.get(url(case))
    few = cost()
    for number in range(30):
        added(case, manager, name=f"Person{number}")
    assert cost() == few
    assert ("Person29" in card(client, case), "Show all people" in card(client, case)) == (False, True)
    assert "Person29" in card(client, case, "?people=all")


# Adding, changing, taking off


def test_a_person_is_added_on_the_screen(client, case):
    data = {"person-part": "witness", "person-name": "Wanda Witness", "person-once": str(uuid.uuid4())}
    for _press in range(2):
        answer = client.post(url(case, "people/"), data)
        assert (answer.status_code, answer.url) == (302, url(case) + "#people")
    assert case.people.filter(part="witness").count() == 1
    assert "Wanda" not in str(list(client.get(url(case)).context["messages"]))
    assert "Wanda Witness" in card(client, case)


def test_a_person_without_anything_is_refused_and_what_was_typed_comes_back(client, case):
    answer = client.post(url(case, "people/"), {"person-part": "", "person-facts": "KEPT WORDS"})
    assert answer.status_code == 422
    assert "KEPT WORDS</textarea>" in text(answer)
    assert "Choose what they are in this case." in text(answer)
    answer = client.post(url(case, "people/"), {"person-part": "witness"})
    assert answer.status_code == 422
    assert "Write down at least one thing about this person." in text(answer)
    assert case.people.count() == 4


def test_who_names_themselves_is_told_what_happens_and_goes_to_the_list_when_they_go_on(
    client, case, manager
):
    data = {"person-part": "reported", "person-name": "Maria Keller", "person-facts": "KEPT WORDS"}
    answer = client.post(url(case, "people/"), data)
    assert answer.status_code == 422
    page = text(answer)
    assert "This is your own name or e-mail address." in page
    assert "KEPT WORDS" in page
    assert 'name="person-myself"' in page
    assert 'name="person-myself_asked"' in page
    assert Block.objects.count() == 0
    asked = data | {"person-myself_asked": "1"}
    assert client.post(url(case, "people/"), asked).status_code == 422
    answer = client.post(url(case, "people/"), asked | {"person-myself": "on"})
    assert (answer.status_code, answer.url) == (302, "/admin/cases/")
    assert "do not see it" in text(client.get("/admin/cases/"))
    assert client.get(url(case)).status_code == 404


def test_that_somebody_was_shut_out_is_said_without_a_name(client, case):
    make_person(Role.CASE_MANAGER, username="h", first_name="Hilda", last_name="Holder")
    client.post(url(case, "people/"), {"person-part": "reported", "person-name": "Hilda Holder"})
    page = text(client.get(url(case)))
    assert "1 person who works cases is a person of this case, and can no longer see it." in page


def test_a_person_is_changed_on_the_screen_and_earlier_words_can_be_read(client, case, manager):
    person = added(case, manager, name="Gareth Pugh", facts="BEFORE")
    answer = client.post(
        url(case, f"people/{person.pk}/change/"), form(person, name="Gareth Pugh", facts="AFTER")
    )
    assert (answer.status_code, answer.url) == (302, url(case) + f"#person-{person.pk.hex}")
    shown = card(client, case)
    assert re.search(r"Changed today \d\d:\d\d by Maria Keller", shown)
    assert "BEFORE" not in shown
    views = LedgerEvent.objects.filter(chain=case.pk, kind="case.viewed").count()
    page = client.get(url(case, f"people/{person.pk}/"))
    assert "BEFORE" in text(page)
    assert "AFTER" in text(page)
    assert LedgerEvent.objects.filter(chain=case.pk, kind="case.viewed").count() == views + 1
    assert re.search(r"<title>\s*" + case.reference, page.content.decode())
    history = text(client.get(url(case, "history/")))
    assert "Maria Keller changed what is written of a person: Facts" in history
    assert "Maria Keller added a person" in history


def test_two_managers_who_change_one_person_are_both_told_and_the_words_come_back(
    client, case, manager, lead
):
    person = added(case, manager, name="Gareth Pugh", facts="FIRST")
    changed(person, lead, facts="SECOND")
    answer = client.post(
        url(case, f"people/{person.pk}/change/"), form(person, name="Gareth Pugh", facts="THIRD")
    )
    assert answer.status_code == 409
    page = text(answer)
    assert re.search(
        r"Somebody else changed this person while you had it open: changed today .* by Lena Lindqvist", page
    )
    assert "THIRD</textarea>" in page
    assert "SECOND</dd>" in page
    assert written(person)["facts"] == "SECOND"
    version = re.search(rf'name="person-{person.pk.hex}-version" value="(\d+)"', answer.content.decode())[1]
    again = form(person, version=version, name="Gareth Pugh", facts="THIRD")
    assert client.post(url(case, f"people/{person.pk}/change/"), again).status_code == 302
    assert (written(person)["facts"], person.versions.count()) == ("THIRD", 2)


def test_a_change_that_is_wrong_comes_back_open_in_its_place(client, case, manager):
    person = added(case, manager, name="Gareth Pugh")
    answer = client.post(url(case, f"people/{person.pk}/change/"), form(person, part="", facts="KEPT WORDS"))
    assert answer.status_code == 422
    assert "KEPT WORDS</textarea>" in text(answer)
    assert written(person) == {"name": "Gareth Pugh"}


def test_a_change_keeps_what_the_report_said_of_somebody(client, case):
    person = case.people.get(sort_order=3)
    page = client.get(url(case)).content.decode()
    assert f'name="person-{person.pk.hex}-description"' in page
    data = form(person, **written(person) | {"facts": "x"})
    client.post(url(case, f"people/{person.pk}/change/"), data)
    assert written(person)["description"] == "tall, lab 3"


def test_somebody_is_taken_off_with_a_reason_and_one_of_the_report_is_not(client, case, manager):
    person, reporter = added(case, manager, name="Gareth Pew"), case.people.first()
    prefix = f"unperson-{person.pk.hex}"
    assert f'name="{prefix}-reason"' in client.get(url(case)).content.decode()
    assert f"unperson-{reporter.pk.hex}" not in client.get(url(case)).content.decode()
    where = url(case, f"people/{person.pk}/remove/")
    assert client.post(where, {f"{prefix}-version": "1"}).status_code == 422
    assert client.post(where, {f"{prefix}-version": "7", f"{prefix}-reason": "KEPT"}).status_code == 409
    assert client.post(where, {f"{prefix}-version": "1", f"{prefix}-reason": "Other man"}).status_code == 302
    shown = card(client, case)
    assert shown.index("No longer among the people") < shown.index("Gareth Pew") < shown.index("Other man")
    theirs = f"unperson-{reporter.pk.hex}"
    answer = client.post(
        url(case, f"people/{reporter.pk}/remove/"), {f"{theirs}-version": "1", f"{theirs}-reason": "x"}
    )
    assert answer.status_code == 422
    assert "they stay on the case" in text(answer)


def test_whoever_may_not_name_people_is_shown_no_form(client, case, monkeypatch):
    plain = policy.allows
    monkeypatch.setattr(
        policy, "allows", lambda action, *a, **k: action != "name_people" and plain(action, *a, **k)
    )
    page = client.get(url(case)).content.decode()
    assert "Gareth Pugh" in page
    assert 'id="person"' not in page
    assert "Change what is written here" not in page
    assert (
        client.post(url(case, "people/"), {"person-part": "witness", "person-name": "x"}).status_code == 403
    )


# Looking for somebody


def results(answer):
    return re.findall(r"/admin/cases/([0-9a-f-]{36})/#people", answer.content.decode())


@pytest.mark.parametrize("sought", ["Yusuf, AMINA", "amina.yusuf@example.org", "0044 7700 900123"])
def test_a_person_is_found_by_exact_name_address_or_number(client, case, manager, sought):
    make_case(route="anonymous")
    answer = client.post(FIND, {"text": sought})
    assert (answer.status_code, results(answer)) == (200, [str(case.pk)])
    page = text(answer)
    assert case.reference in page
    assert "Reporter" in page
    assert LedgerEvent.objects.get(kind="person.found").chain == case.pk
    assert LedgerEvent.objects.get(kind="person.found").actor == str(manager.pk)
    assert "Maria Keller found the case by a person on it" in text(client.get(url(case, "history/")))


def test_a_part_of_a_name_finds_nothing_and_nothing_is_written_down(client, case):
    answer = client.post(FIND, {"text": "Amina"})
    assert results(answer) == []
    assert "On no case that you can see" in text(answer)
    assert not LedgerEvent.objects.filter(kind="person.found").exists()


def test_a_case_one_may_not_see_is_never_found_and_changes_nothing_of_the_answer(client, manager):
    client.post(FIND, {"text": "Amina Yusuf"})

    def ask():
        with CaptureQueriesContext(connection) as asked:
            answer = client.post(FIND, {"text": "Amina Yusuf"})
        return answer, len(asked)

    nothing, cost = ask()
    blocked = make_case(**ANSWERS)
    Block.objects.create(case=blocked, user=manager, source=Block.Source.NAMED)
    Case.objects.filter(pk=make_case(**ANSWERS).pk).update(restricted=True)
    answer, again = ask()
    assert (alike(answer, nothing), again) == (True, cost)
    assert not LedgerEvent.objects.filter(kind="person.found").exists()
    visible = make_case(**ANSWERS)
    assert results(client.post(FIND, {"text": "Amina Yusuf"})) == [str(visible.pk)]
    assert [event.chain for event in LedgerEvent.objects.filter(kind="person.found")] == [visible.pk]


def test_somebody_taken_off_a_case_is_not_found_on_it(client, case, manager):
    person = added(case, manager, name="Gareth Pew")
    assert results(client.post(FIND, {"text": "gareth pew"})) == [str(case.pk)]
    verbs.remove_person(case=case, person=person.pk, reason="x", by=manager, expected_version=1)
    assert results(client.post(FIND, {"text": "gareth pew"})) == []


def test_looking_asks_the_database_the_same_however_many_cases_there_are(client, case, manager):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert results(client.post(FIND, {"text": "Amina Yusuf"})) == [str(case.pk)]
        return len(asked)

    cost()
    few = cost()
    for number in range(20):
        added(make_case(route="anonymous"), manager, name=f"Somebody Else{number}")
    assert cost() == few


def test_no_name_is_taken_from_an_address_or_kept(client, case):
    page = client.get(f"{FIND}?text=Amina+Yusuf")
    assert (page.status_code, results(page)) == (200, [])
    assert "Amina" not in page.content.decode()
    answer = client.post(FIND, {"text": ""})
    assert answer.status_code == 422
    assert "Write a name, an e-mail address or a phone number." in text(answer)
    assert "no-store" in answer["Cache-Control"]


def test_on_a_public_tier_it_says_that_nobody_can_be_found(client, case, settings, tmp_path):
    path = tmp_path / "public.json"
    keyring.write(keyring.get_keyring().public(), path)
    settings.WAGTAIL_HARASSMENT_KEYRING = path
    answer = client.post(FIND, {"text": "Amina Yusuf"})
    assert answer.status_code == 409
    assert "does not hold the key" in text(answer)


def test_the_list_leads_to_it(client, manager):
    assert f'href="{FIND}"' in client.get("/admin/cases/").content.decode()


def test_more_cases_than_are_shown_are_said_to_be_there(client, manager, monkeypatch):
    monkeypatch.setattr("wagtail_harassment.casework.parties.finding.MOST", 1)
    first, second = make_case(**ANSWERS), make_case(**ANSWERS)
    answer = client.post(FIND, {"text": "Amina Yusuf"})
    assert len(results(answer)) == 1
    assert "There are more." in text(answer)
    assert {event.chain for event in LedgerEvent.objects.filter(kind="person.found")} < {first.pk, second.pk}
