"""Asking every address as everybody, so that nothing is changed by it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from wagtail.models import Site

from tests.standing.addresses import our_settings, ours
from tests.standing.world import Browser, signed_in


def short(name: str) -> str:
    """A name as the table has it: the registers are all alike."""
    if match := re.match(r"wagtail_harassment_assignmentrule_modeladmin_(\w+)$", name):
        return f"rules:{match[1]}"  # not for who holds a permission of Django's
    if match := re.match(r"wagtail_harassment_\w+_modeladmin_(\w+)$", name):
        return f"register:{match[1]}"
    for long, shorter in (
        ("harassment_case:", "case:"),
        ("harassment_second_factor:", "step:"),
        ("wagtailsnippetchoosers_wagtail_harassment_supportservice:", "chooser:"),
        ("wagtailsnippets_wagtail_harassment_supportservice:", "service:"),
    ):
        if name.startswith(long):
            return shorter + name.removeprefix(long)
    return name


def names() -> list[str]:
    """Names of every address of ours, and of our settings."""
    return [address.name for address in ours()] + [f"settings:{name}" for name in sorted(our_settings())]


def resolved(name: str, examples: dict[str, list[object]]) -> str:
    """The address of a name, with the example's arguments if it takes any."""
    if name == "settings:HarassmentSettings":
        arguments = ["wagtail_harassment", "harassmentsettings", Site.objects.get().pk]
        return reverse("wagtailsettings:edit", args=arguments)
    route = next(address.route for address in ours() if address.name == name)
    if "<uuid:row>" in route or "<int:team>" in route:
        return reverse(name, args=examples[name.partition(":")[2]])
    if "<slug:name>" in route:
        return reverse(name, args=[*examples["harassment_case"], "note"])
    if "<str:secret>" in route:
        return reverse(name, args=examples["secret"])
    if "<str:user>" in route:
        return reverse(name, args=examples["user"])
    if match := re.search(r"<uuid:(?!pk)(\w+)>", route):
        return reverse(name, args=examples[match[1]])
    if "<uuid:pk>" in route:
        return reverse(name, args=examples["harassment_case"])
    if match := re.match(r"wagtail_harassment_(\w+)_modeladmin_(edit|history)$", name):
        return reverse(name, args=examples[match[1]])
    if "revision_id_a" in route:
        return reverse(name, args=examples["compare"])
    if "revision_id" in route:
        return reverse(name, args=examples["revision"])
    return reverse(name, args=examples["service"] if "pk>" in route else [])


def browser_of(role: str) -> Browser:
    return Browser() if role == "anonymous" else signed_in(role)


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside is as if it had not been."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(browser: Browser, method: str, address: str, data: dict[str, str] | None = None) -> HttpResponse:
    """The answer; what it changed is undone, and what it would say on the next page forgotten."""
    browser.cookies.pop("messages", None)
    with undone():
        return getattr(browser, method.lower())(address, data or {})
