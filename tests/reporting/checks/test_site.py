"""The checks name what on a host's site would tell of a visit, each under its own number."""

from __future__ import annotations

import logging

import pytest

from wagtail_harassment.reporting.base_templates import loads
from wagtail_harassment.reporting.checks import site as checks
from wagtail_harassment.reporting.discretion import WithoutVisitors


def found(check) -> list[str]:
    return [message.id.removeprefix("wagtail_harassment.") for message in check()]


def test_the_demo_is_told_nothing():
    for name in checks.__all__:
        assert found(getattr(checks, name)) == [], name


@pytest.mark.parametrize(
    "name",
    [
        "request.middleware.RequestMiddleware",
        "easyaudit.middleware.easyaudit.EasyAuditMiddleware",
        "silk.middleware.SilkyMiddleware",
        "debug_toolbar.middleware.DebugToolbarMiddleware",
        "auditlog.middleware.AuditlogMiddleware",
        "tracking.middleware.VisitorTrackingMiddleware",
        "elasticapm.contrib.django.middleware.TracingMiddleware",
    ],
)
def test_middleware_that_writes_down_who_came(settings, name):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, name]
    assert found(checks.check_tracing_middleware) == ["W041"]
    assert name in checks.check_tracing_middleware()[0].msg


def test_middleware_with_a_name_that_only_begins_alike_is_not_accused(settings):
    settings.MIDDLEWARE = ["request.middleware.Other", "silky.middleware.Mine", "tracking.ours.Middleware"]
    assert found(checks.check_tracing_middleware) == []


@pytest.fixture
def base(settings, tmp_path):
    """Write base templates, and use one."""
    engine = settings.TEMPLATES[0] | {"DIRS": [str(tmp_path)]}
    settings.TEMPLATES = [engine]

    def write(source: str, name: str = "base_of_a_test.html") -> None:
        (tmp_path / name).write_text(source)
        settings.WAGTAIL_HARASSMENT_BASE_TEMPLATE = name

    return write


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>',
        '<link rel="stylesheet" href="//cdn.example/x.css">',
        '<link rel="preconnect" href="https://fonts.example">',
        '<img src="http://counter.example/{{ page.pk }}.gif" alt="">',
        '<img srcset="/a.png 1x, https://cdn.example/b.png 2x" src="/a.png" alt="">',
        '<iframe src="HTTPS://chat.example/"></iframe>',
    ],
)
def test_a_base_template_that_loads_from_elsewhere(base, markup):
    base(f"<html><head>{markup}</head>{{% block content %}}{{% endblock %}}</html>")
    assert found(checks.check_base_template) == ["W043"]


def test_what_a_base_template_extends_counts_too(base):
    base('<script src="https://cdn.example/x.js"></script>{% block a %}{% endblock %}', "grandparent.html")
    base('{% extends "grandparent.html" %}', "parent.html")
    base('{% extends "parent.html" %}{% block a %}{% endblock %}')
    assert found(checks.check_base_template) == ["W043"]


@pytest.mark.parametrize(
    ("markup", "ids"),
    [
        ("<script>track()</script>", ["W044"]),
        ("<style>p { color: red }</style>", ["W044"]),
        ('<body onload="track()">', ["W044"]),
        ('<p style="color: red">', ["W044"]),
        ("<style>@import url(https://fonts.example/x.css);</style>", ["W043", "W044"]),
    ],
)
def test_a_base_template_with_scripts_or_styles_in_its_markup(base, markup, ids):
    base(f"<html>{markup}{{% block content %}}{{% endblock %}}</html>")
    assert found(checks.check_base_template) == ids


def test_links_that_are_only_followed_and_files_of_ones_own_are_no_matter(base):
    base(
        """{% load static %}<link rel="stylesheet" href="{% static 'x.css' %}"><link rel="canonical" href="https://x.example/">
        <script src="{% static 'x.js' %}" defer></script><a href="https://www.example.org/">there</a>
        {# <script src="https://cdn.example/x.js"></script> #}{% comment %}<script>1</script>{% endcomment %}
        <script type="application/json">{"a": "https://x.example"}</script>"""
    )
    assert found(checks.check_base_template) == []


def test_a_base_template_that_is_not_there(settings):
    settings.WAGTAIL_HARASSMENT_BASE_TEMPLATE = "no/such.html"
    assert found(checks.check_base_template) == ["E042"]


def test_the_packages_own_base_template_loads_its_own_files_only():
    assert loads("wagtail_harassment/base.html") == loads("university/harassment_base.html")
    assert (
        loads("wagtail_harassment/base.html").elsewhere,
        loads("wagtail_harassment/base.html").inline,
    ) == ([], [])


def test_cookies_that_are_set_again_or_stay(settings):
    settings.SESSION_SAVE_EVERY_REQUEST = True
    settings.CSRF_COOKIE_AGE = 31449600
    assert found(checks.check_cookies) == ["W045", "W046"]


@pytest.mark.parametrize("name", ["django", "django.request", "django.server"])
def test_a_handler_that_writes_of_requests_without_the_filter(name):
    handler, logger = logging.StreamHandler(), logging.getLogger(name)
    level, logger.level = logger.level, logging.INFO
    logger.manager._clear_cache()
    logger.addHandler(handler)
    try:
        assert found(checks.check_logging) == ["W047"]
        handler.addFilter(WithoutVisitors())
        assert found(checks.check_logging) == []
        handler.filters.clear()
        handler.setLevel(logging.ERROR)
        assert found(checks.check_logging) == []
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
