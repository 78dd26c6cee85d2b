"""The funnel and the list."""

from __future__ import annotations

import re
import uuid

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry, ReferenceIndex

from tests.casework import making
from wagtail_harassment.casework.admin import CaseViewSet
from wagtail_harassment.casework.funnel import Scoped
from wagtail_harassment.casework.listing import by_reference, normal_reference
from wagtail_harassment.casework.models import Block, Case, CaseMember
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

LIST = "/admin/cases/"
INSTANCE = ("", "history/", "take/", "assign/", "note/", "status/")
BODIES = {
    "take/": {"seen": ""},
    "assign/": {"assign-to": "1"},
    "note/": {"note-text": "words"},
    "status/": {"status-status": "waiting", "status-version": "1"},
}


def outsider(kind: str) -> object:
    """Somebody of this kind, who works no cases now; ``None`` is nobody."""
    if kind == "anonymous":
        return None
    if kind == "superuser":
        return get_user_model().objects.create_superuser("root", "root@northbridge.example", "correct horse")
    if kind == "editor":
        user = making.person("Ed Itor")
        user.groups.add(Group.objects.get(name="Editors"))
        return user
    if kind == "every permission":
        user = making.person("Polly Mission")
        user.user_permissions.set(Permission.objects.all())
        return user
    if kind == "suspended manager":
        user = making.person("Sue Spended", "case_manager")
        get_user_model().objects.filter(pk=user.pk).update(password="changed by somebody else")
        user.refresh_from_db()
        return user
    if kind == "unconfirmed manager":
        return making.person("Una Confirmed", "case_manager", confirmed=False)
    return making.person(f"A {kind}", kind, confirmed=False)


OUTSIDERS = (
    "anonymous",
    "superuser",
    "editor",
    "every permission",
    "suspended manager",
    "unconfirmed manager",
    "steering",
    "auditor",
    "marketing_editor",
    "department",
)


@pytest.mark.parametrize("kind", OUTSIDERS)
def test_for_those_who_work_no_cases_no_address_of_a_case_differs_from_one_that_never_was(client, kind):
    case = making.case()
    user = outsider(kind)
    if user:
        client.force_login(user)
    never = client.get("/admin/never-was/")
    addresses = [LIST, f"{LIST}results/", f"{LIST}people/", *(f"{LIST}{case.pk}/{name}" for name in INSTANCE)]
    addresses += [f"{LIST}people/confirm/", f"{LIST}people/withdraw/"]
    for address in addresses:
        for answer in (
            client.get(address),
            client.post(address, BODIES.get(address.split("/")[-2] + "/", {})),
        ):
            assert answer.status_code == never.status_code, address
            if answer.status_code == 302:
                assert answer["Location"].startswith(reverse("wagtailadmin_login"))
            elif "words" in answer.content.decode():
                # Someone who worked cases once gets the words of a note back, whatever case it was meant for.
                elsewhere = client.post(f"{LIST}{uuid.uuid4()}/note/", BODIES["note/"])
                assert (kind, address[-6:], elsewhere.content) == (
                    "suspended manager",
                    "/note/",
                    answer.content,
                )
            else:
                assert answer.content == never.content, address
    case.refresh_from_db()
    assert (case.version, case.assignee, case.notes.count()) == (1, None, 0)
    if user and never.status_code == 404:
        home = client.get("/admin/").content.decode()
        assert LIST not in home
        assert case.reference not in home


@pytest.mark.parametrize("role", ["case_manager", "case_lead"])
@pytest.mark.parametrize("name", INSTANCE)
def test_a_blocked_case_answers_byte_for_byte_like_one_that_never_was(client, role, name):
    blocked, other = making.case(), making.case()
    user = making.person("Bea Locked", role)
    Block.objects.create(case=blocked, user=user, source="reporter")
    client.force_login(user)
    for send in (client.get, lambda address: client.post(address, BODIES.get(name, {}))):
        hidden, never = send(f"{LIST}{blocked.pk}/{name}"), send(f"{LIST}{uuid.uuid4()}/{name}")
        assert (hidden.status_code, hidden.content) == (404, never.content)
        assert {**hidden.headers, "Expires": ""} == {**never.headers, "Expires": ""}
    assert client.get(f"{LIST}{other.pk}/").status_code == 200
    assert blocked.notes.count() == 0


def test_a_restricted_case_is_there_for_leads_and_members_only(client):
    case = making.case(restricted=True)
    manager, member = (
        making.person("Mia Manager", "case_manager"),
        making.person("Mel Member", "case_manager"),
    )
    lead = making.person("Lee Lead", "case_lead")
    CaseMember.objects.create(case=case, user=member)
    for user, status in ((manager, 404), (member, 200), (lead, 200)):
        client.force_login(user)
        assert client.get(f"{LIST}{case.pk}/").status_code == status
        assert (case.reference in client.get(LIST).content.decode()) is (status == 200)


