"""Where and when something happened is compared, and stands nowhere."""

from __future__ import annotations

import pytest
from django.db import transaction

from tests.casework.linking.making import proposed
from tests.casework.linking.test_reading import at, places  # noqa: F401
from tests.factories import make_case, make_person
from wagtail_harassment.casework import opening, watch
from wagtail_harassment.casework.linking import places as noting
from wagtail_harassment.casework.models import Case, PlaceEntry, Role
from wagtail_harassment.vault import keyring
from wagtail_harassment.vault.models import SealedKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER)


@pytest.fixture
def public_tier(tmp_path, settings):
    """Run some of it on a front tier, whose keyring opens nothing."""
    whole = settings.WAGTAIL_HARASSMENT_KEYRING
    public = tmp_path / "public.json"
    keyring.write(keyring.read(whole).public(), public)

    def on(what):
        settings.WAGTAIL_HARASSMENT_KEYRING = str(public)
        try:
            return what()
        finally:
            settings.WAGTAIL_HARASSMENT_KEYRING = whole

    return on


@pytest.mark.usefixtures("places")
def test_what_a_public_tier_took_in_is_compared_after_the_watch_ran(manager, public_tier):
    one, other = (public_tier(lambda: at("2026-03-10")) for _each in range(2))
    assert PlaceEntry.objects.count() == 0
    assert public_tier(noting.index_waiting) == 0
    assert proposed(one, manager) == {}
    watch.run()
    assert set(proposed(one, manager)) == {other.pk}
    assert not Case.objects.filter(placed=False).exists()
    rows = set(PlaceEntry.objects.values_list("case", "exact", "digest"))
    assert len(rows) == 2 * (2 + 2 * noting.DAYS)
    noting.reindex()
    assert set(PlaceEntry.objects.values_list("case", "exact", "digest")) == rows


@pytest.mark.usefixtures("places")
def test_neither_place_nor_day_stands_in_the_table_and_the_key_decides(manager):
    at("2026-03-10")
    digests = set(PlaceEntry.objects.values_list("digest", flat=True))
    assert {len(digest) for digest in digests} == {64}
    assert not any(word in str(digests) for word in ("city", "library", "2026"))


@pytest.mark.usefixtures("places")
def test_what_was_erased_is_found_no_more_and_keeps_nobody_waiting(manager):
    one, other = at("2026-03-10"), at("2026-03-11")
    keys = SealedKey.objects.filter(record=other.pk, unit=other.pk)
    keys.update(destroy_after="2020-01-01", held=False)
    keys.delete()
    assert noting.sweep() == 2 + 2 * noting.DAYS
    assert proposed(one, manager) == {}
    noting.reindex()
    assert proposed(one, manager) == {}
    assert Case.objects.get(pk=other.pk).placed


def test_a_case_is_opened_whatever_becomes_of_its_place(manager, monkeypatch):
    def broken(*args):
        raise RuntimeError("city/library")

    monkeypatch.setattr(noting, "_told", broken)
    with transaction.atomic():
        case = make_case(incident_type=["racism"])
    assert Case.objects.filter(pk=case.pk, placed=True).exists()
    assert opening.missing().count() == 0
