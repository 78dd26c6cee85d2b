"""A hundred sudden deaths of a process that stores files: what counts is whole, and nobody loses sight of the rest."""

import pytest

from tests.vault.conftest import keep_in
from tests.vault.test_files_sudden_death import survive

pytestmark = [pytest.mark.torture, pytest.mark.django_db(transaction=True)]

DEATHS = 100


def test_a_hundred_processes_killed_while_storing_leave_nothing_half_and_nothing_unknown(
    settings, tmp_path, monkeypatch
):
    keep_in(settings, tmp_path / "evidence")
    whole, halted = survive(monkeypatch, DEATHS)
    assert whole > DEATHS
    assert DEATHS / 10 < halted <= DEATHS