def test_every_view_of_the_set_is_scoped_and_none_of_wagtails_own_is_left():
    patterns = CaseViewSet().get_urlpatterns()
    names = {pattern.name for pattern in patterns}
    assert not names & {"add", "edit", "delete", "copy", "usage", "inspect", "reorder", "export"}
    for pattern in patterns:
        view = getattr(pattern.callback, "view_class", None) or pattern.callback.__wrapped__.view_class
        assert view.__mro__[1] is Scoped, pattern.name


def test_wagtail_keeps_no_trace_of_a_case(client):
    user = making.person("Amara Okafor", "case_manager")
    client.force_login(user)
    case = making.case()
    client.post(f"{LIST}{case.pk}/take/", {"seen": ""})
    client.post(f"{LIST}{case.pk}/note/", {"note-text": "zebra"})
    assert not ReferenceIndex.model_is_indexable(Case) or Case not in ReferenceIndex.tracked_models
    assert ReferenceIndex.objects.filter(object_id=str(case.pk)).count() == 0
    assert ModelLogEntry.objects.count() == 0
    client.force_login(get_user_model().objects.create_superuser("root", "root@x.example", "correct horse"))
    assert case.reference not in client.get("/admin/reports/site-history/").content.decode()
    assert "zebra" not in "".join(str(value) for value in client.session.values())


def test_no_group_can_be_given_cases_by_ticking_a_box(client):
    client.force_login(get_user_model().objects.create_superuser("root", "root@x.example", "correct horse"))
    page = client.get(reverse("wagtailusers_groups:add")).content.decode()
    assert "wagtail_harassment.case" not in page
    ids = Permission.objects.filter(content_type__model="case").values_list("pk", flat=True)
    assert not [pk for pk in ids if f'name="permissions" value="{pk}"' in page]


@pytest.fixture
def manager(client):
    user = making.person("Amara Okafor", "case_manager")
    client.force_login(user)
    return user


def references(answer) -> list[str]:
    """The references on a list, in order."""
    return re.findall(r'wh-reference">([^<]+)<', answer.content.decode())


@pytest.mark.parametrize(
    "query",
    [
        "assignee__password__regex=^m",
        "assigned_to__password__regex=^m",
        "history__status=closed",
        "report__account__isnull=0",
        "blocks__user=1",
        "id__in=x",
        "export=csv",
        "export=xlsx",
        "p=-1",
        "p=" + "9" * 5000,
        "ordering=assignee__password",
        "locale=xx",
        "older=nonsense",
        "older=2026-99-99." + "0" * 32,
        "newer=" + "9" * 5000,
        "older=٢٠٢٦-01-01." + "0" * 32,
        "_w_filter_fragment=1",
        "csrfmiddlewaretoken=x&%00=%00",
    ],
)
def test_a_parameter_that_is_not_ours_changes_nothing(client, manager, query):
    case = making.case(assignee=manager)
    for address in (LIST, f"{LIST}results/"):
        answer = client.get(f"{address}?{query}")
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/html")
        assert references(answer) == [case.reference]


@pytest.mark.parametrize(
    "query",
    [
        "status=nonsense",
        "assignee=999999",
        "assignee=" + "9" * 400,
        "type=nonsense",
        "campus=%00",
        "route=a'b",
        "q=%00",
        "q=" + "A" * 5000,
        "status=new&status=nonsense",
    ],
)
def test_a_filter_that_makes_no_sense_shows_nothing_and_says_so(client, manager, query):
    making.case()
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    assert references(answer) == []
    assert "Nothing is shown, because this could not be understood" in answer.content.decode()


def test_the_filters_narrow_the_list(client, manager):
    other = making.person("Lee Lead", "case_lead")
    mine = making.case(assignee=manager, status="closed", types=("bullying",), at="riverside", route="record")
    theirs = making.case(assignee=other, route="anonymous", days_ago=1)
    free = making.case(route="meeting", days_ago=2, at=None)
    everything = [mine.reference, theirs.reference, free.reference]
    for query, expected in {
        "": everything,
        "status=open": everything[1:],
        "status=closed": everything[:1],
        "assignee=me": everything[:1],
        "assignee=nobody": everything[2:],
        f"assignee={other.pk}": everything[1:2],
        "type=bullying": everything[:1],
        "type=racism": everything[1:],
        "campus=riverside": everything[:1],
        "campus=city": everything[1:2],
        "route=meeting": everything[2:],
        "status=open&assignee=nobody": everything[2:],
    }.items():
        assert references(client.get(f"{LIST}?{query}")) == expected, query


