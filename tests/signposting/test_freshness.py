import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from wagtail.models import Page

from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.signposting.pages import LandingPage, SupportPage


def read(client, path: str = "/report-support/") -> str:
    return client.get(path).content.decode()


def queries(client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", ["/report-support/", "/report-support/support/"])
def test_a_second_visit_asks_the_database_only_which_page_it_is(client, support, make_service, path):
    make_service("Line", topics=("racism",), in_emergency=True)
    first = read(client, path)
    with CaptureQueriesContext(connection) as captured:
        assert read(client, path) == first
    tables = " ".join(query["sql"] for query in captured)
    assert "supportservice" not in tables
    assert "_term" not in tables
    assert "harassmentsettings" not in tables


@pytest.mark.parametrize(
    "path",
    ["/report-support/", "/report-support/support/", "/report-support/support/?topic=racism&audience=staff"],
)
def test_queries_do_not_grow_with_services(client, support, make_service, path):
    make_service("Line", topics=("racism",), in_emergency=True)
    read(client, path)
    cache.clear()
    one = queries(client, path)
    for number in range(99):
        make_service(f"Line {number}", topics=("racism", "stalking"), in_emergency=number % 2 == 0)
    cache.clear()
    assert queries(client, path) == one


def test_a_changed_term_setting_page_or_slug_shows_at_once(client, landing, make_service, terms, site):
    read(client)
    terms["racism"].label = "Racist abuse"
    terms["racism"].save()
    assert "Racist abuse" in read(client)
    settings = HarassmentSettings.for_site(site)
    settings.security_phone = "01632 960 000"
    settings.save()
    assert "01632 960 000" in read(client)
    landing.title = "Report or get support"
    landing.save_revision().publish()
    assert "<h1>Report or get support</h1>" in read(client)
    LandingPage.objects.get().unpublish()
    assert client.get("/report-support/").status_code == 404


def test_an_unpublished_service_is_gone_at_once(client, landing, make_service):
    service = make_service("Line", phone="0800 333 444", topics=("racism",))
    assert "0800 333 444" in read(client)
    service.unpublish()
    assert "0800 333 444" not in read(client)


def test_a_change_of_topics_alone_shows_at_once(client, landing, make_service, terms):
    service = make_service("Line", phone="0800 333 444", topics=("racism",))
    assert "0800 333 444" in read(client)
    service.topics = [terms["stalking"]]
    service.save_revision().publish()
    assert "0800 333 444" not in read(client)


def test_a_process_with_an_old_cache_of_its_own_shows_the_change(client, landing, make_service):
    service = make_service("Line", phone="0800 333 444", topics=("racism",))
    read(client)
    old = dict(cache._cache), dict(cache._expire_info)
    service.phone = "0800 555 666"
    service.save_revision().publish()
    cache.clear()
    cache._cache.update(old[0])
    cache._expire_info.update(old[1])
    assert "0800 555 666" in read(client)


def test_a_page_made_from_a_revision_has_no_stamp_and_is_never_kept(client, landing, rf):
    landing.title = "Half written"
    landing.save_revision()
    read(client)
    draft = LandingPage.objects.get().get_latest_revision_as_object()
    assert draft.stamp is None
    before = set(cache._cache)
    request = rf.get("/report-support/")
    assert "Half written" in draft.serve(request).render().content.decode()
    assert set(cache._cache) == before
    assert "Half written" not in read(client)


def test_a_preview_shows_the_draft_and_leaves_no_trace_of_it(client, landing, admin_client):
    landing.title = "Half written"
    landing.save_revision()
    before = set(cache._cache)
    preview = admin_client.get(f"/admin/pages/{landing.pk}/view_draft/")
    assert "Half written" in preview.content.decode()
    assert "frame-ancestors 'self'" in preview.headers["Content-Security-Policy"]
    assert {key for key in cache._cache if "wagtail_harassment" in key} == {
        key for key in before if "wagtail_harassment" in key
    }
    assert "Half written" not in read(client)


def test_publishing_a_revision_never_brings_an_old_stamp_back(landing):
    seen = {landing.stamp}
    for title in ["One", "Two", "Three"]:
        page = LandingPage.objects.get()
        page.title = title
        page.save_revision().publish()
        stamp = LandingPage.objects.get().stamp
        assert stamp is not None
        assert stamp not in seen
        seen.add(stamp)


def test_languages_are_kept_apart(landing, rf, site):
    request = rf.get("/", headers={"host": "localhost"})
    with translation.override("en-gb"):
        landing.rendered(request)
    keys = {key for key in cache._cache if "body" in key}
    with translation.override("cy"):
        landing.rendered(request)
    assert len({key for key in cache._cache if "body" in key}) == len(keys) + 1


def test_moving_a_page_that_is_linked_to_changes_the_link(client, landing, support, site):
    target = Page(title="Policy", slug="policy")
    landing.add_child(instance=target)
    landing.body = landing.body.stream_block.to_python(
        [
            {
                "type": "call_to_action",
                "value": {"heading": "Read", "text": "", "page": target.pk, "button": "Policy"},
            }
        ]
    )
    landing.save_revision().publish()
    assert 'href="/report-support/policy/"' in read(client)
    target.refresh_from_db()
    target.move(site.root_page, pos="last-child")
    assert 'href="/policy/"' in read(client)


def test_both_kinds_of_page_get_a_new_stamp(landing, support, make_service):
    before = {LandingPage.objects.get().stamp, SupportPage.objects.get().stamp}
    make_service("Line")
    assert before & {LandingPage.objects.get().stamp, SupportPage.objects.get().stamp} == set()
