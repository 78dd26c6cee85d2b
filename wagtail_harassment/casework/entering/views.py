"""The page on which a report is written down, and what is seen of it afterwards."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.generic import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_harassment.casework.entering import drafts
from wagtail_harassment.casework.entering.choosing import ChosenForm
from wagtail_harassment.casework.entering.forms import CameForm
from wagtail_harassment.casework.entering.keeping import Doorstep, with_old_tokens
from wagtail_harassment.casework.entering.questions import Questions, for_staff
from wagtail_harassment.casework.entering.receipts import TEMPLATES, Receipt
from wagtail_harassment.casework.entering.verbs import enter
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.reporting import versions
from wagtail_harassment.reporting.flow import OtherRoute
from wagtail_harassment.reporting.models import Draft, FormVersion
from wagtail_harassment.reporting.submission import Incomplete
from wagtail_harassment.signposting import directory
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["ADDRESSES", "EnterView"]

logger = logging.getLogger("wagtail_harassment.casework")

#: What can be pressed, beside recording it.
KEEP, AGAIN, DISCARD, COMPARE, DONE = "keep", "again", "discard", "compare", "done"


class EnterView(ChosenForm, Receipt, WagtailAdminTemplateMixin, View):
    """Write down a report that came by telephone, in person or by letter; then hand on its code."""

    page_title = gettext_lazy("Record a report")
    header_icon = "edit"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("harassment_case:index"), "label": _("Cases")},
            {"url": "", "label": _("Record a report")},
        ]

    @cached_property
    def url(self) -> str:
        """This page's address."""
        return reverse("harassment_case:enter")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.draft = drafts.find(request, request.user)
        self.secret = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.receipt:
            return self.entered()
        data = drafts.kept(self.draft) if self.draft else None
        if data is None:
            version = self.chosen_version()
            if version is None:
                return self.choose()
            if self.draft is None or self.draft.row.form_version_id != version.pk:
                self.begin(version)
        return self.remembering(self.show(data, hushed=True))

    @sensitive_variables()
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        pressed = request.POST.get("_do", "")
        if pressed == COMPARE:
            return self.compare()
        if pressed == DONE:
            return self.take_away()
        if pressed == DISCARD:
            response = redirect("harassment_case:index")
            return drafts.drop(response, self.draft, request.user) if self.is_mine else response
        if self.receipt and drafts.digest_of(request.POST) == self.receipt["digest"]:
            return redirect(self.url)
        try:
            fresh = self.settle()
            if self.draft is None:
                return self.choose()
            drafts.save(self.draft, request.POST)
        except (DatabaseError, KeyringError) as error:
            return self.failed(error)
        if pressed == KEEP or AGAIN in request.POST:
            return self.remembering(redirect(f"{self.url}?kept=1{self.place}"))
        if not fresh:
            return self.asked_again()
        return self.record()

    @property
    def place(self) -> str:
        """Where on the page somebody goes on who asked for one more person."""
        definition = versions.frozen(self.draft.row.form_version_id)
        questions = (one for step in definition["steps"] for one in step["items"])
        people = next((f"#id_{one['code']}" for one in questions if one["kind"] == "people"), "")
        return people if AGAIN in self.request.POST else ""

    @property
    def is_mine(self) -> bool:
        """Whether the page that was sent belongs to the draft that is open, and that is not recorded yet."""
        return (
            self.draft is not None
            and self.receipt is None
            and self.request.POST.get("_draft") == str(self.draft.row.pk)
        )

    def settle(self) -> bool:
        """See to it that what was posted has a draft; whether it is the one that the page was made from.

        An old page may hold words that are nowhere else, or that were recorded already: they are kept, and whoever
        sent it is asked.
        """
        if self.is_mine:
            return True
        if self.draft is None or self.receipt is not None or drafts.kept(self.draft) is not None:
            version = self.posted_version() or self.chosen_version()
            if version is not None:
                self.begin(version)
        return False

    @sensitive_variables()
    def record(self) -> HttpResponse:
        """Make it a report, or say what is wrong with it."""
        definition = for_staff(versions.frozen(self.draft.row.form_version_id))
        questions, came = Questions(definition, self.request.POST), CameForm(self.request.POST)
        came_is_valid = came.is_valid()
        if not questions.is_valid() or not came_is_valid:
            return self.show(self.request.POST, questions=questions, came=came, status=422)
        digest = drafts.digest_of(self.request.POST)
        try:
            receipt = enter(
                draft=self.draft,
                definition=definition,
                answers=questions.answers,
                came=came.cleaned_data,
                by=self.request.user,
                digest=digest,
            )
        except (Incomplete, OtherRoute):
            return self.show(self.request.POST, questions=questions, came=came, status=422)
        except Draft.DoesNotExist:
            # Thrown away in another tab at this moment: the page is old, and is asked about.
            self.begin(FormVersion.objects.get(pk=self.draft.row.form_version_id))
            return self.asked_again()
        except (DatabaseError, KeyringError) as error:
            return self.failed(error)
        if receipt["digest"] != digest:
            # Recorded in another tab at this moment, with other words.
            self.begin(FormVersion.objects.get(pk=self.draft.row.form_version_id))
            return self.asked_again()
        return redirect(self.url)

    @sensitive_variables()
    def asked_again(self) -> HttpResponse:
        """What came from an old page, kept and shown: only its writer knows whether it is recorded already."""
        drafts.save(self.draft, self.request.POST)
        return self.remembering(self.show(self.request.POST, hushed=True, status=409, old=True))

    @sensitive_variables()
    def failed(self, error: Exception | None) -> HttpResponse:
        """Our side failed: the words come back, and nothing is claimed."""
        logger.critical("A report that staff wrote down could not be stored (%s).", type(error).__name__)
        return self.show(self.request.POST, hushed=True, status=503, failed=True)

    @sensitive_variables()
    def show(
        self,
        data: QueryDict | None,
        *,
        questions: Questions | None = None,
        came: CameForm | None = None,
        hushed: bool = False,
        status: int = 200,
        **notices: bool,
    ) -> HttpResponse:
        """The page, with what was typed. ``hushed``: without what is wrong or missing."""
        pk = (
            self.draft.row.form_version_id
            if self.draft
            else (self.posted_version() or self.chosen_version()).pk
        )
        questions = questions or Questions(for_staff(versions.frozen(pk)), data)
        came = came or CameForm(data)
        if hushed:
            questions.hush()
            came._errors = type(came.errors)()
        errors = [] if hushed else [*_errors_of(came), *questions.error_list()]
        self.template_name = TEMPLATES + "enter.html"
        context = self.get_context_data(
            parts=questions.parts,
            came=came,
            errors=errors,
            draft=self.draft.row.pk if self.draft else "",
            version=pk,
            language=versions.frozen(pk)["language"],
            kept="kept" in self.request.GET and not errors,
            typed=data is not None,
            emergency_services=directory.emergency(),
            emergency_settings=HarassmentSettings.for_request(self.request),
            action=self.url,
            **({"failed": False, "old": False} | notices),
        )
        return self.render_to_response(context, status=status)


def _errors_of(form: CameForm) -> list[tuple[str, str]]:
    return [(form[name].auto_id, error) for name, errors in form.errors.items() for error in errors]


ADDRESSES = (Address("enter", "enter/", EnterView, with_old_tokens, Doorstep),)
