"""Changing the questions in the CMS while reports come in, through the real page editor."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.reporting.browser import Form, Reporter, place
from wagtail_harassment.institution.models import Campus, Term
from wagtail_harassment.reporting.accounts import read_account
from wagtail_harassment.reporting.blocks import CORE
from wagtail_harassment.reporting.models import FormVersion, Report
from wagtail_harassment.reporting.pages import ReportFormPage


def posted_question(value: dict, kind: str) -> dict:
    data = {name: value[name] for name in ("code", "label", "help")}
    data |= {"required": "on"} if value["required"] else {}
    data["only_if"] = listed(value["only_if"])
    data["wordings"] = listed(value["wordings"])
    if "vocabulary" in value:
        data["vocabulary"] = value["vocabulary"]
    if "choices" in value:
        data["choices"] = listed(value["choices"])
    return data


def listed(values: list[dict]) -> dict:
    rows = {
        str(number): {"value": row, "type": "item", "order": str(number), "deleted": "", "id": ""}
        for number, row in enumerate(dict(each.get("value", each)) for each in values)
    }
    return {"count": str(len(rows))} | rows


def stream(blocks: list[dict], convert) -> dict:
    rows = streamfield([(block["type"], convert(block)) for block in blocks])
    for number, block in enumerate(blocks):
        rows[str(number)]["id"] = block.get("id", "")
    return rows


def posted_item(block: dict):
    if block["type"] == "text":
        return rich_text("<p>Words</p>")
    if block["type"] == "notice":
        return {"words": rich_text("<p>Words</p>"), "only_if": listed(block["value"]["only_if"])}
    if block["type"] == "emergency":
        return ""
    return posted_question(block["value"], block["type"])


def posted_step(block: dict) -> dict:
    value = block["value"]
    return {"code": value["code"], "title": value["title"], "items": stream(value["items"], posted_item)}


class Desk:
    """An editor's page editor: the form page's data, to change and post."""

    def __init__(self, client, page: ReportFormPage) -> None:
        self.client, self.page = client, page
        self.steps = page.steps.get_prep_value()

    def question(self, code: str) -> dict:
        return next(
            item["value"]
            for step in self.steps
            for item in step["value"]["items"]
            if isinstance(item["value"], dict) and item["value"].get("code") == code
        )

    def remove(self, code: str) -> None:
        for step in self.steps:
            step["value"]["items"] = [
                item
                for item in step["value"]["items"]
                if not (isinstance(item["value"], dict) and item["value"].get("code") == code)
            ]

    def data(self, **more: str) -> dict:
        return nested_form_data(
            {
                "title": self.page.title,
                "slug": self.page.slug,
                "what_happens_next": rich_text(""),
                "steps": stream(self.steps, posted_step),
                "seo_title": "",
                "search_description": "",
                "go_live_at": "",
                "expire_at": "",
                "comments": {
                    "TOTAL_FORMS": "0",
                    "INITIAL_FORMS": "0",
                    "MIN_NUM_FORMS": "0",
                    "MAX_NUM_FORMS": "",
                },
            }
            | more
        )

    def publish(self, **more: str):
        address = reverse("wagtailadmin_pages:edit", args=[self.page.pk])
        return self.client.post(address, self.data(**{"action-publish": "1"} | more))


@pytest.fixture
def desk(editor, form_page):
    return Desk(editor, form_page)


def told(response) -> list[str]:
    """What the editor was told is wrong, as it stands in the page."""
    form = response.context["form"]
    return [message for messages in form.errors.values() for message in messages]


def test_publishing_what_has_not_changed_makes_no_version(desk, form_page):
    assert desk.publish().status_code == 302
    first = list(FormVersion.objects.values_list("number", flat=True))
    assert desk.publish().status_code == 302
    assert list(FormVersion.objects.values_list("number", flat=True)) == first


def test_a_reworded_question_is_asked_in_its_new_words_from_publishing_on(desk, form_page):
    desk.question("account")["label"] = "Tell us"
    assert "Tell us" not in str(Reporter(form_page.url).get().content)
    assert desk.publish().status_code == 302
    reporter = Reporter(form_page.url)
    reporter.go_through(until="what")
    assert "Tell us" in reporter.form("what").text


@pytest.mark.parametrize("code", CORE)
def test_a_core_question_cannot_be_removed_and_the_editor_is_told_why(desk, code):
    desk.remove(code)
    response = desk.publish()
    assert response.status_code == 200
    assert f"The question “{code}” has to stay (you can reword it and move it). {CORE[code]}" in " ".join(
        told(response)
    )
    assert str(CORE[code]) in response.content.decode().replace("&#x27;", "'")
    assert FormVersion.objects.count() == 1


def test_a_refused_change_loses_nothing_that_the_editor_typed(desk):
    desk.question("witnesses")["label"] = "A sentence typed with care"
    desk.remove("contact")
    assert "A sentence typed with care" in desk.publish().content.decode()


def test_a_code_that_was_published_stays(desk):
    desk.question("witnesses")["code"] = "bystanders"
    assert told(desk.publish()) == [
        "The code of “Did anyone see or hear it?” was “witnesses” when it was published and has to stay so. "
        "For another question, add a new one."
    ]


def test_a_code_cannot_come_back_as_another_kind_of_question_even_years_later(desk):
    kept = [dict(step, value=dict(step["value"], items=list(step["value"]["items"]))) for step in desk.steps]
    desk.remove("frequency")
    assert desk.publish().status_code == 302
    desk.steps = kept
    desk.remove("frequency")
    desk.steps[4]["value"]["items"].append(new_question("frequency"))
    assert told(desk.publish()) == [
        "“frequency” was asked before as another kind of question. Give the new one a code of its own."
    ]


def new_question(code: str, **more) -> dict:
    value = {"code": code, "label": code, "help": "", "required": False, "only_if": [], "wordings": []} | more
    return {"type": "long_text", "value": value}


def test_two_questions_cannot_share_a_code(desk):
    desk.steps[4]["value"]["items"].append(new_question("account"))
    assert "Two questions have the code “account”. Give each its own." in told(desk.publish())


def test_two_steps_cannot_share_a_code(desk):
    desk.steps[5]["value"]["code"] = "when"
    assert told(desk.publish()) == ["Two steps have the code “when”. Give each its own."]


@pytest.mark.parametrize("code", ["check", "receipt", "leave", "inbox"])
def test_a_step_cannot_take_an_address_of_the_forms_own(desk, code):
    desk.steps[5]["value"]["code"] = code
    assert told(desk.publish()) == [f"A step cannot have the code “{code}”: that address has another use."]


def test_the_device_question_has_to_be_in_the_first_step(desk):
    device = desk.steps[0]["value"]["items"].pop()
    desk.steps[1]["value"]["items"].append(device)
    assert told(desk.publish()) == [
        "The question “device” has to be in the first step: what follows is kept by its answer."
    ]


@pytest.mark.parametrize("earlier", ["incident_type", "nowhere", "early"])
def test_a_condition_has_to_look_back(desk, earlier):
    condition = {"question": earlier, "operator": "is", "values": "racism"}
    desk.steps[1]["value"]["items"].append(new_question("early", only_if=[condition]))
    assert told(desk.publish()) == [
        f"“early” is asked only if “{earlier}” was answered, so “{earlier}” has to come before it."
    ]


@pytest.mark.parametrize("values", ["unheard_of", ", ,"])
def test_a_condition_has_to_name_an_answer_that_is_offered(desk, values):
    condition = {"question": "incident_type", "operator": "is", "values": values}
    desk.steps[5]["value"]["items"].append(new_question("late", only_if=[condition]))
    (message,) = told(desk.publish())
    assert message.startswith("“late” asks for an answer to “incident_type” that is not offered there: ")


def test_a_question_needs_a_list_or_answers_of_its_own(desk):
    desk.question("frequency")["choices"] = []
    response = desk.publish()
    assert response.status_code == 200
    assert (
        "Choose a list, or give the question its own answers below: one of the two."
        in response.content.decode()
    )


def test_two_answers_cannot_share_a_code(desk):
    choices = desk.question("frequency")["choices"]
    choices.append(dict(choices[0]))
    response = desk.publish()
    assert "Two answers have the same code. Give each its own." in response.content.decode()


def test_the_answers_of_a_core_question_can_be_reworded_and_not_removed(desk, form_page):
    desk.question("route")["choices"] = [
        {"code": "meeting", "label": "Please call me", "hint": "", "who": "", "next": ""}
    ]
    assert desk.publish().status_code == 302
    reporter = Reporter(form_page.url)
    reporter.go_through(until="how")
    page = reporter.form("how").text
    assert [
        words in page
        for words in ("Please call me", "Without saying who I am", "With my name, for the record")
    ] == [True] * 3


def test_core_questions_stay_required_whatever_an_editor_ticks(desk, form_page):
    for code in ("route", "incident_type", "contact"):
        desk.question(code)["required"] = False
    assert desk.publish().status_code == 302
    reporter = Reporter(form_page.url)
    reporter.go_through(until="how")
    assert reporter.post("how", {}).status_code == 200


def test_a_draft_of_the_page_changes_nothing_for_reporters(desk, form_page):
    desk.question("account")["label"] = "Not yet"
    address = reverse("wagtailadmin_pages:edit", args=[form_page.pk])
    assert desk.client.post(address, desk.data()).status_code == 302
    Term.objects.get(vocabulary="motivation", code="race").save()
    assert FormVersion.objects.count() == 1


def test_a_change_scheduled_for_later_is_asked_from_then_on(desk, form_page, monkeypatch):
    desk.question("account")["label"] = "From tomorrow"
    tomorrow = timezone.now() + timedelta(days=1)
    stamp = timezone.localtime(tomorrow).strftime("%Y-%m-%d %H:%M")
    assert desk.publish(go_live_at=stamp).status_code == 302
    assert FormVersion.objects.count() == 1
    monkeypatch.setattr("django.utils.timezone.now", lambda: tomorrow + timedelta(hours=1))
    call_command("publish_scheduled", verbosity=0)
    reporter = Reporter(form_page.url)
    reporter.go_through(until="what")
    assert "From tomorrow" in reporter.form("what").text


@pytest.mark.django_db(transaction=True)
def test_a_reworded_term_makes_a_version_and_a_draft_keeps_the_old_words(form_page):
    begun = Reporter(form_page.url)
    begun.go_through(until="why")
    term = Term.objects.get(vocabulary="incident_type", code="racism")
    term.label = "Racist abuse"
    term.save()
    Campus.objects.create(code="hill", name="Hill campus")
    assert FormVersion.objects.count() == 3
    begun.go_through()
    begun.send()
    entries = {e.code: e.values for s in read_account(Report.objects.get()).steps for e in s.entries}
    assert entries["incident_type"] == ["Racism"]
    fresh = Reporter(form_page.url)
    fresh.go_through(until="why")
    assert ("Racist abuse" in fresh.form("what").text, "Hill campus" in fresh.form("when").text) == (
        True,
        True,
    )


@pytest.mark.django_db(transaction=True)
def test_a_term_out_of_use_is_not_offered_and_breaks_no_condition(form_page):
    term = Term.objects.get(vocabulary="incident_type", code="wellbeing")
    term.active = False
    term.save()
    reporter = Reporter(form_page.url)
    reporter.go_through(until="when")
    assert term.label not in reporter.form("what").text
    ReportFormPage.objects.get(pk=form_page.pk).full_clean()


def test_a_copied_page_asks_under_versions_of_its_own(form_page):
    copy = form_page.copy(update_attrs={"title": "Copy", "slug": "copy"}, keep_live=True)
    reporter = Reporter(ReportFormPage.objects.get(pk=copy.pk).url)
    reporter.go_through()
    assert place(reporter.send(), reporter) == "receipt"
    assert Report.objects.get().form_version.page == copy.pk
    assert set(FormVersion.objects.values_list("page", flat=True)) == {form_page.pk, copy.pk}


def test_an_alias_follows_its_page_under_versions_of_its_own(form_page, desk):
    alias = form_page.create_alias(update_slug="alias")
    reporter = Reporter(Page.objects.get(pk=alias.pk).url)
    assert "Step 1 of 10" in reporter.form().text
    desk.question("account")["label"] = "Tell us"
    assert desk.publish().status_code == 302
    reporter.go_through(until="what")
    assert "Tell us" in reporter.form("what").text


def test_a_new_form_page_in_the_editor_begins_with_the_default_questions(editor, landing):
    address = reverse("wagtailadmin_pages:add", args=["wagtail_harassment", "reportformpage", landing.pk])
    page = editor.get(address)
    assert page.status_code == 200
    assert "Could anyone else use this phone or computer?" in page.content.decode()
    fresh = ReportFormPage(title="Report", slug="report")
    desk = Desk(editor, fresh)
    response = editor.post(address, desk.data(**{"action-publish": "1"}))
    assert response.status_code == 302, told(response)
    reporter = Reporter(ReportFormPage.objects.get().url)
    reporter.go_through()
    assert place(reporter.send(), reporter) == "receipt"


# Other words when…


WITNESS = {"question": "reporter_role", "values": "witness", "label": "What did you see?", "help": ""}


def reword(desk, code: str, *wordings: dict) -> list[str]:
    """What an editor is told about other words for a question, less what they are told of nothing else."""
    desk.question(code)["wordings"] = [WITNESS | wording for wording in wordings]
    response = desk.publish()
    return told(response) if response.status_code == 200 else []


def test_an_editor_gives_a_question_other_words_and_they_are_asked(desk, form_page):
    assert reword(desk, "witnesses", {"label": "Who else was there?", "help": "If anybody."}) == []
    reporter = Reporter(form_page.url)
    reporter.go_through(until="evidence", you={"reporter_role": "witness"})
    page = reporter.form("evidence").text
    assert ("Who else was there?" in page, "If anybody." in page) == (True, True)


@pytest.mark.parametrize("earlier", ["wanted", "witnesses", "nowhere"])
def test_other_words_have_to_depend_on_a_step_before(desk, earlier):
    assert reword(desk, "witnesses", {"question": earlier}) == [
        f"“witnesses” has other words depending on “{earlier}”, so “{earlier}” has to be asked in a step before. "
        "Move one of them, or take the other words away."
    ]


def test_other_words_cannot_depend_on_the_same_page(desk):
    """What is kept as asked would not be what was read."""
    assert reword(desk, "danger_now", {}) == [
        "“danger_now” has other words depending on “reporter_role”, so “reporter_role” has to be asked in a step "
        "before. Move one of them, or take the other words away."
    ]


@pytest.mark.parametrize(("values", "named"), [("bystander, witness", "bystander"), (" , ", "–")])
def test_other_words_have_to_be_for_an_answer_that_is_offered(desk, values, named):
    assert reword(desk, "witnesses", {"values": values}) == [
        f"“witnesses” has other words for an answer to “reporter_role” that is not offered there: {named}."
    ]


def test_other_words_for_one_answer_are_given_once(desk):
    assert reword(desk, "witnesses", {}, {"values": "self, witness"}) == [
        "“witnesses” has other words twice for the same answer to “reporter_role”: witness. Keep one."
    ]


def test_words_said_to_some_have_to_look_back_at_an_answer_that_is_offered(desk):
    you = desk.steps[2]["value"]["items"]
    notice = next(item for item in you if item["type"] == "notice")
    for question, values, expected in (
        ("account", "x", "are said only if “account” was answered, so “account” has to come before them."),
        ("consent", "maybe", "ask for an answer to “consent” that is not offered there: maybe."),
    ):
        notice["value"]["only_if"] = [{"question": question, "operator": "is", "values": values}]
        assert told(desk.publish()) == [f"Some words in “You” {expected}"]


def test_the_route_is_asked_of_everybody(desk):
    desk.question("route")["only_if"] = [{"question": "device", "operator": "is", "values": "own"}]
    assert told(desk.publish()) == [
        "The question “route” has to be asked of everybody. Take away what it is asked only if."
    ]


@pytest.mark.parametrize(
    ("code", "offered"),
    [
        ("route", "anonymous, record, meeting, keep"),
        ("device", "shared, own"),
        ("messages", "yes, no"),
    ],
)
def test_answers_of_the_packages_own_cannot_be_made_up(desk, code, offered):
    made_up = {"code": "pigeon", "label": "By pigeon", "hint": ""}
    desk.question(code)["choices"] = [made_up | ({"who": "", "next": ""} if code == "route" else {})]
    assert told(desk.publish()) == [f"“{code}” has no answer “pigeon” to reword. Its answers are: {offered}."]


def test_a_preview_shows_all_the_words_a_question_can_have_and_all_that_is_said_to_some(form_page):
    html = form_page.make_preview_request(preview_mode="what").content.decode()
    for words in ("What happened?", "What did they tell you?", "When “reporter_role” is on_behalf:"):
        assert words in html
    assert (
        "They do not agree that you pass this on."
        in form_page.make_preview_request(preview_mode="you").content.decode()
    )


# Previews


def test_every_step_has_a_preview_that_cannot_be_sent(form_page, staff):
    modes = [mode for mode, _title in form_page.preview_modes]
    assert modes == [step.value["code"] for step in form_page.steps]
    for mode in modes:
        response = form_page.make_preview_request(preview_mode=mode)
        html = response.content.decode()
        assert response.status_code == 200
        assert "This is a preview. It cannot be sent." in html
        assert (
            "<fieldset disabled" in html,
            'type="submit">Continue' in html,
            "csrfmiddlewaretoken" in html,
        ) == (
            True,
            False,
            False,
        )
        page = Form(html)
        assert set(page.references) <= set(page.ids)


def test_a_page_that_was_never_saved_has_its_previews(db):
    page = ReportFormPage(title="New", slug="new")
    assert [mode for mode, _title in page.preview_modes][:2] == ["start", "how"]


def test_a_preview_of_a_changed_page_shows_the_change_and_keeps_nothing(desk, form_page):
    desk.question("account")["label"] = "Only a thought"
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[form_page.pk])
    assert desk.client.post(address, desk.data()).json()["is_valid"] is True
    html = desk.client.get(address, {"mode": "what"}).content.decode()
    assert "Only a thought" in html
    assert "This is a preview. It cannot be sent." in html
    assert FormVersion.objects.count() == 1
    assert Report.objects.count() == 0
