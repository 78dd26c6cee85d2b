"""Giving one case: the verbs, who is told, and the form on its screen."""

from __future__ import annotations

import uuid

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from tests.casework import making
from tests.factories import make_case, make_person
from wagtail_harassment.casework import actions, notifications
from wagtail_harassment.casework.assigning import giving
from wagtail_harassment.casework.models import (
    Alert,
    AlertState,
    Block,
    Case,
    Note,
    NoteKind,
    Role,
    Task,
    TaskState,
    Team,
)
from wagtail_harassment.reporting.models import Message, MessageKind
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return making.person("Lena Lindqvist", "case_lead")


@pytest.fixture
def priya():
    return making.person("Priya Shah", "case_manager")


@pytest.fixture
def amara():
    return making.person("Amara Okafor", "case_manager")


def team(name: str, *members) -> Team:
    made = Team.objects.create(code=name.lower(), name=name)
    made.members.set(members)
    return made


def last(case):
    # The report of ``making`` is not told of by an event.
    assert [
        found
        for found in ledger.verify([case.pk])
        if not any(kind in found.problem for kind in ("report:", "task:"))
    ] == []
    event = LedgerEvent.objects.filter(chain=case.pk).exclude(kind="standing.left").latest("sequence")
    return event.kind, event.actor, {name: event.body[name] for name in event.body if name != "rows"}


def told() -> list[tuple[str, str]]:
    """Who is mailed when all that waits is delivered, and what of."""
    mail.outbox.clear()
    notifications.deliver()
    return sorted((sent.to[0], sent.subject) for sent in mail.outbox)


def task_of(case, person, **fields) -> Task:
    return Task.objects.create(case=case, assignee=person, created_on=timezone.localdate(), **fields)


# The verbs


def test_a_case_given_to_a_person_is_theirs_and_the_event_says_from_whom(lead, priya, amara):
    case = giving.assign(case=making.case(assignee=amara), to=priya, by=lead)
    assert (case.assignee, case.version) == (priya, 2)
    assert last(case) == ("case.assigned", str(lead.pk), {"from": str(amara.pk), "to": str(priya.pk)})
    assert case.history.latest("version").history_user == lead


def test_a_case_given_to_a_team_has_a_team_and_no_person(lead, priya, amara):
    case, north = making.case(assignee=amara), team("North", priya)
    case = giving.assign_team(case=case, team=north, by=lead)
    assert (case.assignee, case.team) == (None, north)
    assert last(case) == (
        "case.team",
        str(lead.pk),
        {"from": str(amara.pk), "from_team": None, "to_team": north.pk},
    )
    taken = actions.take(case=case, by=priya)
    assert (taken.assignee, taken.team) == (priya, north)


def test_taken_off_its_team_a_case_stays_with_whoever_has_it(lead, priya):
    north = team("North", priya)
    case = giving.assign_team(case=making.case(assignee=priya, team=north), team=None, by=lead)
    assert (case.assignee, case.team) == (priya, None)
    again = giving.assign_team(case=case, team=None, by=lead)
    assert (again.version, last(case)[0]) == (2, "case.team")


def test_a_team_of_which_nobody_may_work_the_case_does_not_get_it(lead, priya):
    case, outsider = making.case(), making.person("Otto Outsider")
    Block.objects.create(case=case, user=priya, source="named")
    empty, retired = team("Empty", priya, outsider), team("Retired", lead)
    Team.objects.filter(pk=retired.pk).update(active=False)
    for wrong in (empty, Team.objects.get(pk=retired.pk)):
        with pytest.raises(ValidationError):
            giving.assign_team(case=case, team=wrong, by=lead)
    assert (Case.objects.get(pk=case.pk).version, last(case)[0]) == (1, "case.opened")


def test_a_restricted_case_goes_to_a_person_and_not_to_a_team(lead, priya):
    case, north = making.case(restricted=True), team("North", priya)
    with pytest.raises(ValidationError):
        giving.assign_team(case=case, team=north, by=lead)
    assert giving.assign(case=case, to=priya, by=lead).assignee == priya


