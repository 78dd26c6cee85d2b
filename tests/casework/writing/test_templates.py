"""Templates: what comes with the package, what is offered, and how one comes into the message box."""

from __future__ import annotations

import html
import re

import pytest
from django.core.management import call_command

from tests.casework.speaking import spoken
from tests.factories import make_person
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import MessageTemplate, Role, TemplateParagraph
from wagtail_harassment.casework.writing import defaults, templates
from wagtail_harassment.reporting.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = make_person(Role.CASE_MANAGER, username="priya", first_name="Priya", last_name="Nair")
    client.force_login(user)
    return user


@pytest.fixture
def reporter(manager):
    return spoken(route="anonymous")


def template(code="hello", language="", **fields):
    made = MessageTemplate.objects.create(code=code, name=code.title(), language=language, **fields)
    for position, (name, words, optional) in enumerate(
        [
            ("first", "About {reference}. I am {case manager}. {other} {}", False),
            ("second", "You can bring somebody.", True),
            ("third", "You can ring me.", True),
            ("last", "Goodbye.", False),
        ]
    ):
        TemplateParagraph.objects.create(
            template=made, code=name, words=words, optional=optional, sort_order=position
        )
    return made


def fill(client, reporter, code, *ticked, typed="", **more):
    data = {"thread": str(reporter.thread.pk), "template": code, "write-text": typed} | more
    data[f"paragraph-{code}"] = list(ticked)
    return client.post(f"/admin/cases/{reporter.case.pk}/write/template/", data)


def box(answer):
    """What stands in the message box."""
    return html.unescape(
        re.search(r'<textarea name="write-text"[^>]*>\s?(.*?)</textarea>', page(answer), re.S)[1]
    )


def page(answer):
    return answer.content.decode()


def test_what_comes_with_the_package_is_loaded_once_and_belongs_to_the_leads():
    codes = ["first_named", "first_anonymous", "ask_more", "offer_meeting", "closing", "no_action"]
    assert list(MessageTemplate.objects.values_list("code", flat=True)) == codes
    assert not MessageTemplate.objects.filter(paragraphs=None).exists()
    MessageTemplate.objects.filter(code="closing").update(name="Ours")
    TemplateParagraph.objects.filter(template__code="no_action").delete()
    MessageTemplate.objects.get(code="no_action").delete()
    call_command("migrate", verbosity=0)
    assert MessageTemplate.objects.get(code="closing").name == "Ours"
    assert not MessageTemplate.objects.filter(code="no_action").exists()


