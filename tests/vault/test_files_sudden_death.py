"""The process that stores files is killed at any moment: what counts is whole, and nobody loses sight of the rest."""

import hashlib
import io
import os
import random
import signal
import time
import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from tests.forking import fork_apart
from tests.vault.making import SECRET, names, opened, seal
from wagtail_harassment.vault import files, integrity
from wagtail_harassment.vault.models import FileState, StoredFile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PLAIN = bytes(range(256)) * (3 * 2**20 // 256)


def store_for_ever():
    """One file of 3 MB after another; every third goes again."""
    number = 0
    while True:
        made = seal(PLAIN, pk=uuid.uuid4())
        files.put(made.pk, io.BytesIO(made.data), made.blob, secret=SECRET, take=lambda chunks: None)
        with transaction.atomic():
            files.finish([made.pk])
        number += 1
        if number % 3 == 0:
            files.discard([made.pk])


def kill_while_storing():
    """Store in a process of its own, which is killed with SIGKILL at a random moment."""
    pid = fork_apart()
    if pid == 0:
        try:
            store_for_ever()
        finally:
            os._exit(1)
    time.sleep(random.uniform(0.05, 0.7))
    os.kill(pid, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def survive(monkeypatch, rounds):
    """Rounds of sudden death; how many files were whole in the end of each, and how many were on their way."""
    counted = 0
    for _round in range(rounds):
        kill_while_storing()
        # Every file has a row, every row that counts has its file, to the last byte.
        assert list(integrity.check()) == []
        whole = StoredFile.objects.filter(state=FileState.WHOLE)
        for row in whole:
            assert hashlib.sha256(opened(row)).digest() == hashlib.sha256(PLAIN).digest()
            counted += 1
        files.discard(whole.values_list("pk", flat=True))
    halted = StoredFile.objects.count()
    later = timezone.localdate() + timedelta(days=files.GIVEN_UP_AFTER)
    monkeypatch.setattr("wagtail_harassment.vault.files.timezone.localdate", lambda: later)
    assert files.sweep() == halted
    assert (StoredFile.objects.count(), names()) == (0, [])
    return counted, halted


def test_a_process_killed_while_storing_leaves_nothing_half_that_counts_and_nothing_unknown(
    evidence, monkeypatch
):
    whole, halted = survive(monkeypatch, 10)
    assert whole > 0
    assert 0 < halted <= 10
