"""Closing, opening again and correcting, as a case manager sees and presses it."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from tests.casework import making
from tests.casework.closing.making import closed, open_task
from tests.casework.speaking import spoken
from tests.factories import make_person
from wagtail_harassment.casework.closing import verbs
from wagtail_harassment.casework.models import Block, Case, Checklist, Closing, Note, Role, Task
from wagtail_harassment.vault import triggers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_lists():
    """New cases get no steps by themselves, so that what is counted here is what the tests make."""
    Checklist.objects.update(automatic=False)


@pytest.fixture
def manager(client):
    user = make_person(Role.CASE_MANAGER, username="priya", first_name="Priya", last_name="Nair")
    client.force_login(user)
    return user


@pytest.fixture
def reporter(manager):
    return spoken(route="anonymous")


def url(case, name=""):
    return f"/admin/cases/{case.pk}/{name}"


def words(page, start="", end=""):
    """A part of a page, its tags taken out."""
    part = page[page.index(start) :] if start else page
    part = part[: part.index(end)] if end else part
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part)).replace("&#x27;", "'")


def screen(client, case, do=""):
    return client.get(url(case, f"?do={do}" if do else "")).content.decode()


def panel(page, name):
    return words(page, f'id="{name}"', "</form>")


def sent(client, case, **more):
    """Press "Close the case" with what the page that is open now holds."""
    page = screen(client, case, "close")
    data = {
        f"close-{name}": re.search(rf'name="close-{name}" value="([^"]+)"', page)[1]
        for name in ("once", "version", "heard", "tasks")
    }
    data |= {"close-outcome": "advice", "close-reason": "Agreed.", "close-told": "We are done."} | more
    return data


def press(client, case, data, name="close"):
    return client.post(url(case, f"{name}/"), data, follow=True)


def test_the_panel_says_what_each_outcome_means_who_reads_what_and_how_long_it_is_kept(client, reporter):
    said = panel(screen(client, reporter.case, "close"), "close")
    day = date_format(verbs.kept_until(timezone.localdate()), "DATE_FORMAT")
    for sentence in (
        "Advice and support given: The person was heard and told what there is; nothing more was wanted.",
        "Spam or a test: Not a report by a person, or one that was meant as a trial.",
        "Everyone who can see the case reads why it was closed, and what can be learnt.",
        "They read what you tell them, and that it is closed, when they come back.",
        f"The case is kept until {day}. Until then it can be opened again.",
    ):
        assert sentence in said
    assert "tasks are open" not in said


def test_pressing_it_closes_the_case_and_the_card_says_how(client, reporter):
    data = sent(client, reporter.case, **{"close-lessons": "Light the path."})
    answer = press(client, reporter.case, data)
    assert answer.redirect_chain == [(url(reporter.case) + "#closed", 302)]
    page = answer.content.decode()
    assert [str(message).strip() for message in answer.context["messages"]] == ["The case is closed."]
    card = words(page, '<div id="closed">', "</section>")
    assert re.search(
        r"Outcome Advice and support given Closed by Priya Nair today \d\d:\d\d Why Agreed\. "
        r"What they were told We are done\. What can be learnt Light the path\. Kept until \d",
        card,
    )
    assert "Priya Nair closed the case" in words(page)
    assert 'id="close"' not in page
    assert 'id="status"' not in page
    assert 'id="reopen"' in page


def test_sent_twice_it_says_that_it_is_closed_and_is_closed_once(client, reporter):
    data = sent(client, reporter.case)
    for _press in range(2):
        assert press(client, reporter.case, data).status_code == 200
    assert Closing.objects.count() == 1


def test_what_is_missing_is_said_and_what_was_typed_is_kept(client, reporter):
    data = sent(client, reporter.case, **{"close-outcome": "", "close-told": "Typed words."})
    answer = press(client, reporter.case, data)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "The case was not closed." in words(page)
    assert "Choose how it ended." in panel(page, "close")
    assert "Typed words." in page
    assert Case.objects.get().status == "new"


def test_open_tasks_are_counted_and_a_tick_drops_them(client, reporter):
    open_task(reporter.case)
    open_task(reporter.case)
    assert "Close it although 2 tasks are open" in panel(screen(client, reporter.case, "close"), "close")
    refused = press(client, reporter.case, sent(client, reporter.case))
    assert refused.status_code == 422
    assert "2 tasks are still open." in panel(refused.content.decode(), "close")
    data = sent(client, reporter.case, **{"close-drop": "on"})
    open_task(reporter.case)
    more = press(client, reporter.case, data)
    page = more.content.decode()
    assert (more.status_code, "3 tasks are still open." in panel(page, "close")) == (422, True)
    assert not re.search(r'name="close-drop"[^>]*checked', page)
    assert 'name="close-tasks" value="3"' in page
    press(client, reporter.case, sent(client, reporter.case, **{"close-drop": "on"}))
    assert set(Task.objects.values_list("state", flat=True)) == {"dropped"}
    assert "Tasks that were still open 3" in words(screen(client, reporter.case))


def test_when_something_came_meanwhile_it_says_so_and_the_next_press_closes(client, reporter):
    data = sent(client, reporter.case)
    reporter.replies("It happened again.")
    answer = press(client, reporter.case, data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Something came from them while you had this open." in panel(page, "close")
    assert "It happened again." in page
    assert "We are done." in page
    assert 'name="close-heard" value="1"' in page
    press(client, reporter.case, data | {"close-heard": "1"})
    assert Case.objects.get().status == "closed"


def test_when_somebody_else_was_quicker_the_words_come_back(client, reporter):
    data = sent(client, reporter.case, **{"close-reason": "My own words."})
    closed(reporter.case, make_person(Role.CASE_MANAGER), told="Done.")
    answer = press(client, reporter.case, data)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else has changed this case meanwhile." in panel(page, "close")
    assert "My own words." in page
    assert Closing.objects.count() == 1


def test_where_nobody_can_be_told_the_panel_says_so_and_asks_for_no_words(client, reporter, manager):
    reporter.refuses()
    said = panel(screen(client, reporter.case, "close"), "close")
    assert "Nobody can be told: they do not want to be written to. They still see that it is closed." in said
    assert "What you tell them" not in said
    without = making.case()
    assert "Nobody can be told: this report came without a return code." in panel(
        screen(client, without, "close"), "close"
    )


def test_a_key_that_was_swapped_closes_nothing_and_says_why(client, reporter):
    with triggers.lifted():
        reporter.case.report.threads.update(public=b"x" * 1216)
    answer = press(client, reporter.case, sent(client, reporter.case))
    assert answer.status_code == 422
    assert "is not the one they gave. Nothing was sent" in panel(answer.content.decode(), "close")
    assert Case.objects.get().status == "new"


def test_earlier_closings_are_folded_below_the_one_that_counts(client, reporter, manager):
    closed(reporter.case, manager, reason="First time.", told="Done.")
    verbs.reopen_case(case=reporter.case, reason="Again.", by=manager, expected_version=2)
    page = screen(client, reporter.case)
    card = words(page, '<div id="closed">', "</section>")
    assert "Closed before: Advice and support given, today" in card
    assert card.index("Closed before") < card.index("First time.")
    closed(reporter.case, manager, ended="police", reason="Second time.", told="Done.")
    card = words(screen(client, reporter.case), '<div id="closed">', "</section>")
    places = [
        card.index(each) for each in ("Went to the police", "Second time.", "Closed before", "First time.")
    ]
    assert places == sorted(places)


def test_a_case_that_was_never_closed_has_no_such_card(client, reporter):
    assert '<div id="closed">' not in screen(client, reporter.case)


def test_words_that_do_not_open_say_so_and_the_rest_is_shown(client, reporter, manager):
    closed(reporter.case, manager, told="Done.")
    with triggers.lifted():
        other = Closing.objects.get().told
        Closing.objects.update(reason=other)
    page = screen(client, reporter.case)
    card = words(page, '<div id="closed">', "</section>")
    assert "Outcome Advice and support given" in card
    assert "they were changed after they were written" in card


def test_it_is_opened_again_with_a_reason(client, reporter, manager):
    closed(reporter.case, manager, told="Done.")
    page = screen(client, reporter.case, "reopen")
    assert "The case is in progress again. How it was closed stays readable." in panel(page, "reopen")
    assert press(client, reporter.case, {"reopen-version": "2"}, "reopen").status_code == 422
    data = {"reopen-version": "2", "reopen-reason": "It goes on."}
    page = press(client, reporter.case, data, "reopen").content.decode()
    assert Case.objects.get().status == "in_progress"
    assert "Priya Nair opened the case again" in words(page)
    assert "It goes on." in page
    stale = press(client, reporter.case, data | {"reopen-reason": "Once more."}, "reopen")
    assert (stale.status_code, "Once more." in stale.content.decode()) == (409, True)


def test_a_closed_case_says_where_its_status_is_changed(client, reporter, manager):
    closed(reporter.case, manager, told="Done.")
    for version in ("1", "2"):
        answer = client.post(
            url(reporter.case, "status/"), {"status-status": "waiting", "status-version": version}
        )
        assert answer.status_code == 409
        assert 'href="#reopen"' in answer.content.decode()
    assert Case.objects.get().status == "closed"


def test_types_are_corrected_and_the_history_names_them(client, manager):
    case = making.case(types=("racism",))
    making.term("bullying", "Bullying")
    page = screen(client, case, "types")
    assert "What the reporter wrote, and what they ticked, stays as it was sent." in panel(page, "types")
    assert re.search(r'value="racism"[^>]*checked', page)
    data = {"types-version": "1", "types-types": ["bullying"], "types-campus": "city"}
    assert press(client, case, data, "types").status_code == 422
    page = press(client, case, data | {"types-reason": "It was about marks."}, "types").content.decode()
    assert "Priya Nair corrected the types from “Racism” to “Bullying”" in words(page)
    assert "Bullying · City campus" in words(page)
    assert "It was about marks." in page
    again = {
        "types-version": "2",
        "types-types": ["bullying"],
        "types-campus": "",
        "types-reason": "Unknown.",
    }
    page = press(client, case, again, "types").content.decode()
    assert "Priya Nair corrected the types or the campus, and said why" in words(page)
    assert "Priya Nair emptied campus" in words(page)


@pytest.mark.parametrize("name", ["close", "reopen", "types"])
def test_forged_numbers_and_choices_change_nothing(client, reporter, name):
    for wrong in ("", "x", "-1", "9" * 400, "\x00"):
        data = {
            f"{name}-{field}": wrong for field in ("version", "heard", "tasks", "once", "outcome", "types")
        }
        data |= {f"{name}-reason": "Words.", f"{name}-told": "Words."}
        assert press(client, reporter.case, data, name).status_code == 422
    assert (Case.objects.get().version, Closing.objects.count(), Note.objects.count()) == (1, 0, 0)


def test_a_case_that_went_out_of_reach_gives_the_words_back(client, reporter, manager):
    data = sent(client, reporter.case, **{"close-reason": "Typed reason.", "close-told": "Typed message."})
    Block.objects.create(case=reporter.case, user=manager, source=Block.Source.LEAD)
    answer = client.post(url(reporter.case, "close/"), data)
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "Typed reason.\n\nTyped message." in page
    assert "What you wrote was not kept" in page
    assert reporter.case.reference not in page