def test_when_there_is_nothing_to_load_it_asks_once(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert defaults.load() == 0


def test_every_paragraph_that_comes_with_the_package_is_filled_in_whole(reporter, manager):
    for each in templates.offered(reporter.case, manager, "en-gb"):
        for paragraph in each.paragraphs:
            assert "{" not in paragraph.words


def test_all_templates_are_asked_for_in_one_query(reporter, manager, django_assert_num_queries):
    for number in range(20):
        template(f"t{number}")
    with django_assert_num_queries(1):
        assert len(templates.offered(reporter.case, manager, "en-gb")) == 26


def test_only_the_two_placeholders_are_filled_in_and_nothing_in_a_name(reporter, manager):
    template()
    manager.first_name = "{reference}"
    manager.save()
    case = actions.take(case=reporter.case, by=manager)
    hello = next(each for each in templates.offered(case, manager, "en") if each.code == "hello")
    assert hello.paragraphs[0].words == f"About {case.reference}. I am {{reference}} Nair. {{other}} {{}}"


def test_the_case_manager_is_named_and_else_who_writes(reporter, manager):
    template()
    other = make_person(Role.CASE_MANAGER, first_name="Lena", last_name="Lindqvist")

    def first(case):
        hello = next(each for each in templates.offered(case, manager, "en") if each.code == "hello")
        return hello.paragraphs[0].words

    assert "I am Priya Nair." in first(reporter.case)
    assert "I am Lena Lindqvist." in first(actions.take(case=reporter.case, by=other))


def test_the_language_of_the_report_comes_first_and_others_are_not_offered(reporter, manager):
    MessageTemplate.objects.update(active=False)
    template("any")
    template("welsh", "cy")
    template("british", "en-gb")
    template("gone", "cy", active=False)

    def codes(language):
        return [each.code for each in templates.offered(reporter.case, manager, language)]

    assert codes("cy") == ["welsh", "any"]
    assert codes("en") == ["british", "any"]
    assert codes("fr") == ["british", "any"]
    assert [each.language for each in templates.offered(reporter.case, manager, "cy")] == ["Welsh", ""]


def test_each_template_stands_by_the_box_with_a_box_to_tick_for_what_can_be_left_out(client, reporter):
    template()
    words = page(client.get(f"/admin/cases/{reporter.case.pk}/"))
    assert ("Begin with a template" in words, 'name="paragraph-hello"' in words) == (True, False)
    answer = fill(client, reporter, "", typed="Dear you,")
    assert (answer.status_code, box(answer)) == (200, "Dear you,")
    words = page(answer)
    assert words.count('name="paragraph-hello"') == 2
    assert f"About {reporter.case.reference}." in words
    assert (
        f'formaction="/admin/cases/{reporter.case.pk}/write/template/#write-{reporter.thread.pk.hex}"'
        in words
    )


def test_a_template_comes_into_the_box_with_what_was_ticked_after_what_was_typed(client, reporter):
    template()
    answer = fill(client, reporter, "hello", "second", typed="Dear you,\r\n ")
    assert answer.status_code == 200
    assert box(answer) == (
        f"Dear you,\n\nAbout {reporter.case.reference}. I am Priya Nair. {{other}} {{}}\n\n"
        "You can bring somebody.\n\nGoodbye."
    )
    assert "The template is in the box." in page(answer)
    assert (Message.objects.count(), "no-store" in answer.headers["Cache-Control"]) == (0, True)


def test_a_template_that_is_none_leaves_what_was_typed(client, reporter):
    for code in ("nonsense", "\x00"):
        answer = fill(client, reporter, code, typed="Dear you,")
        assert (answer.status_code, box(answer)) == (422, "Dear you,")
    assert "That template is not there any more." in page(answer)


def test_a_template_is_put_into_the_box_of_one_thread_and_of_no_other_case(client, reporter):
    other = spoken()
    assert fill(client, reporter, "closing", thread=str(other.thread.pk)).status_code == 404
    reporter.refuses()
    answer = fill(client, reporter, "closing", typed="Dear you,")
    assert (answer.status_code, "Dear you," in page(answer)) == (409, True)


def test_a_lead_writes_templates_and_a_manager_does_not(client, manager):
    address = "/admin/wagtail_harassment/messagetemplate/"
    assert client.get(address).status_code == 302
    lead = make_person(Role.CASE_LEAD)
    client.force_login(lead)
    assert "First answer, to somebody who gave a name" in page(client.get(address))
    data = {"name": "Ours", "language": "cy", "code": "ours", "sort_order": "70", "active": "on"}
    assert client.post(f"{address}create/", data).status_code == 302
    made = MessageTemplate.objects.get(code="ours")
    words = {"template": made.pk, "words": "Helo.", "code": "helo", "sort_order": "10", "active": "on"}
    paragraphs = "/admin/wagtail_harassment/templateparagraph/"
    assert client.post(f"{paragraphs}create/", words).status_code == 302
    taken = client.post(f"{paragraphs}create/", words)
    assert "This template has a paragraph with that code. Choose another." in page(taken)
    made.refresh_from_db()
    assert (made.language, made.history.first().history_user) == ("cy", lead)
    assert client.get(f"{paragraphs}?template={made.pk}").status_code == 200
