"""First accounts that were kept before they were sent, and those that somebody passes on; cases by one reporter."""

from __future__ import annotations

import json
import re
import secrets

import pytest
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from tests.casework.speaking import joined, spoken
from tests.factories import make_case, make_person
from wagtail_harassment.casework.models import Block, Case, Role
from wagtail_harassment.casework.reading import first_account
from wagtail_harassment.casework.related import related
from wagtail_harassment.reporting import accounts, threads
from wagtail_harassment.reporting.accounts import KEPT_CHAIN
from wagtail_harassment.reporting.models import Report
from wagtail_harassment.vault import ledger, triggers
from wagtail_harassment.vault.envelope import open_key
from wagtail_harassment.vault.fields import reveal, seal_fields
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = make_person(Role.CASE_MANAGER, username="priya")
    client.force_login(user)
    return user


def screen(client, case):
    page = client.get(f"/admin/cases/{case.pk}/").content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("&#x27;", "'")


# On behalf


def test_what_was_told_and_what_was_seen_stand_in_boxes_with_who_said_it(client, manager):
    case = make_case(
        reporter_role="on_behalf",
        consent="They know and agree",
        account="She told me",
        observations="She shook",
    )
    words = screen(client, case)
    order = [
        "Passed on for somebody else. Do they know and agree? They know and agree",
        "What they were told account She told me",
        "What they saw themselves observations She shook",
    ]
    places = [words.index(one) for one in order]
    assert places == sorted(places)


def test_consent_that_was_not_given_is_said_and_of_a_report_of_ones_own_nothing_is_asked(client, manager):
    assert "Do they know and agree? They did not say." in screen(
        client, make_case(reporter_role="other_knows")
    )
    words = screen(client, make_case(reporter_role="self", account="mine"))
    assert "Passed on for somebody else" not in words
    assert "What they were told" not in words


# From the same reporter


def further(speaker):
    """A second case by the same reporter, through their code."""
    case = make_case(account="again")
    report = Report.objects.get(pk=case.pk)
    with_code = speaker.visitor
    with triggers.lifted():
        report.threads.all().delete()
    threads.open_thread(report=report, row=with_code.row, pair=with_code.pair)
    return case


def test_cases_by_one_reporter_lead_to_each_other(client, manager):
    speaker = spoken()
    second = further(speaker)
    for here, there in ((speaker.case, second), (second, speaker.case)):
        page = client.get(f"/admin/cases/{here.pk}/").content.decode()
        assert f"From the same reporter: {there.reference} today" in screen(client, here)
        assert f'href="/admin/cases/{there.pk}/"' in page


def test_a_report_by_who_joined_is_called_so(client, manager):
    person = joined(spoken(reporter_role="on_behalf"))
    second = further(person)
    assert f"From the person who joined this case: {second.reference}" in screen(client, person.case)
    assert f"This reporter joined: {person.case.reference}" in screen(client, second)


def test_however_many_they_are_it_is_one_query(django_assert_num_queries):
    speaker, lead = spoken(), make_person(Role.CASE_LEAD)
    thread = speaker.thread
    for count in (1, 4):
        for _number in range(count):
            further(speaker)
        with django_assert_num_queries(2):  # the roles, with second factors, and the cases
            found = related(speaker.case, [thread], lead)
    assert len(found) == 5


@pytest.mark.parametrize("how", ["blocked", "restricted"])
def test_a_counterpart_that_one_may_not_see_leaves_no_trace(client, manager, how):
    speaker = spoken()
    without = client.get(f"/admin/cases/{speaker.case.pk}/").content
    second = further(speaker)
    if how == "blocked":
        Block.objects.create(case=second, user=manager, source=Block.Source.REPORTER)
    else:
        Case.objects.filter(pk=second.pk).update(restricted=True)
    page = client.get(f"/admin/cases/{speaker.case.pk}/").content.decode()
    assert second.reference not in page
    assert str(second.pk) not in page
    assert "From the same reporter" not in page
    assert "From the same reporter" not in without.decode()


# Kept, then sent


@pytest.fixture
def kept(db):
    """A case whose account was kept twice before it was sent."""
    case = make_case(account="as it was sent")
    report = Report.objects.get(pk=case.pk)
    parts = []
    with transaction.atomic():
        for words in ("first words", "first and second words"):
            entry = {"code": "account", "label": "What happened?", "answer": words, "shown": [words]}
            account = {
                "written_at": "2026-08-23T09:15:00+00:00",
                "steps": [{"code": "what", "title": "What happened", "entries": [entry]}],
            }
            sealed = {"salt": secrets.token_hex(32), "account": ledger.canonical(account).decode()}
            event = ledger.append(
                chain=KEPT_CHAIN, kind="record.kept", body={"commitment": accounts.commit(sealed)}
            )
            parts.append(sealed | {"sequence": event.sequence})
    key = open_key(record=report.pk, unit=report.pk)
    whole = reveal(report, "account", key)
    account = json.loads(whole["account"]) | {"kept": parts}
    seal_fields(report, key, account=whole | {"account": ledger.canonical(account).decode()})
    with triggers.lifted():
        report.save()
    return case


def test_what_was_kept_stands_under_the_account_with_the_day_and_the_event_that_promise_it(
    client, manager, kept
):
    words = screen(client, kept)
    today = date_format(timezone.localdate(), "DATE_FORMAT")
    order = [
        "as it was sent",
        "Written before it was sent",
        f"Kept on {today}; unchanged since: event 1 of the ledger's chain of kept parts promises it.",
        "What happened What happened? first words",
        f"Kept on {today}; unchanged since: event 2 of the ledger's chain",
        "first and second words",
    ]
    places = [words.index(one) for one in order]
    assert places == sorted(places)


@pytest.mark.parametrize("fault", ["gone", "other"])
def test_what_the_ledger_does_not_promise_is_said_not_to_agree(client, manager, kept, fault):
    with triggers.lifted():
        second = LedgerEvent.objects.filter(chain=KEPT_CHAIN, sequence=2)
        if fault == "gone":
            second.delete()
        else:
            second.update(body={"commitment": "0" * 64})
    assert [part.agrees for part in first_account(kept).kept] == [True, False]
    words = screen(client, kept)
    assert "This part does not agree with the ledger: what it promises as event 2 is something else" in words
    assert "first and second words" in words


def test_an_account_that_was_never_kept_says_nothing_of_it(client, manager):
    assert "Written before it was sent" not in screen(client, make_case(account="x"))
