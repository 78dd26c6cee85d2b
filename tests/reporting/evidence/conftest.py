"""Fixtures of the tests of evidence."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from wagtail_harassment.reporting.evidence import arriving
from wagtail_harassment.reporting.evidence.scanning import ClamAV


@pytest.fixture(autouse=True)
def storage(settings, tmp_path) -> Path:
    """A place for files of this test's own."""
    harassment = settings.STORAGES["harassment"] | {"OPTIONS": {"location": tmp_path / "evidence"}}
    settings.STORAGES = settings.STORAGES | {"harassment": harassment}
    return tmp_path / "evidence"


@pytest.fixture(autouse=True)
def _rested(monkeypatch):
    """A scanner that hung in one test is asked again in the next."""
    monkeypatch.setattr(arriving, "_tired_until", 0.0)


@pytest.fixture
def behaving(settings, storage):
    """Puts a storage of another class, by its dotted path, where files go."""

    def choose(path: str) -> None:
        settings.STORAGES = settings.STORAGES | {
            "harassment": {"BACKEND": path, "OPTIONS": {"location": storage}}
        }

    return choose


@pytest.fixture
def waiting(settings, tmp_path) -> Path:
    """A folder of this test's own for what waits there while it arrives."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "temporary")
    (tmp_path / "temporary").mkdir()
    return tmp_path / "temporary"


@pytest.fixture
def clamav_at(settings):
    """ClamAV's scanner, at an address."""

    def clamav(address):
        settings.WAGTAIL_HARASSMENT_CLAMD = address
        return ClamAV()

    return clamav


@pytest.fixture
def logged(caplog):
    """What the log says, all levels of it."""
    caplog.set_level(logging.DEBUG)
    return lambda: [(record.levelname, record.getMessage()) for record in caplog.records]
