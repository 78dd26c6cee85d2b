"""The risk of a case, what protects people meanwhile, and what they agreed to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.casework import making
from tests.factories import make_case
from wagtail_harassment.casework.actions import NotAllowed, Stale
from wagtail_harassment.casework.judging import verbs
from wagtail_harassment.casework.models import Block, Case, Checklist, Note, NoteKind
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

WHY = f"He has her key {making.SCRIPT}"


@pytest.fixture(autouse=True)
def no_lists():
    """New cases get no steps by themselves, so that what is counted here is what the tests make."""
    Checklist.objects.update(automatic=False)


@pytest.fixture
def manager(client):
    user = making.person("Amara Okafor", "case_manager")
    client.force_login(user)
    return user


@pytest.fixture
def case():
    return make_case(route="record")


def url(case, name=""):
    return f"/admin/cases/{case.pk}/{name}"


def kinds(case):
    """The newest events of the case, without who looked; the chain verifies."""
    assert list(ledger.verify([case.pk])) == []
    rows = LedgerEvent.objects.filter(chain=case.pk).exclude(kind="case.viewed").order_by("sequence")
    return [event.kind for event in rows][2:]


def text(answer):
    return answer.content.decode()


def test_a_risk_is_judged_with_a_reason_and_stands_at_the_top_and_in_the_history(client, manager, case):
    data = {"risk-level": "high", "risk-why": WHY, "risk-version": case.version}
    answer = client.post(url(case, "risk/"), data, follow=True)
    page = text(answer)
    assert Case.objects.get(pk=case.pk).risk == "high"
    assert "Risk: High" in " ".join(page.split())
    assert (making.SCRIPT in page, "He has her key" in page) == (False, True)
    note = Note.objects.get()
    assert (note.kind, note.code, note.author) == (NoteKind.RISK, "high", manager)
    assert kinds(case) == ["case.risk"]
    assert "Amara Okafor set risk to “High”" in text(client.get(url(case, "history/")))
    event = LedgerEvent.objects.get(kind="case.risk")
    assert (event.body["from"], event.body["to"]) == ("", "high")


def test_a_risk_judged_on_an_older_view_of_the_case_is_not_saved_and_keeps_its_words(client, manager, case):
    data = {"risk-level": "low", "risk-why": "No sign of it", "risk-version": case.version}
    verbs.assess_risk(
        case=case, level="high", why="He has her key", by=manager, expected_version=case.version
    )
    answer = client.post(url(case, "risk/"), data)
    assert (answer.status_code, "No sign of it" in text(answer)) == (409, True)
    assert "Somebody else has changed this case meanwhile." in text(answer)
    assert (Case.objects.get(pk=case.pk).risk, Note.objects.count()) == ("high", 1)
    with pytest.raises(Stale):
        verbs.assess_risk(case=case, level="low", why="x", by=manager, expected_version=case.version)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("risk", {"risk-why": "kept words"}, "Choose how high the risk is."),
        ("risk", {"risk-level": "high", "risk-why": " "}, "Write down why, in a sentence."),
        (
            "risk",
            {"risk-level": "low", "risk-why": "kept words", "risk-review_on": "2020-01-01"},
            "That day is over.",
        ),
        ("risk", {"risk-level": "worst", "risk-why": "kept words"}, "Select a valid choice"),
        ("measure", {"measure-text": ""}, "Write down what was arranged."),
        ("measure", {"measure-text": "kept words", "measure-review_on": "soon"}, "Give a day, such as"),
        ("consent", {"consent-text": "kept words"}, "Choose what they said."),
        ("consent", {"consent-subject": "share", "consent-answer": "yes"}, "Write down who said it"),
    ],
)
def test_what_is_missing_is_said_beside_it_and_what_was_typed_stays(client, manager, case, name, data, words):
    answer = client.post(url(case, f"{name}/"), {"risk-version": "1", **data})
    page = text(answer)
    assert (answer.status_code, words in page) == (422, True)
    assert ("kept words" in page) == ("kept words" in data.values())
    assert f'id="{name}" open' in page
    assert (Note.objects.count(), kinds(case)) == (0, [])


def test_a_measure_stands_beside_the_risk_until_it_is_over_and_is_over_once(client, manager, case):
    day = timezone.localdate() + timedelta(days=3)
    once = "6f1c1d06-9d2a-4b57-8f0c-0d5c1a6f0a11"
    data = {
        "measure-text": "Another seminar room",
        "measure-review_on": day.isoformat(),
        "measure-once": once,
    }
    for _press in range(2):
        page = text(client.post(url(case, "measure/"), data, follow=True))
    assert ("Another seminar room" in page, "in 3 days" in page) == (True, True)
    measure = Note.objects.get()
    place = f"measure-{measure.pk.hex}"
    answer = client.post(url(case, "measure/end/"), {"measure": measure.pk, f"{place}-text": ""})
    assert (answer.status_code, "Write down why it is over." in text(answer)) == (422, True)
    for _press in range(2):
        ended = {"measure": measure.pk, f"{place}-text": "She changed course"}
        client.post(url(case, "measure/end/"), ended)
    assert kinds(case) == ["measure.added", "measure.ended"]
    assert [(note.kind, note.about) for note in Note.objects.order_by("created_at")] == [
        ("measure", None),
        ("measure_ended", measure),
    ]
    assert place not in text(client.get(url(case)))


def test_a_measure_of_another_case_is_like_one_that_never_was(client, manager, case):
    other = make_case(route="record")
    theirs = verbs.add_measure(case=other, text="A panic alarm", by=manager)
    note = make_case(route="record")
    for pk in (theirs.pk, note.pk, "x", ""):
        data = {"measure": pk, f"measure-{theirs.pk.hex}-text": "Over"}
        answer = client.post(url(case, "measure/end/"), data)
        assert (answer.status_code, "panic" in text(answer)) == (404, False)
    with pytest.raises(NotAllowed):
        verbs.end_measure(case=case, measure=theirs, text="Over", by=manager)
    assert Note.objects.count() == 1


def test_the_last_word_on_each_thing_somebody_was_asked_stands_on_the_case(client, manager, case):
    for answer, words in (("yes", "By telephone"), ("withdrawn", "In a message")):
        data = {"consent-subject": "share", "consent-answer": answer, "consent-text": words}
        page = text(client.post(url(case, "consent/"), data, follow=True))
    assert "They took it back" in page
    assert [event.body["consent"] for event in LedgerEvent.objects.filter(kind="consent.recorded")] == [
        "share:yes",
        "share:withdrawn",
    ]
    card = page[page.index('id="consent-card"') :]
    card = card[: card.index("</section>", card.index("They took it back"))]
    assert ("In a message" in card, "By telephone" in card) == (True, False)


def test_nobody_judges_a_case_that_is_not_there_for_them(client, manager, case):
    measure = verbs.add_measure(case=case, text="A panic alarm", by=manager)
    Block.objects.create(case=case, user=manager, source=Block.Source.NAMED)
    acts = [
        lambda: verbs.assess_risk(case=case, level="low", why="x", by=manager, expected_version=1),
        lambda: verbs.add_measure(case=case, text="x", by=manager),
        lambda: verbs.end_measure(case=case, measure=measure, text="x", by=manager),
        lambda: verbs.record_consent(case=case, subject="share", answer="yes", text="x", by=manager),
    ]
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    for name in ("risk", "measure", "measure/end", "consent"):
        assert client.post(url(case, f"{name}/"), {"measure": measure.pk}).status_code == 404
    assert kinds(case) == ["measure.added"]
