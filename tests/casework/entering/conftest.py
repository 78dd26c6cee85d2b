"""A published form, somebody who works cases, and their browser."""

from __future__ import annotations

import pytest

from tests.casework.entering.desk import Desk
from tests.factories import make_person
from tests.reporting.conftest import form_page, guest, home, inbox_page, landing, words  # noqa: F401
from wagtail_harassment.casework.models import Role


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER, username="priya", first_name="Priya", last_name="Nair")


@pytest.fixture
def lead(db):
    return make_person(Role.CASE_LEAD, username="lena", first_name="Lena", last_name="Lindqvist")


@pytest.fixture
def desk(form_page, lead, manager):  # noqa: F811
    return Desk(manager)
