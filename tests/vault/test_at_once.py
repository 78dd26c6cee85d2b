"""Many at one moment, on real connections: threads that commit."""

import threading
import uuid

import pytest
from django.db import connections, transaction

from tests.vault.models import Letter, write_letter
from wagtail_harassment.vault import anchors, ledger
from wagtail_harassment.vault.models import LedgerChain, LedgerEvent

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count, act):
    """Run ``act(number)`` in ``count`` threads that start together; returns what went wrong."""
    barrier, errors = threading.Barrier(count), []

    def run(number):
        try:
            barrier.wait()
            act(number)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def append(chain, **kwargs):
    with transaction.atomic():
        return ledger.append(chain=chain, kind="case.viewed", **kwargs)


@pytest.mark.parametrize("standing", [True, False])
def test_twenty_events_at_once_on_one_chain_stand_in_one_line(standing):
    chain = uuid.uuid4()
    if standing:
        append(chain, born=True)
    assert at_once(20, lambda number: append(chain)) == []
    sequences = LedgerEvent.objects.filter(chain=chain).values_list("sequence", flat=True)
    assert list(sequences) == list(range(1, 21 + standing))
    assert LedgerChain.objects.get().length == 20 + standing
    assert list(ledger.verify()) == []


def test_twenty_chains_born_at_once_stand_beside_each_other():
    chains = [uuid.uuid4() for _ in range(20)]
    assert at_once(20, lambda number: append(chains[number], born=True)) == []
    assert LedgerChain.objects.count() == 20
    assert list(ledger.verify()) == []


def test_an_event_rolled_back_leaves_no_gap():
    chain = uuid.uuid4()

    def act(number):
        try:
            with transaction.atomic():
                ledger.append(chain=chain, kind="case.viewed")
                if number % 2:
                    raise KeyError
        except KeyError:
            pass

    assert at_once(10, act) == []
    assert list(LedgerEvent.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]
    assert list(ledger.verify()) == []


def test_verifying_and_anchoring_beside_writers_raises_no_false_alarm(tmp_path):
    stop, alarms = threading.Event(), []
    records = [uuid.uuid4() for _ in range(3)]

    def act(number):
        if number < 3:
            try:
                for _ in range(15):
                    with transaction.atomic():
                        letter, _ = write_letter(records[number], "words")
                        ledger.append(chain=records[number], kind="letter.written", rows=[letter])
            finally:
                if number == 0:
                    stop.set()
        else:
            while not stop.is_set():
                alarms.extend(ledger.verify())
                anchors.write(tmp_path)
                alarms.extend(anchors.verify(tmp_path))

    assert at_once(4, act) == []
    assert alarms == []
    assert Letter.objects.count() == 45
    assert list(ledger.verify()) == []


def test_two_anchor_runs_at_once_make_two_anchors_in_one_line(tmp_path):
    for _ in range(5):
        append(uuid.uuid4())
    assert at_once(4, lambda number: anchors.write(tmp_path)) == []
    assert [path.name for path in anchors.paths(tmp_path)] == [f"anchor-00000{n}.json" for n in (1, 2, 3, 4)]
    assert list(anchors.verify(tmp_path)) == []
