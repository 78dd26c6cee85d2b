"""People and a case with files, each test's in a storage of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import override_settings

from tests.factories import make_case, make_person
from wagtail_harassment.casework.models import Case, Role
from wagtail_harassment.vault import keyring


@pytest.fixture(autouse=True)
def storage(settings: LazySettings, tmp_path: Path) -> Path:
    """A place for files of this test's own."""
    harassment = settings.STORAGES["harassment"] | {"OPTIONS": {"location": tmp_path / "evidence"}}
    settings.STORAGES = settings.STORAGES | {"harassment": harassment}
    return tmp_path / "evidence"


@pytest.fixture
def manager(db: None) -> object:
    return make_person(Role.CASE_MANAGER, username="priya", first_name="Priya", last_name="Nair")


@pytest.fixture
def lead(db: None) -> object:
    return make_person(Role.CASE_LEAD, username="lena", first_name="Lena", last_name="Lindqvist")


@pytest.fixture
def case(manager: object) -> Case:
    return make_case(account="They shouted at me.")


@pytest.fixture
def public_keyring(tmp_path: Path) -> Callable[[], AbstractContextManager[None]]:
    """A block in which the keyring is a public one: it opens nothing."""
    path = tmp_path / "public.json"
    keyring.write(keyring.get_keyring().public(), path)
    return lambda: override_settings(WAGTAIL_HARASSMENT_KEYRING=path)


@pytest.fixture
def scanned_by(settings: LazySettings, clamd: str) -> Callable[[str], None]:
    """Lets ClamAV look at files: "clamav", one that is "down", or "nobody"."""

    def choose(who: str = "clamav") -> None:
        name = "NoScanner" if who == "nobody" else "ClamAV"
        settings.WAGTAIL_HARASSMENT_SCANNER = f"wagtail_harassment.reporting.evidence.scanning.{name}"
        settings.WAGTAIL_HARASSMENT_CLAMD = clamd if who == "clamav" else "/nowhere/clamd.ctl"

    return choose
