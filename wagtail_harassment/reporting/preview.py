"""An editor's preview of a step: it shows, and cannot send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from wagtail_harassment.conf import conf
from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.reporting.flow import questions_of
from wagtail_harassment.reporting.forms import StepForm
from wagtail_harassment.reporting.versions import freeze
from wagtail_harassment.signposting import directory
from wagtail_harassment.signposting.headers import harden
from wagtail_harassment.signposting.language import language_of

if TYPE_CHECKING:
    from wagtail_harassment.reporting.pages import ReportFormPage


def show(page: ReportFormPage, request: HttpRequest, code: str) -> HttpResponse:
    """Render one step of the page as it stands in the editor, with the form switched off: every question of it,
    in all its wordings, and everything that is said to some."""
    steps = freeze(page.steps, language_of(page))["steps"]
    step = next((step for step in steps if step["code"] == code), steps[0] if steps else None)
    if step is None:
        step = {"code": "", "title": page.title, "items": []}
    step = step | {"items": [item | {"only_if": []} for item in step["items"]]}
    everything = {question["code"]: question for question in questions_of(step)}
    form = StepForm(step, everything, {})
    context = {
        "page": page,
        "base_template": conf.base_template,
        "service_name": conf.service_name,
        "preview": True,
        "step": step,
        "title": step["title"],
        "page_title": f"{conf.service_name}: {step['title']}",
        "items": form.items(),
        "position": next((number for number, each in enumerate(steps, 1) if each["code"] == step["code"]), 1),
        "total": len(steps) + 1,
        "first": bool(steps) and step["code"] == steps[0]["code"],
        "emergency_services": directory.emergency(),
        "emergency_settings": HarassmentSettings.for_request(request),
        "leave_address": "#",
        "safety": "#",
        "shared": True,
    }
    response = render(request, "wagtail_harassment/reporting/step.html", context)
    return harden(response, private=True, preview=True)
