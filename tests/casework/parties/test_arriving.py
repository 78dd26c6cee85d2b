"""People whom a report, or somebody who comes back, tells of."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.casework.parties.making import ANSWERS, CONTACT, added, changed, written
from tests.casework.speaking import CONTACT as LATER
from tests.casework.speaking import joined, spoken
from tests.factories import make_case, make_person, make_report
from wagtail_harassment.casework import opening, policy, watch
from wagtail_harassment.casework.models import Block, Case, IndexEntry, Person, Role
from wagtail_harassment.casework.parties import index
from wagtail_harassment.reporting.models import Report
from wagtail_harassment.vault import keyring, ledger
from wagtail_harassment.vault.keyring import CannotOpen
from wagtail_harassment.vault.models import LedgerEvent, SealedKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def public(tmp_path, settings):
    """A server that takes reports in and opens none; called, it is the one for casework again."""
    whole, path = settings.WAGTAIL_HARASSMENT_KEYRING, tmp_path / "public.json"
    keyring.write(keyring.get_keyring().public(), path)
    settings.WAGTAIL_HARASSMENT_KEYRING = path
    return lambda: setattr(settings, "WAGTAIL_HARASSMENT_KEYRING", whole)


def found(text):
    return set(index.people_with(index.digests_sought(text)))


def test_a_report_puts_those_it_tells_of_on_the_case():
    people = list(make_case(**ANSWERS).people.all())
    assert [(one.part, one.from_report, one.removed, one.version) for one in people] == [
        ("reporter", True, False, 1),
        ("affected", True, False, 1),
        ("reported", True, False, 1),
        ("reported", True, False, 1),
    ]
    assert [written(one) for one in people] == [
        {
            "name": "Amina Yusuf",
            "pronouns": "she/her",
            "email": "Amina.Yusuf@example.org",
            "phone": "+44 (0)7700 900123",
            "safe_contact": "Text first, after six",
            "message_ok": "no",
        },
        {},
        {"name": "Dr Gareth Pugh", "description": "tall, lab 3", "relation": "lecturer"},
        {"description": "his friend"},
    ]
    assert {(one.written_by, one.written_at) for one in people} == {(None, None)}
    assert list(ledger.verify()) == []


def test_they_are_found_at_once_where_the_key_is():
    reporter, _affected, reported, _friend = make_case(**ANSWERS).people.all()
    for text in ("Yusuf, Amina", "amina.yusuf@EXAMPLE.org", "07700900123"):
        assert found(text) == {reporter}
    assert found("Gareth Pugh") == {reported}
    assert not Person.objects.filter(indexed=False).exists()


@pytest.mark.parametrize(
    "answers",
    [
        {"route": "anonymous"},
        {"route": "anonymous", "contact": CONTACT},
        {"route": "record", "contact": None, "reported_people": None},
        {"route": "record", "contact": dict.fromkeys(CONTACT, "")},
        {"route": "record", "reported_people": [{"name": " ", "description": "", "relation": ""}]},
    ],
)
def test_where_nobody_is_told_of_nobody_is_put_on_the_case(answers):
    assert make_case(**answers).people.count() == 0


@pytest.mark.parametrize("role", ["self", "witness", "group"])
def test_who_speaks_for_themselves_is_one_person(role):
    case = make_case(**ANSWERS | {"reporter_role": role, "reported_people": []})
    assert [one.part for one in case.people.all()] == ["reporter"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"reported_people": "Gareth Pugh"},
        {"reported_people": [None, 7, ["x"], {"name": 7}, {"name": {"a": "b"}}]},
        {"contact": "07700 900123"},
        {"contact": {"name": ["x"]}},
        {"reporter_role": ["on_behalf"]},
        {"reported_people": [{"name": "\ud800 Pugh"}]},
    ],
)
def test_answers_that_make_no_sense_keep_no_case_from_being_opened(wrong):
    report = make_report()
    case = opening.open_case(report=report, answers=wrong | {"route": "record"})
    assert Case.objects.get() == case
    assert list(case.people.values_list("part", flat=True)) in ([], ["reported"])


def test_people_make_a_report_three_statements_dearer_however_many_they_are():
    def cost(**answers):
        report = make_report()
        with CaptureQueriesContext(connection) as asked:
            opening.open_case(report=report, answers=answers)
        return len(asked)

    plain = cost(route="record")
    assert cost(route="record", contact=CONTACT) - plain == 3
    assert cost(**{**ANSWERS, "reported_people": ANSWERS["reported_people"] * 10}) - plain == 3


def test_a_public_tier_seals_them_and_the_watch_makes_them_found(public):
    case = make_case(**ANSWERS)
    assert IndexEntry.objects.count() == 0
    assert Person.objects.filter(indexed=False).count() == 4
    assert index.index_waiting() == 0
    public()
    assert found("Amina Yusuf") == set()
    watch.run()
    assert {one.case for one in found("Amina Yusuf")} == {case}
    assert index.index_waiting() == 0


def test_a_case_that_is_opened_late_has_its_people_too():
    make_report(**ANSWERS)
    assert Person.objects.count() == 0
    watch.run()
    assert [one.part for one in Case.objects.get().people.all()] == [
        "reporter",
        "affected",
        "reported",
        "reported",
    ]
    assert len(found("gareth pugh")) == 1


def test_who_gives_a_name_later_is_a_person_of_the_case_from_then_on():
    reporter = spoken(route="anonymous")
    reporter.goes_on("record", **LATER)
    person = reporter.case.people.get()
    assert (person.part, person.from_report, person.written_at) == ("reporter", True, None)
    assert written(person) == {
        "name": "Mara Quill",
        "phone": "07700 900456",
        "safe_contact": "Mornings",
        "message_ok": "yes",
    }
    assert found("Mara Quill") == {person}
    event = LedgerEvent.objects.get(kind="person.told")
    assert (event.actor, event.at, event.body["part"]) == ("", None, "reporter")
    assert list(ledger.verify()) == []


def test_what_the_reporter_tells_anew_takes_the_place_of_what_they_told_before_also_on_a_public_tier(public):
    reporter = spoken(**ANSWERS | {"reporter_role": "self", "reported_people": []})
    first = reporter.case.people.get()
    reporter.goes_on("meeting", **LATER)
    assert list(reporter.case.people.filter(removed=True)) == [first]
    now = reporter.case.people.get(removed=False)
    public()
    index.index_waiting()
    assert (written(now)["name"], written(first)["name"]) == ("Mara Quill", "Amina Yusuf")
    assert (found("Mara Quill"), found("Amina Yusuf")) == ({now}, set())
    assert list(ledger.verify()) == []


def test_what_staff_wrote_of_the_reporter_stands_beside_what_they_tell_anew():
    manager = make_person(Role.CASE_MANAGER)
    reporter = spoken(**ANSWERS | {"reporter_role": "self", "reported_people": []})
    first = reporter.case.people.get()
    changed(first, manager, opinion="Afraid.")
    reporter.goes_on("meeting", **LATER)
    assert reporter.case.people.filter(removed=False, part="reporter").count() == 2
    assert written(first)["opinion"] == "Afraid."


def test_whoever_joins_takes_the_place_of_the_one_nobody_knew():
    reporter = spoken(**ANSWERS | {"reported_people": []})
    nobody = reporter.case.people.get(part="affected")
    joined(reporter)
    assert reporter.case.people.get(part="affected") == nobody
    joined(reporter, **LATER)
    nobody.refresh_from_db()
    now = reporter.case.people.get(part="affected", removed=False)
    assert (nobody.removed, written(now)["name"]) == (True, "Mara Quill")
    joined(reporter, **LATER | {"name": "Second Quill"})
    assert reporter.case.people.filter(part="affected", removed=False).count() == 2


def test_a_reporter_who_turns_out_to_work_here_is_shut_out():
    holder = make_person(Role.CASE_MANAGER, first_name="Mara", last_name="Quill", username="mq")
    make_person(Role.CASE_LEAD)
    reporter = spoken(route="anonymous")
    assert policy.may(holder, "view", reporter.case)
    reporter.goes_on("record", **LATER)
    assert Block.objects.get().source == "party"
    assert not policy.may(holder, "view", reporter.case)
    event = LedgerEvent.objects.get(kind="block.found")
    assert event.body == {"user": str(holder.pk), "source": "party"}
    assert (event.actor, event.at) == ("", None)


def test_the_index_is_made_anew_with_another_key_and_can_be_stopped(settings, tmp_path, monkeypatch):
    make_case(**ANSWERS), make_case(**ANSWERS)
    before = set(IndexEntry.objects.values_list("digest", flat=True))
    ring = keyring.get_keyring()
    path = tmp_path / "new.json"
    keyring.write(replace(ring, index=uuid.uuid4().bytes * 2), path)
    settings.WAGTAIL_HARASSMENT_KEYRING = path
    with monkeypatch.context() as patch:
        patch.setattr(index, "index_waiting", lambda: 0)  # stopped at once
        assert index.reindex() == 0
    assert Person.objects.filter(indexed=False).count() == 8
    assert index.index_waiting(3) == 3
    assert index.reindex() == 8
    after = set(IndexEntry.objects.values_list("digest", flat=True))
    assert (len(after), after & before) == (len(before), set())
    assert len(found("Amina Yusuf")) == 2


def test_the_command_makes_the_index_anew_and_says_how_many(capsys):
    make_case(**ANSWERS)
    IndexEntry.objects.all().delete()
    call_command("harassment_keys", "reindex")
    assert "Indexed 4 people." in capsys.readouterr().out
    assert len(found("Amina Yusuf")) == 1


def test_a_public_tier_refuses_to_make_the_index_anew(tmp_path, settings):
    make_case(**ANSWERS)
    count = IndexEntry.objects.count()
    path = tmp_path / "public.json"
    keyring.write(keyring.get_keyring().public(), path)
    settings.WAGTAIL_HARASSMENT_KEYRING = path
    with pytest.raises(CannotOpen):
        index.reindex()
    with pytest.raises(CommandError):
        call_command("harassment_keys", "reindex")
    assert (IndexEntry.objects.count(), Person.objects.filter(indexed=False).count()) == (count, 0)


def test_whose_key_is_gone_is_found_no_more():
    gone, stays = make_case(**ANSWERS), make_case(**ANSWERS)
    assert index.forget(gone) > 0
    index.reindex()
    assert len(found("Amina Yusuf")) == 2
    today = gone.day_received
    SealedKey.objects.filter(record=gone.pk).update(destroy_after=today)
    SealedKey.objects.filter(record=gone.pk).delete()
    watch.run()
    assert {one.case for one in found("Amina Yusuf")} == {stays}
    index.reindex()
    assert {one.case for one in found("Amina Yusuf")} == {stays}


def test_one_that_was_changed_is_left_out_and_keeps_no_other_from_being_found(caplog):
    case = make_case(**ANSWERS)
    first, *_others = case.people.all()
    other = make_case(**ANSWERS).people.first()
    Person.objects.filter(pk=first.pk).update(details=other.details)
    index.reindex()
    assert {one.case_id for one in found("Amina Yusuf")} == {other.case_id}
    assert f"Person {first.pk} could not be indexed" in caplog.text
    assert [finding.chain for finding in ledger.verify()] == [case.pk]


def test_a_failing_room_keeps_no_report_from_being_sent(monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise RuntimeError("people")

    monkeypatch.setattr("wagtail_harassment.casework.parties.arriving._told", broken)
    case = make_case(**ANSWERS)
    assert (Report.objects.count(), Case.objects.get(), case.people.count()) == (1, case, 0)
    assert "its people could not be read (RuntimeError)" in caplog.text


def test_somebody_added_by_hand_comes_after_those_of_the_report():
    manager = make_person(Role.CASE_MANAGER)
    case = make_case(**ANSWERS)
    person = added(case, manager, "witness", name="Wanda Witness")
    assert case.people.last() == person
