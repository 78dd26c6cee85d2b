from __future__ import annotations

import pytest

from tests.casework import making
from tests.institution.conftest import address
from tests.institution.test_meanwhile import seen
from wagtail_harassment.casework.models import Checklist, ChecklistStep
from wagtail_harassment.institution.meanwhile import SEEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client):
    client.force_login(making.person("Lena Lindqvist", "case_lead"))
    return client


def form(**fields):
    return {"name": "Ours", "code": "ours", "sort_order": "5", "active": "on", "automatic": "on"} | fields


def test_a_lead_makes_a_checklist_for_ways_and_types(lead):
    racism = making.term("racism")
    data = form(routes=["anonymous", "record"], types=[str(racism.pk)])
    assert lead.post(address(Checklist, "create"), data).status_code == 302
    made = Checklist.objects.get(code="ours")
    assert (made.routes, list(made.types.all()), made.automatic) == (["anonymous", "record"], [racism], True)
    page = lead.get(address(Checklist, "edit", made.pk)).content.decode()
    assert page.count('type="checkbox" name="routes"') == 4
    assert lead.post(address(Checklist, "edit", made.pk), form(types=[])).status_code == 302
    made.refresh_from_db()
    assert (made.routes, list(made.types.all())) == ([], [])
    history = lead.get(address(Checklist, "history", made.pk)).content.decode()
    assert "racism" in history.lower()


def test_a_way_that_is_none_and_a_code_that_is_taken_are_refused(lead):
    answer = lead.post(address(Checklist, "create"), form(routes=["nonsense"], code="meeting"))
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"routes", "code"}


def test_a_lead_adds_a_step_and_takes_one_out_of_use(lead):
    meeting, record = (Checklist.objects.get(code=code) for code in ("meeting", "record"))
    data = {
        "checklist": str(meeting.pk),
        "words": "Ask whether they want an interpreter",
        "kind": "contact",
        "working_days": "1",
        "code": "contact",
        "sort_order": "15",
        "active": "on",
    }
    answer = lead.post(address(ChecklistStep, "create"), data)
    assert set(answer.context["form"].errors) == {"code"}
    assert (
        lead.post(address(ChecklistStep, "create"), data | {"checklist": str(record.pk)}).status_code == 302
    )
    step = ChecklistStep.objects.get(checklist=record, code="contact")
    data = {"words": "Reworded", "kind": "contact", "working_days": "", "sort_order": "1", "code": "x"}
    assert lead.post(address(ChecklistStep, "edit", step.pk), data).status_code == 302
    step.refresh_from_db()
    assert (step.words, step.working_days, step.active, step.code) == ("Reworded", None, False, "contact")


def test_types_that_another_lead_ticked_meanwhile_are_noticed_and_stay(lead):
    made = Checklist.objects.create(code="ours", name="Ours", sort_order=5, routes=["record"])
    url, racism = address(Checklist, "edit", made.pk), making.term("racism")
    old = seen(lead.get(url))
    assert lead.post(url, form(routes=["record"], types=[str(racism.pk)], **{SEEN: old})).status_code == 302
    answer = lead.post(url, form(name="Theirs", routes=["record"], **{SEEN: old}))
    assert len(answer.context["form"].non_field_errors()) == 1
    made.refresh_from_db()
    assert (made.name, list(made.types.all())) == ("Ours", [racism])
    again = form(name="Theirs", routes=["record"], types=[str(racism.pk)], **{SEEN: seen(answer)})
    assert lead.post(url, again).status_code == 302
    made.refresh_from_db()
    assert (made.name, list(made.types.all())) == ("Theirs", [racism])


@pytest.mark.parametrize("model", [Checklist, ChecklistStep])
def test_the_registers_are_for_leads_alone(client, lead, model):
    row = model.objects.first()
    page = lead.get(address(model, "index"))
    assert page.status_code == 200
    assert str(row) in page.content.decode()
    client.force_login(making.person("Amara Okafor", "case_manager"))
    for name, args in (("index", ()), ("create", ()), ("edit", (row.pk,)), ("history", (row.pk,))):
        assert client.get(address(model, name, *args)).status_code == 302


def test_steps_are_listed_by_their_checklist(lead):
    meeting = Checklist.objects.get(code="meeting")
    page = lead.get(address(ChecklistStep, "index") + f"?checklist={meeting.pk}")
    assert [step.code for step in page.context["object_list"]] == [
        "contact",
        "offer",
        "meet",
        "plan",
        "review",
    ]
