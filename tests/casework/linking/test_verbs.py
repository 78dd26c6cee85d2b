"""Linking two cases, taking a link away, turning a proposal down."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from tests.casework.linking.making import about, linked, proposed, shown
from tests.factories import make_case, make_person
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.linking import verbs
from wagtail_harassment.casework.models import Block, Case, CaseLink, DismissedLink, Role
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.models import LedgerEvent, SealedKey

pytestmark = pytest.mark.django_db

WHY = "the tutor told me that it is the same man"


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER)


@pytest.fixture
def pair(manager):
    return make_case(), make_case()


def told(case):
    """What the ledger says of links, of one case, without the rows."""
    assert list(ledger.verify([case.pk])) == []
    events = LedgerEvent.objects.filter(chain=case.pk, kind__startswith="link.").order_by("sequence")
    return [(event.kind, {k: v for k, v in event.body.items() if k != "rows"}) for event in events]


def words(end, name):
    return reveal(end, name, envelope.open_key(record=end.case_id, unit=end.pk))


def test_a_link_stands_on_both_cases_with_its_words_sealed_with_each(pair, manager):
    one, other = pair
    end = linked(one, other, manager, note=f" {WHY}\r\n")
    ends = {row.case_id: row for row in CaseLink.objects.all()}
    assert set(ends) == {one.pk, other.pk}
    assert ends[one.pk] == end
    assert {(row.other_id, row.kind, row.linked_by, row.removed) for row in ends.values()} == {
        (one.pk, "reported", manager, False),
        (other.pk, "reported", manager, False),
    }
    assert [words(row, "note") for row in ends.values()] == [WHY, WHY]
    assert [told(case) for case in pair] == [[("link.added", {"link": "reported"})]] * 2
    # Neither case's chain says which the other is.
    for case, another in (pair, pair[::-1]):
        body = LedgerEvent.objects.get(chain=case.pk, kind="link.added").body
        assert str(another.pk) not in str(body)
        assert another.reference not in str(body)


def test_one_case_erased_takes_its_own_copy_of_the_words_and_leaves_the_others(pair, manager):
    one, other = pair
    linked(one, other, manager, note=WHY)
    SealedKey.objects.filter(record=one.pk, unit__in=CaseLink.objects.values("pk")).update(
        destroy_after="2020-01-01", held=False
    )
    SealedKey.objects.filter(record=one.pk, unit__in=CaseLink.objects.values("pk")).delete()
    with pytest.raises(envelope.KeyDestroyed):
        words(CaseLink.objects.get(case=one), "note")
    assert words(CaseLink.objects.get(case=other), "note") == WHY


def test_a_pair_is_linked_once_for_each_kind_from_whichever_side(pair, manager):
    one, other = pair
    first = verbs.link(case=one, other=other, kind="reported", by=manager)
    again = verbs.link(case=other, other=one, kind="reported", by=manager)
    assert (first.new, again.new, again.row.link) == (True, False, first.row.link)
    assert verbs.link(case=other, other=one, kind="incident", by=manager).new
    assert shown(one, manager) == {(other.pk, "reported"), (other.pk, "incident")}
    assert shown(other, manager) == {(one.pk, "reported"), (one.pk, "incident")}
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseLink.objects.create(
            link=uuid.uuid4(),
            case=one,
            other=other,
            kind="reported",
            linked_by=manager,
            linked_at=first.row.linked_at,
        )


def test_words_that_would_be_lost_are_said_to_be_and_a_form_sent_twice_is_sent_once(pair, manager):
    one, other = pair
    once = uuid.uuid4()
    first = verbs.link(case=one, other=other, kind="other", note=WHY, once=once, by=manager)
    twice = verbs.link(case=one, other=other, kind="other", note=WHY, once=once, by=manager)
    assert (twice.new, twice.row) == (False, first.row)
    with pytest.raises(ValidationError, match="linked so already"):
        verbs.link(case=one, other=other, kind="other", note="more words", once=once, by=manager)
    assert [len(told(case)) for case in pair] == [1, 1]


def test_a_link_is_taken_away_on_both_with_a_reason_and_stays_to_be_read(pair, manager):
    one, other = pair
    linked(one, other, manager, note=WHY)
    bare = linked(one, other, manager, kind="incident")
    for end in CaseLink.objects.filter(case=other):
        with pytest.raises(ValidationError, match="Write why"):
            verbs.unlink(case=other, link=end.pk, reason=" ", by=manager)
        verbs.unlink(case=other, link=end.pk, reason="another man of that name", by=manager)
        verbs.unlink(case=other, link=end.pk, reason="twice", by=manager)
    for end in CaseLink.objects.all():
        assert (end.removed, end.removed_by, words(end, "because")) == (
            True,
            manager,
            "another man of that name",
        )
        assert end.link == bare.link or words(end, "note") == WHY
    assert (shown(one, manager), shown(other, manager)) == (set(), set())
    assert [kind for kind, _body in told(one)] == ["link.added"] * 2 + ["link.removed"] * 2
    again = verbs.link(case=one, other=other, kind="incident", by=manager)
    assert again.new
    assert CaseLink.objects.filter(case=one).count() == 3


def test_nothing_is_deleted_and_what_is_taken_away_never_changes(pair, manager):
    one, other = pair
    end = linked(one, other, manager)
    verbs.dismiss(case=one, other=other, bases=["place"], by=manager)
    verbs.unlink(case=one, link=end.pk, reason="no", by=manager)
    for act in (
        lambda: CaseLink.objects.all().delete(),
        lambda: CaseLink.objects.update(removed=False),
        lambda: DismissedLink.objects.all().delete(),
        lambda: DismissedLink.objects.update(basis="code"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert list(ledger.verify([one.pk, other.pk])) == []


def test_a_row_changed_behind_the_verbs_is_found(pair, manager):
    one, other = pair
    linked(one, other, manager)
    CaseLink.objects.filter(case=one).update(kind="reporter")
    assert len(list(ledger.verify([one.pk]))) == 1
    assert list(ledger.verify([other.pk])) == []


@pytest.mark.parametrize("kept_out_of", ["this", "the other"])
@pytest.mark.parametrize("how", ["blocked", "restricted"])
def test_whoever_may_not_see_both_does_nothing_about_links_on_either(pair, manager, kept_out_of, how):
    one, other = pair
    end = linked(one, other, make_person(Role.CASE_LEAD))
    hidden = one if kept_out_of == "this" else other
    if how == "blocked":
        Block.objects.create(case=hidden, user=manager, source=Block.Source.NAMED)
    else:
        Case.objects.filter(pk=hidden.pk).update(restricted=True)
    before = LedgerEvent.objects.count()
    for act in (
        lambda: verbs.link(case=one, other=other, kind="incident", by=manager),
        lambda: verbs.link(case=one, other=other, kind="reported", by=manager),
        lambda: verbs.unlink(case=one, link=end.pk, reason="no", by=manager),
        lambda: verbs.dismiss(case=one, other=other, bases=["place"], by=manager),
    ):
        with pytest.raises(actions.NotAllowed):
            act()
    assert (LedgerEvent.objects.count(), DismissedLink.objects.count()) == (before, 0)
    assert CaseLink.objects.filter(removed=False).count() == 2


def test_what_makes_no_sense_is_said_and_leaves_nothing(pair, manager):
    one, other = pair
    for given in (
        {"other": one, "kind": "other"},
        {"other": other, "kind": "merge"},
        {"other": other, "kind": "other", "basis": "gossip"},
        {"other": other, "kind": "other", "note": "x" * (verbs.WORDS_MAX_BYTES + 1)},
    ):
        with pytest.raises(ValidationError):
            verbs.link(case=one, by=manager, **given)
    stranger = make_case()
    end = linked(one, other, manager)
    with pytest.raises(CaseLink.DoesNotExist):
        verbs.unlink(case=stranger, link=end.pk, reason="no", by=manager)
    assert CaseLink.objects.count() == 2


def test_what_was_turned_down_does_not_come_back_on_either_for_that_reason(manager):
    one, other = about(), about()
    assert set(proposed(one, manager)) == {other.pk}
    assert verbs.dismiss(case=one, other=other, bases=["reported", "nonsense"], by=manager) == 1
    assert verbs.dismiss(case=other, other=one, bases=["reported"], by=manager) == 0
    assert (proposed(one, manager), proposed(other, manager)) == ({}, {})
    assert [told(case) for case in (one, other)] == [[("link.dismissed", {"bases": ["reported"]})]] * 2
    third = about()
    assert set(proposed(one, manager)) == {third.pk}