@pytest.mark.parametrize("verb", ["person", "team"])
def test_nobody_gives_a_case_that_they_may_not_see(priya, amara, verb):
    case, north = making.case(), team("North", amara)
    Block.objects.create(case=case, user=priya, source="declared")
    verbs = {
        "person": lambda: giving.assign(case=case, to=amara, by=priya, note="words"),
        "team": lambda: giving.assign_team(case=case, team=north, by=priya, note="words"),
    }
    with pytest.raises(actions.NotAllowed):
        verbs[verb]()
    assert (Case.objects.get(pk=case.pk).version, Note.objects.count(), Alert.objects.count()) == (1, 0, 0)


def test_a_note_goes_with_it_sealed_and_pressed_twice_it_is_there_once(lead, priya):
    case, once = making.case(), uuid.uuid4()
    for _press in range(2):
        giving.assign(case=case, to=priya, by=lead, note="  Ring her\r\nfirst. ", once=once)
    note = Note.objects.get()
    assert (note.kind, note.author) == (NoteKind.HANDED_OVER, lead)
    assert [read.text for read in actions.read_notes(case=case, by=priya)] == ["Ring her\nfirst."]
    assert (Case.objects.get(pk=case.pk).version, last(case)[0]) == (2, "case.assigned")


def test_what_is_written_for_somebody_who_has_the_case_already_is_kept(lead, priya):
    case = making.case(assignee=priya)
    giving.assign(case=case, to=priya, by=lead, note="Ring her first.", once=uuid.uuid4())
    assert [read.text for read in actions.read_notes(case=case, by=priya)] == ["Ring her first."]
    assert (Case.objects.get(pk=case.pk).version, last(case)[0]) == (1, "note.added")


def test_a_note_that_is_too_long_gives_nothing(lead, priya):
    case = making.case()
    with pytest.raises(ValidationError):
        giving.assign(case=case, to=priya, by=lead, note="é" * giving.NOTE_MAX_BYTES)
    assert (Case.objects.get(pk=case.pk).assignee, Note.objects.count()) == (None, 0)


def test_a_case_that_somebody_else_has_by_now_is_not_given_away_unawares(lead, priya, amara):
    case = making.case()
    seen = giving.holder(case)
    actions.take(case=case, by=amara)
    with pytest.raises(actions.Stale):
        giving.assign(case=case, to=priya, by=lead, expected=seen)
    with pytest.raises(actions.Stale):
        giving.assign_team(case=case, team=team("North", priya), by=lead, expected=seen)
    assert Case.objects.get(pk=case.pk).assignee == amara


def test_the_reporter_reads_only_once_that_somebody_has_taken_it(lead, priya, amara):
    case = make_case()
    case = giving.assign(case=case, to=priya, by=lead)
    case = giving.assign_team(case=case, team=team("North", amara), by=lead)
    actions.take(case=case, by=amara)
    assert Message.objects.filter(kind=MessageKind.STANDING).count() == 1


def test_the_tasks_of_whoever_leaves_go_along_and_those_of_others_stay(lead, priya, amara):
    case = making.case(assignee=amara)
    hers, done = task_of(case, amara), task_of(case, amara, state=TaskState.DONE)
    others, elsewhere = task_of(case, lead), task_of(making.case(), amara)
    giving.assign(case=case, to=priya, by=lead, tasks_of=amara)
    owners = {task.pk: task.assignee for task in Task.objects.all()}
    assert owners == {hers.pk: priya, done.pk: amara, others.pk: lead, elsewhere.pk: amara}
    assert last(case)[2]["tasks"] == [str(hers.pk)]
    hers.refresh_from_db()
    assert (hers.version, hers.history.latest("version").history_user) == (2, lead)


# Who is told


def test_only_whoever_is_given_a_case_is_told_of_it(lead, priya, amara):
    case = giving.assign(case=making.case(), to=priya, by=lead)
    assert told() == [(priya.email, case.reference)]
    assert "This case was given to you." in mail.outbox[0].body
    assert last(case) == ("alert.sent", "", {"alert": "case.assigned", "to": [str(priya.pk)]})
    assert told() == []


def test_whoever_takes_a_case_from_themself_is_not_told(lead):
    giving.assign(case=making.case(), to=lead, by=lead)
    assert Alert.objects.count() == 0


def test_a_team_is_told_by_those_of_it_who_may_see_the_case(lead, priya, amara):
    case, outsider = making.case(), making.person("Otto Outsider")
    Block.objects.create(case=case, user=amara, source="named")
    giving.assign_team(case=case, team=team("North", priya, amara, outsider), by=lead)
    assert told() == [(priya.email, case.reference)]


