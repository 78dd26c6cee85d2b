"""Services that are given on a case: as they read that day, to whom, and what became of it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from wagtail.models import ReferenceIndex

from tests.casework import making
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Block, ServiceGiven
from wagtail_harassment.casework.pointing import usage, verbs
from wagtail_harassment.signposting import uses
from wagtail_harassment.signposting.admin import times_given
from wagtail_harassment.signposting.models import SupportService
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = making.person("Amara Okafor", "case_manager")
    client.force_login(user)
    return user


@pytest.fixture
def line():
    return service("Report Racism Line", topics=[making.term("racism")], hours="Day and night")


def service(name, topics=(), **more):
    made = SupportService(name=name, for_what="Somebody listens", phone="0800 111 222", **more)
    made.topics = list(topics)
    made.save()
    return made


def url(case, name="others/"):
    return f"/admin/cases/{case.pk}/{name}"


def text(answer):
    return answer.content.decode()


def give(case, by, *services, **more):
    return verbs.give(case=case, services=services, by=by, **({"to": "reporter", "how": "said"} | more))


def test_what_fits_the_case_comes_first_and_says_why(client, manager, line):
    other, away = service("Sleep Clinic"), service("Northside Desk", topics=[making.term("racism")])
    away.campuses = [making.campus("north", "North campus")]
    away.save()
    page = text(client.get(url(making.case()) + "?do=signpost"))
    fitting, others = page.index("That fit this case"), page.index("All others")
    assert (
        fitting
        < page.index("Report Racism Line: Somebody listens. Day and night. Helps with: Racism.")
        < others
    )
    assert page.index(other.name) > others
    assert page.index(away.name) > others


def test_a_service_is_given_and_stands_there_as_it_read_that_day(client, manager, line):
    case = making.case()
    data = {"signpost-services": [str(line.pk)], "signpost-to": "reporter", "signpost-how": "said"}
    answer = client.post(
        url(case, "services/"), data | {"signpost-note": "She wants to ring herself."}, follow=True
    )
    page = text(answer)
    assert answer.redirect_chain == [(url(case) + "#services", 302)]
    assert "Report Racism Line" in page
    assert "She wants to ring herself." in page
    assert "Reporter · Told them · Amara Okafor, today" in page
    assert "It reads otherwise today" not in page
    line.phone = "0800 999 999"
    line.save()
    page = text(client.get(url(case)))
    assert ("0800 111 222" in page, "It reads otherwise today" in page) == (True, True)
    line.delete()
    page = text(client.get(url(case)))
    assert ("0800 111 222" in page, "It is not among the services any more." in page) == (True, True)


def test_pressed_twice_it_is_given_once(manager, line):
    case, once = making.case(), uuid.uuid4()
    for _press in range(2):
        give(case, manager, line, once=once)
    assert ServiceGiven.objects.count() == 1
    assert LedgerEvent.objects.filter(chain=case.pk, kind="service.given").count() == 1
    give(case, manager, line, service("Other"), once=once)
    assert ServiceGiven.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"signpost-services": []},
        {"signpost-services": ["999999"]},
        {"signpost-services": ["x\x00"]},
        {"signpost-to": "nobody"},
        {"signpost-how": "shouted"},
        {"signpost-note": "x" * 20_000},
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, manager, line, wrong):
    case = making.case()
    data = {"signpost-services": [str(line.pk)], "signpost-to": "reporter", "signpost-how": "said"}
    answer = client.post(url(case, "services/"), data | {"signpost-note": "Typed words."} | wrong)
    assert answer.status_code == 422
    assert "It was not written down." in text(answer)
    if "signpost-note" not in wrong:
        assert "Typed words." in text(answer)
    assert ServiceGiven.objects.count() == 0


def test_what_became_of_it_is_written_down_by_whoever_looked_last(client, manager, line):
    case = making.case()
    (row,) = give(case, manager, line)
    name = f"follow-{row.pk.hex}"
    data = {f"{name}-state": "helped", f"{name}-words": "Three talks.", f"{name}-version": "1"}
    page = text(client.post(url(case, f"services/{row.pk}/"), data, follow=True))
    assert ("It helped" in page, "Three talks." in page) == (True, True)
    stale = client.post(url(case, f"services/{row.pk}/"), data | {f"{name}-words": "My own words."})
    assert (stale.status_code, "My own words." in text(stale)) == (409, True)
    none = client.post(url(case, f"services/{row.pk}/"), {f"{name}-state": "x", f"{name}-version": "2"})
    assert none.status_code == 422
    row.refresh_from_db()
    assert (row.state, row.version) == ("helped", 2)


def test_it_is_of_its_own_case_and_of_nobody_who_may_not_see_it(client, manager, line):
    case, other = making.case(), making.case()
    (row,) = give(case, manager, line)
    assert client.post(url(other, f"services/{row.pk}/"), {}).status_code == 404
    with pytest.raises(actions.NotAllowed):
        verbs.follow(case=other, given=row, state="helped", by=manager, expected_version=1)
    Block.objects.create(case=case, user=manager, source="named")
    for act in (
        lambda: give(case, manager, line),
        lambda: verbs.follow(case=case, given=row, state="helped", by=manager, expected_version=1),
    ):
        with pytest.raises(actions.NotAllowed):
            act()
    assert client.get(url(case)).status_code == 404


def test_nothing_is_given_where_nothing_was_chosen(manager, line):
    case = making.case()
    for wrong in ({"to": "x"}, {"how": "x"}, {"note": "x" * 20_000}):
        with pytest.raises(ValidationError):
            give(case, manager, line, **wrong)
    with pytest.raises(ValidationError):
        give(case, manager)
    assert ServiceGiven.objects.count() == 0


def test_what_it_said_that_day_cannot_be_changed(manager, line):
    case = making.case()
    rows = [give(case, manager, line)[0], give(case, manager, service("Other"))[0]]
    for change in ({"words": rows[1].words}, {"service": rows[1].service}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ServiceGiven.objects.filter(pk=rows[0].pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        ServiceGiven.objects.filter(pk=rows[0].pk).delete()
    assert [one for one in ledger.verify([case.pk]) if "servicegiven" in one.problem] == []


# What editors learn of it


def given_in_last_quarter(line, manager, cases, **more):
    first, last = usage.last_quarter()
    for _each in range(cases):
        case = making.case(**more)
        for _twice in range(2):
            (row,) = give(case, manager, line)
            ServiceGiven.objects.filter(pk=row.pk).update(given_on=first)
    assert last < timezone.localdate()


@pytest.mark.parametrize(
    ("cases", "words"), [(0, "Fewer than 5 times"), (4, "Fewer than 5 times"), (7, "5 times or more")]
)
def test_editors_read_how_often_in_a_quarter_that_is_over_and_no_small_number(manager, line, cases, words):
    given_in_last_quarter(line, manager, cases)
    given_in_last_quarter(line, manager, 3, is_test=True)
    for _each in range(6):
        give(making.case(), manager, line)
    (row,) = SupportService.objects.filter(pk=line.pk).annotate(_times_given=uses.expression())
    assert times_given(row) == words


def test_no_page_of_wagtails_tells_that_a_service_was_given(manager, line):
    give(making.case(), manager, line)
    kind = ContentType.objects.get_for_model(ServiceGiven)
    assert not ReferenceIndex.objects.filter(base_content_type=kind).exists()
    assert not ReferenceIndex.model_is_indexable(ServiceGiven)


def test_the_quarter_that_is_over_is_the_one_before_this(settings):
    first, last = usage.last_quarter(timezone.localdate().replace(month=1, day=15))
    assert (first.month, last.month, last.day) == (10, 12, 31)
    assert last - first < timedelta(days=93)
    assert [usage.last_quarter(first.replace(month=month, day=1))[0].month for month in (3, 4, 8, 12)] == [
        10,
        1,
        4,
        7,
    ]