def test_no_choice_of_a_filter_tells_of_a_hidden_case(client, manager):
    stranger = making.person("Hidden Helper", "case_lead")
    hidden = making.case(
        assignee=stranger, types=("hidden_type",), at="hidden_campus", restricted=True, reference="ZZZZ-ZZZZ"
    )
    shown = making.case()
    page = client.get(LIST).content.decode()
    for word in ("Hidden", "hidden_", hidden.reference, str(hidden.pk)):
        assert word not in page
    assert "1 case" in page
    for query in (f"assignee={stranger.pk}", "assignee=987654", "type=hidden_type", "campus=hidden_campus"):
        assert "could not be understood" in client.get(f"{LIST}?{query}").content.decode()
    assert references(client.get(f"{LIST}?q=ZZZZ")) == []
    assert references(client.get(LIST)) == [shown.reference]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("7k3m-9pq2", "7K3M-9PQ2"),
        ("7k3m9pq2", "7K3M-9PQ2"),
        (" 7K3M 9PQ2 ", "7K3M-9PQ2"),
        ("7k3", "7K3"),
        ("7k3m9", "7K3M-9"),
        ("OIL2", "0112"),
        ("%_", ""),
    ],
)
def test_a_reference_is_understood_as_people_type_it(typed, stored):
    assert normal_reference(typed) == stored


def test_a_case_is_found_by_its_reference_or_the_beginning_of_it(client, manager):
    making.case(reference="7K3M-9PQ2"), making.case(reference="7K3N-0000", days_ago=1)
    for typed, expected in {
        "7k3m9pq2": ["7K3M-9PQ2"],
        "7K3": ["7K3M-9PQ2", "7K3N-0000"],
        "9PQ2": [],
        "%": [],
        "7K3M-9PQ2X": [],
    }.items():
        assert references(client.get(LIST, {"q": typed})) == expected, typed


def test_the_search_uses_an_index():
    plan = by_reference(Case.objects.order_by(), "7K3").explain()
    if connection.vendor == "sqlite":
        assert "INDEX" in plan


def test_the_list_asks_the_database_no_more_for_a_hundred_cases_than_for_one(client, manager):
    making.case(assignee=manager)
    client.get(LIST), client.get("/admin/account/")
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    with CaptureQueriesContext(connection) as furniture:
        client.get("/admin/account/")
    for number in range(49):
        making.case(days_ago=number % 7, types=("racism", "bullying"), assignee=manager)
    with CaptureQueriesContext(connection) as fifty:
        assert len(references(client.get(LIST))) == 50
    for number in range(50):
        making.case(days_ago=number % 9)
    with CaptureQueriesContext(connection) as hundred:
        client.get(LIST)
    assert len(one) == len(fifty)
    # The cases, their types, and the choices of the filters; the rest is any admin page's.
    assert len(fifty) - len(furniture) <= 4
    # Past one page, the matches are counted, up to a thousand: in the statement that finds the choices.
    assert len(hundred) == len(fifty)


def test_the_pages_of_the_list_hold_every_case_once_and_lead_back(client, manager):
    made = [making.case(days_ago=number // 30) for number in range(120)]
    expected = [case.reference for case in Case.objects.order_by("-day_received", "-id")]
    assert len(made) == len(expected)
    first = client.get(LIST)
    pages, answer = [references(first)], first
    while older := re.search(r'href="([^"]+older=[^"]+)"', answer.content.decode()):
        answer = client.get(older[1].replace("&amp;", "&"))
        pages.append(references(answer))
    assert [len(page) for page in pages] == [50, 50, 20]
    assert [reference for page in pages for reference in page] == expected
    newer = re.search(r'href="([^"]+newer=[^"]+)"', answer.content.decode())[1]
    assert references(client.get(newer)) == pages[1]


def test_an_empty_list_teaches(client, manager):
    assert "Each report that is sent on the site becomes a case here" in client.get(LIST).content.decode()
    assert "No case fits." in client.get(f"{LIST}?status=new").content.decode()


def test_the_list_says_in_words_what_a_case_is(client, manager):
    making.case(urgent=True, is_test=True, types=("racism",), days_ago=3)
    page = client.get(LIST).content.decode()
    for words in (
        "Racism · City campus · ",
        "Urgent",
        "Test",
        "(3 days ago)",
        "Nobody yet",
        "Please meet me",
    ):
        assert words in page


def test_a_page_of_cases_is_never_stored(client, manager):
    case = making.case()
    for address in (LIST, f"{LIST}results/", f"{LIST}{case.pk}/", f"{LIST}{case.pk}/history/"):
        answer = client.get(address)
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "same-origin"


def test_home_counts_the_very_list_it_links_to(client, manager):
    making.case(), making.case(status="closed"), making.case(assignee=manager), making.case(restricted=True)
    hidden = making.case()
    Block.objects.create(case=hidden, user=manager, source="reporter")
    home = client.get("/admin/").content.decode()
    links = re.findall(r'href="(/admin/cases/\?[^"]+)"><strong>(\d+)</strong>', home)
    assert [count for _url, count in links] == ["0", "0", "0", "0", "2", "1"]
    for url, count in links:
        assert len(references(client.get(url.replace("&amp;", "&")))) == int(count)


def test_looking_is_recorded_once_for_each_look(client, manager):
    case = making.case()
    client.get(f"{LIST}{case.pk}/")
    seen = LedgerEvent.objects.filter(chain=case.pk, kind="case.viewed", actor=str(manager.pk))
    assert seen.count() == 1
    client.get(LIST)
    assert seen.count() == 1