def test_a_case_that_was_given_on_before_the_mail_went_out_is_told_to_whom_it_is_with_now(lead, priya, amara):
    case = giving.assign(case=making.case(), to=priya, by=lead)
    giving.assign(case=case, to=amara, by=lead)
    assert told() == [(amara.email, case.reference)]


def test_when_nobody_is_left_to_tell_the_alert_is_over(lead, priya):
    case = giving.assign(case=making.case(), to=priya, by=lead)
    Block.objects.create(case=case, user=priya, source="declared")
    assert told() == []
    assert set(Alert.objects.values_list("state", flat=True)) == {AlertState.SENT}
    assert last(case)[0] == "case.assigned"


def test_whoever_is_given_a_case_while_the_one_before_is_told_is_told_too(lead, priya, amara):
    case = giving.assign(case=making.case(), to=priya, by=lead)
    listed = Alert.objects.select_related("case").get()
    giving.assign(case=case, to=amara, by=lead)
    # What a worker does that had found nobody to tell, a moment before.
    notifications._settle(listed, [], timezone.now(), set(), notifications.Outcome())
    assert told() == [(amara.email, case.reference)]


# The form on the case's screen


def url(case, name=""):
    return f"/admin/cases/{case.pk}/{name}"


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def signed_in(client, lead):
    client.force_login(lead)
    return client


def test_the_form_lists_people_and_teams_and_says_who_sees_what(signed_in, priya, amara):
    case = making.case(assignee=priya)
    Block.objects.create(case=case, user=amara, source="named")
    north, hidden = team("North", priya), team("Of Amara alone", amara)
    page = text(signed_in.get(f"{url(case)}?do=assign"))
    form = page[page.index('id="assign"') : page.index("Give the case</button>")]
    assert f'<option value="team-{north.pk}">North</option>' in form
    assert "Lena Lindqvist" in form
    for name in ("Priya Shah", "Amara Okafor", hidden.name):
        assert name not in form
    assert "Everyone who can see the case sees who has it, and the note." in form


def test_a_case_goes_to_a_team_from_its_screen_with_a_note(signed_in, priya, amara):
    case, north = making.case(assignee=amara), team("North", priya)
    data = {"assign-to": f"team-{north.pk}", "assign-note": "Ring her first.", "assign-seen": f"{amara.pk}/"}
    page = text(signed_in.post(url(case, "assign/"), data, follow=True))
    assert "The case is with North now." in page
    assert "It is with North: nobody of them has taken it." in page
    assert "Ring her first." in page
    assert "North, nobody of them yet" in text(signed_in.get("/admin/cases/"))
    data = {"assign-to": "no-team", "assign-seen": f"/{north.pk}"}
    assert "The case is with no team now." in text(signed_in.post(url(case, "assign/"), data, follow=True))


def test_what_was_written_comes_back_when_somebody_was_quicker(signed_in, priya, amara):
    case = making.case()
    actions.take(case=case, by=amara)
    data = {"assign-to": str(priya.pk), "assign-note": "Ring her first.", "assign-seen": "/"}
    answer = signed_in.post(url(case, "assign/"), data)
    assert answer.status_code == 409
    assert "Ring her first.</textarea>" in text(answer)
    assert "Somebody else has changed this case meanwhile." in text(answer)
    assert Note.objects.count() == 0


def test_what_was_written_comes_back_when_the_case_went_out_of_reach(signed_in, lead, priya):
    case = making.case()
    Block.objects.create(case=case, user=lead, source="declared")
    data = {"assign-to": str(priya.pk), "assign-note": "Ring her first."}
    answer = signed_in.post(url(case, "assign/"), data)
    assert (answer.status_code, "Ring her first." in text(answer)) == (404, True)


def test_history_says_to_which_team_it_went(signed_in, lead, priya):
    case = making.case()
    giving.assign_team(case=case, team=team("North", priya), by=lead)
    assert "Lena Lindqvist set team to “North”" in text(signed_in.get(url(case, "history/")))


def test_a_manager_gives_an_open_case_away(client, priya):
    client.force_login(priya)
    case, other = making.case(assignee=priya), make_person(Role.CASE_MANAGER)
    client.post(url(case, "assign/"), {"assign-to": str(other.pk)})
    assert Case.objects.get(pk=case.pk).assignee == other
