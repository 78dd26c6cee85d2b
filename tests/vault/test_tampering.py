"""Random histories, tampered with at random by someone who owns the database: found, and named."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vault.conftest import attacker, undone
from tests.vault.models import Letter, write_letter
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.digests import GENESIS, hash_of
from wagtail_harassment.vault.envelope import open_key
from wagtail_harassment.vault.fields import seal_fields
from wagtail_harassment.vault.models import LedgerChain, LedgerEvent

pytestmark = pytest.mark.django_db
slowly = settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])

STEPS = st.lists(st.sampled_from(["write", "rewrite", "look", "remove"]), min_size=2, max_size=8)


class History:
    """A chain with letters written, rewritten and removed, each act told of by an event."""

    def __init__(self, steps):
        self.record = uuid.uuid4()
        self.letters = []
        self.older = {}
        for step in steps:
            self.act(step)

    def act(self, step):
        if step == "write" or (step in ("rewrite", "remove") and not self.letters):
            letter, _ = write_letter(self.record, "words")
            self.letters.append(letter)
            ledger.append(chain=self.record, kind="letter.written", rows=[letter])
        elif step == "rewrite":
            letter = self.letters[-1]
            self.older[letter.pk] = letter.body
            seal_fields(letter, open_key(record=self.record, unit=letter.pk), body=f"words {uuid.uuid4()}")
            letter.save()
            ledger.append(chain=self.record, kind="letter.rewritten", rows=[letter])
        elif step == "remove":
            letter = self.letters.pop()
            ledger.append(chain=self.record, kind="letter.removed", removed=[letter])
            Letter.objects.filter(pk=letter.pk).delete()
        else:
            ledger.append(chain=self.record, kind="case.viewed")

    @property
    def events(self):
        return LedgerEvent.objects.filter(chain=self.record).order_by("sequence")

    def problems(self):
        findings = list(ledger.verify())
        assert {finding.chain for finding in findings} <= {self.record}
        return [finding.problem for finding in findings]


def rehash(events, head=True):
    """What a careful attacker does: mend every hash, and the tip."""
    previous, chain, length = GENESIS, None, 0
    for event in events:
        event.previous = previous
        previous = event.hash = hash_of(event)
        event.save()
        chain, length = event.chain, event.sequence
    if head:
        LedgerChain.objects.filter(pk=chain).update(length=length, tip=previous)


@slowly
@given(STEPS)
def test_an_honest_history_verifies(steps):
    with undone():
        assert History(steps).problems() == []


@slowly
@given(STEPS, st.data())
def test_a_changed_event_is_named(steps, data):
    with undone():
        history = History(steps)
        event = data.draw(st.sampled_from(list(history.events)))
        column = data.draw(
            st.sampled_from(["kind", "actor", "day", "at", "body", "previous", "hash", "forged row"])
        )
        if column == "day":
            event.day += timedelta(days=1)
        elif column == "at":
            from django.utils import timezone

            event.at = timezone.now()
        elif column == "body":
            event.body = {**event.body, "extra": 1}
        elif column == "forged row":
            event.body = {"rows": {f"vault.letter:{uuid.uuid4()}": "00"}}
        elif column in ("previous", "hash"):
            first, *rest = bytes(getattr(event, column))
            setattr(event, column, bytes([first ^ 0xFF, *rest]))
        else:
            setattr(event, column, "other")
        with attacker():
            event.save()
        assert f"Event {event.sequence} ({event.kind}) was changed." in history.problems()


@slowly
@given(STEPS, st.data())
def test_an_event_taken_out_of_the_middle_is_named(steps, data):
    with undone():
        history = History(steps)
        *others, _last = history.events
        gone = data.draw(st.sampled_from(others))
        with attacker():
            LedgerEvent.objects.filter(pk=gone.pk).delete()
        assert (
            f"Event {gone.sequence} is missing: the next one there is {gone.sequence + 1}."
            in history.problems()
        )


@slowly
@given(STEPS, st.data())
def test_an_event_taken_out_and_the_rest_renumbered_is_named(steps, data):
    with undone():
        history = History(steps)
        *others, _last = history.events
        gone = data.draw(st.sampled_from(others))
        with attacker():
            LedgerEvent.objects.filter(pk=gone.pk).delete()
            for event in history.events.filter(sequence__gt=gone.sequence):
                LedgerEvent.objects.filter(pk=event.pk).update(sequence=event.sequence - 1)
        problems = history.problems()
        successor = history.events.get(sequence=gone.sequence)
        assert f"Event {gone.sequence} ({successor.kind}) was changed." in problems
        assert f"Event {gone.sequence} ({successor.kind}) does not follow the one before it." in problems


@slowly
@given(STEPS, st.integers(1, 3))
def test_a_tail_cut_off_is_named(steps, count):
    with undone():
        history = History(steps)
        length = history.events.count()
        count = min(count, length)
        with attacker():
            history.events.filter(sequence__gt=length - count).delete()
        assert (
            f"The last event there is {length - count}, and the tip says {length}: cut off or added to."
            in history.problems()
        )


@slowly
@given(STEPS)
def test_an_event_added_at_the_end_is_named(steps):
    with undone():
        history = History(steps)
        last = history.events.last()
        with attacker():
            added = LedgerEvent(
                chain=history.record,
                sequence=last.sequence + 1,
                kind="case.closed",
                day=last.day,
                previous=last.hash,
            )
            added.hash = hash_of(added)
            added.save()
        assert (
            f"The last event there is {added.sequence}, and the tip says {last.sequence}: cut off or added to."
            in history.problems()
        )


@slowly
@given(STEPS, st.data())
def test_two_events_that_changed_places_are_named(steps, data):
    with undone():
        history = History(steps)
        events = list(history.events)
        one, other = sorted(
            data.draw(
                st.lists(
                    st.sampled_from(events), min_size=2, max_size=2, unique_by=lambda event: event.sequence
                )
            ),
            key=lambda event: event.sequence,
        )
        with attacker():
            places = one.sequence, other.sequence
            for event, sequence in [(one, 999), (other, places[0]), (one, places[1])]:
                LedgerEvent.objects.filter(pk=event.pk).update(sequence=sequence)
        problems = history.problems()
        assert f"Event {places[0]} ({other.kind}) was changed." in problems
        assert f"Event {places[1]} ({one.kind}) was changed." in problems


@slowly
@given(STEPS, st.sampled_from(["tip", "length", "gone"]))
def test_a_changed_or_missing_tip_is_named(steps, how):
    with undone():
        history = History(steps)
        length = history.events.count()
        head = LedgerChain.objects.filter(pk=history.record)
        with attacker():
            if how == "gone":
                head.delete()
            else:
                head.update(**{"tip": {"tip": bytes(32)}, "length": {"length": length + 1}}[how])
        expected = {
            "tip": "The last event's hash is not the one that the tip says.",
            "length": f"The last event there is {length}, and the tip says {length + 1}: cut off or added to.",
            "gone": f"The chain's tip is missing; {length} events are there.",
        }[how]
        assert expected in history.problems()


@slowly
@given(STEPS)
def test_an_older_sealed_value_put_back_is_named(steps):
    with undone():
        history = History([*steps, "write", "rewrite"])
        letter = history.letters[-1]
        Letter.objects.filter(pk=letter.pk).update(body=history.older[letter.pk])
        assert history.problems() == [
            f"vault.letter:{letter.pk} is not as the last event that tells of it left it."
        ]


@slowly
@given(STEPS)
def test_sealed_values_swapped_between_two_rows_are_named(steps):
    with undone():
        history = History([*steps, "write", "write"])
        one, other = history.letters[-2:]
        Letter.objects.filter(pk=one.pk).update(body=other.body)
        Letter.objects.filter(pk=other.pk).update(body=one.body)
        assert sorted(history.problems()) == sorted(
            f"vault.letter:{letter.pk} is not as the last event that tells of it left it."
            for letter in (one, other)
        )


@slowly
@given(STEPS)
def test_a_row_deleted_without_an_event_is_named(steps):
    with undone():
        history = History([*steps, "write"])
        gone = history.letters[-1].pk
        Letter.objects.filter(pk=gone).delete()
        assert history.problems() == [f"vault.letter:{gone} is told of by an event, and is not there."]


@slowly
@given(STEPS)
def test_a_row_added_without_an_event_is_named(steps):
    with undone():
        history = History(steps)
        added, _ = write_letter(history.record, "words")
        assert history.problems() == [f"vault.letter:{added.pk} is there, and no event tells of it."]


def test_a_row_moved_to_another_chain_is_named_on_both():
    one, other = History(["write"]), History(["look"])
    letter = one.letters[0]
    Letter.objects.filter(pk=letter.pk).update(record=other.record)
    assert {(finding.chain, finding.problem) for finding in ledger.verify()} == {
        (one.record, f"vault.letter:{letter.pk} is told of by an event, and is not there."),
        (other.record, f"vault.letter:{letter.pk} is there, and no event tells of it."),
    }


def test_a_row_told_of_by_a_tail_that_was_cut_off_with_its_tip_mended_is_still_named():
    history = History(["look", "write"])
    with attacker():
        history.events.filter(sequence=2).delete()
        rehash(history.events)
    assert history.problems() == [f"vault.letter:{history.letters[0].pk} is there, and no event tells of it."]


@slowly
@given(st.lists(STEPS, min_size=2, max_size=3), st.data())
def test_other_chains_are_not_blamed(histories, data):
    with undone():
        made = [History(steps) for steps in histories]
        victim = data.draw(st.sampled_from(made))
        with attacker():
            victim.events.filter(sequence=1).update(kind="x")
        assert {finding.chain for finding in ledger.verify()} == {victim.record}


def test_a_body_of_the_wrong_shape_is_a_finding_and_no_crash():
    for body in ([1], "x", {"rows": [1]}, {"rows": {"a": 0.5}}, 0.5):
        with transaction.atomic():
            history = History(["look", "look"])
            with attacker():
                history.events.filter(sequence=1).update(body=body)
            assert "Event 1 (case.viewed) was changed." in history.problems()
            transaction.set_rollback(True)
