import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.test import override_settings

from wagtail_harassment.institution import checks


def ids(messages):
    return [message.id for message in messages if message.id.startswith("wagtail_harassment.")]


def test_the_demos_settings_are_in_order():
    assert checks.check_installed_apps() == []
    assert checks.check_history_middleware() == []


@pytest.mark.parametrize(
    ("name", "number"),
    [("simple_history", "E020"), ("wagtail_modeladmin", "E021"), ("wagtail.contrib.settings", "E022")],
)
def test_an_app_that_is_missing_is_an_error_that_says_what_to_add(name, number, monkeypatch):
    monkeypatch.setattr(checks.apps, "is_installed", lambda asked: asked != name)
    (error,) = checks.check_installed_apps()
    assert (error.id, error.hint) == (f"wagtail_harassment.{number}", f'Add "{name}" to INSTALLED_APPS.')


def test_history_without_its_middleware_is_warned_of():
    without = [name for name in settings.MIDDLEWARE if "simple_history" not in name]
    with override_settings(MIDDLEWARE=without):
        assert "wagtail_harassment.W023" in ids(run_checks())
    assert "wagtail_harassment.W023" not in ids(run_checks())
