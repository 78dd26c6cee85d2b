"""The reporter's way through a form: start, steps, check, receipt, leave. Works without JavaScript.

Every page is answered with ``no-store``; every POST that succeeds ends in a redirect, so Back and refresh
ask nothing twice. Nothing a reporter writes goes anywhere but into the sealed draft.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.reporting import drafts, flow, versions
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.flow import CHECK, LEAVE, RECEIPT, RESERVED
from wagtail_harassment.reporting.forms import StepForm
from wagtail_harassment.reporting.kinds import kind_of
from wagtail_harassment.reporting.submission import Incomplete, submit
from wagtail_harassment.signposting import directory
from wagtail_harassment.signposting.headers import harden

if TYPE_CHECKING:
    from wagtail_harassment.reporting.pages import ReportFormPage

__all__ = ["Journey"]

logger = logging.getLogger("wagtail_harassment.reporting")

TEMPLATES = "wagtail_harassment/reporting/"


class Journey:
    """One request on a form page."""

    def __init__(self, page: ReportFormPage, request: HttpRequest) -> None:
        self.page, self.request = page, request
        self.url = page.get_url(request) or "/"

    @cached_property
    def draft(self) -> OpenDraft | None:
        """The draft that the browser's cookie opens."""
        return drafts.find(self.request.COOKIES.get(conf.draft_cookie))

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The questions: those the draft began on, or those of today."""
        if self.draft:
            return versions.frozen(self.draft.row.form_version_id)
        version = versions.current(self.page.pk)
        if version is None:
            raise Http404
        return versions.definition_of(version)

    @cached_property
    def answers(self) -> dict[str, Any]:
        """What was answered so far, hidden answers included."""
        return self.draft.answers() if self.draft else {}

    def respond(self, where: str) -> HttpResponse:
        """Answer the request for one address under the page: ``""``, a step, or a reserved word."""
        if self.request.method not in ("GET", "HEAD", "POST"):
            return harden(HttpResponseNotAllowed(["GET", "HEAD", "POST"]), private=True)
        if not self.page.live and self.draft is None:
            raise Http404
        if where == LEAVE:
            return self._leave()
        if where == RECEIPT:
            return self._receipt()
        if self.draft and self.draft.row.receipt is not None:
            return self._go(RECEIPT)
        if where == CHECK:
            return self._check()
        return self._step(where)

    # Steps

    def _step(self, where: str) -> HttpResponse:
        codes = [step["code"] for step in self.definition["steps"]]
        code = where or codes[0]
        if code not in codes:
            raise Http404
        if where == codes[0]:
            return self._go("")
        if code != codes[0]:
            if self.draft is None:
                return self._go("")
            before = flow.first_missing(self.definition, self.answers)
            if before is not None and codes.index(before) < codes.index(code):
                return self._go(before)
        if self.request.method == "POST":
            return self._post_step(code, first=code == codes[0])
        if code not in {step["code"] for step in flow.applicable_steps(self.definition, self.answers)}:
            return self._go(flow.step_after(self.definition, self.answers, code) or CHECK)
        if self.draft:
            self.draft.seen()
        return self._show_step(code, self._form(code))

    @sensitive_variables()
    def _post_step(self, code: str, *, first: bool) -> HttpResponse:
        if self.draft is None and not first:
            return self._go("")
        form = self._form(code, self.request.POST)
        if not form.is_valid():
            return self._show_step(code, form)
        try:
            return self._save_step(code, form, first=first)
        except DatabaseError as error:
            return self._not_saved(code, form, error)

    @sensitive_variables()
    def _save_step(self, code: str, form: StepForm, *, first: bool) -> HttpResponse:
        cookie = None
        draft = self.draft
        if draft is None:
            version = versions.current(self.page.pk)
            draft, cookie = drafts.begin(version, shared=True)
        if "device" in form.answers:
            draft.set_shared(form.answers["device"] != "own")
        draft.save_step(code, form.answers)
        answers = draft.answers()
        returning = self.request.POST.get("return") == CHECK
        if self._brought_up(form, answers) or "again" in self.request.POST:
            response = self._go("" if first else code, more=True, returning=returning)
        elif returning:
            response = self._go(self._first_unseen(draft, answers) or CHECK)
        else:
            response = self._go(flow.step_after(self.definition, answers, code) or CHECK)
        if cookie is not None:
            response.set_cookie(
                conf.draft_cookie,
                cookie,
                path=self.url,
                secure=self.request.is_secure(),
                httponly=True,
                samesite="Lax",
            )
        return response

    def _brought_up(self, form: StepForm, answers: dict[str, Any]) -> bool:
        """Whether these answers ask for one more question of the same step, which was not shown yet."""
        before = flow.applicable(self.definition, self.answers)
        after = flow.applicable(self.definition, answers)
        return any(
            question["code"] in after and question["code"] not in before
            for question in flow.questions_of(form.step)
        )

    def _first_unseen(self, draft: OpenDraft, answers: dict[str, Any]) -> str | None:
        """A step that a changed answer brought up, and that was never gone through."""
        begun = draft.steps_begun()
        for step in flow.applicable_steps(self.definition, answers):
            if step["code"] not in begun and any(flow.questions_of(step)):
                return step["code"]
        return None

    def _form(self, code: str, data: Any = None) -> StepForm:
        """The form of one step. What is posted counts for the questions that were shown, and still apply."""
        step = next(step for step in self.definition["steps"] if step["code"] == code)
        asked = flow.applicable(self.definition, self.answers)
        if data is not None:
            after = flow.applicable(self.definition, self.answers | self._posted_choices(step, data))
            asked = {question: asked[question] for question in asked if question in after}
        return StepForm(step, asked, self.answers, data)

    def _posted_choices(self, step: dict[str, Any], data: Any) -> dict[str, Any]:
        posted = {}
        for question in flow.questions_of(step):
            if question["kind"] in ("one_choice", "yes_no", "route", "device"):
                posted[question["code"]] = data.get(question["code"]) or None
            elif question["kind"] == "several_choices":
                posted[question["code"]] = data.getlist(question["code"]) or None
        return posted

    def _show_step(self, code: str, form: StepForm) -> HttpResponse:
        steps = flow.applicable_steps(self.definition, self.answers)
        position = next((number for number, step in enumerate(steps, 1) if step["code"] == code), 1)
        first = self.definition["steps"][0]["code"] == code
        before = flow.step_before(self.definition, self.answers, code)
        returning = (
            CHECK if CHECK in (self.request.GET.get("return"), self.request.POST.get("return")) else ""
        )
        errors = form.error_list() if form.is_bound else []
        context = {
            "step": form.step,
            "items": form.items(),
            "errors": errors,
            "position": position,
            "total": len(steps) + 1,
            "first": first,
            "back": self._address(CHECK if returning else before or "") if not first else None,
            "returning": returning,
            "begun": first and self.draft is not None,
            "expired": first and self.draft is None and conf.draft_cookie in self.request.COOKIES,
            "more": "more" in self.request.GET,
            "danger": self.answers.get("danger_now") == "yes",
            "action": self._address("" if first else code),
        }
        if first or context["danger"] or any(item["kind"] == "emergency" for item in form.step["items"]):
            context["emergency"] = directory.emergency()
            context["settings"] = HarassmentSettings.for_request(self.request)
        return self._render("step.html", context, title=form.step["title"], failed=bool(errors))

    def _not_saved(self, code: str, form: StepForm, error: DatabaseError) -> HttpResponse:
        logger.critical("A step of a report could not be saved (%s).", type(error).__name__)
        form.add_error(
            None,
            _(
                "This page was not saved: our side failed, not you. Your words are still here. "
                "Wait a minute, then press the button again."
            ),
        )
        response = self._show_step(code, form)
        response.status_code = 503
        return response

    # Check, send, receipt

    @sensitive_variables()
    def _check(self) -> HttpResponse:
        if self.draft is None:
            return self._go("")
        missing = flow.first_missing(self.definition, self.answers)
        if missing is not None:
            return self._go(missing)
        if self.request.method == "POST":
            return self._send()
        self.draft.seen()
        return self._show_check()

    def _send(self) -> HttpResponse:
        try:
            submit(
                self.draft, self.definition, is_test=self._may_mark_test and "is_test" in self.request.POST
            )
        except Incomplete as error:
            return self._go(error.step)
        except DatabaseError as error:
            logger.critical("A report could not be stored (%s).", type(error).__name__)
            response = self._show_check(failed=True)
            response.status_code = 503
            return response
        return self._go(RECEIPT)

    @property
    def _may_mark_test(self) -> bool:
        return self.request.user.is_authenticated and self.request.user.has_perm("wagtailadmin.access_admin")

    @sensitive_variables()
    def _show_check(self, *, failed: bool = False) -> HttpResponse:
        asked = flow.applicable(self.definition, self.answers)
        steps = []
        for step in self.definition["steps"]:
            rows = []
            for question in flow.questions_of(step):
                if question["code"] in asked and question["kind"] != "device":
                    answer = self.answers.get(question["code"])
                    shown = kind_of(question).shown(question, answer) if answer is not None else []
                    rows.append({"code": question["code"], "label": question["label"], "shown": shown})
            if rows:
                steps.append({"title": step["title"], "address": self._address(step["code"]), "rows": rows})
        before = flow.applicable_steps(self.definition, self.answers)[-1]["code"]
        return self._render(
            "check.html",
            {
                "steps": steps,
                "back": self._address(before),
                "may_mark_test": self._may_mark_test,
                "failed": failed,
                "idle": self.draft.idle_minutes,
            },
            title=_("Check your answers"),
            failed=failed,
        )

    @sensitive_variables()
    def _receipt(self) -> HttpResponse:
        if self.draft is None:
            return self._go("")
        receipt = self.draft.receipt
        if receipt is None:
            return self._go(CHECK)
        if self.request.method == "POST":
            self.draft.destroy()
            return self._forget(HttpResponseRedirect(self.page.get_parent().get_url(self.request) or "/"))
        return self._render(
            "receipt.html",
            {
                "receipt": receipt,
                "services": directory.matching(receipt["topics"], None),
                "settings": HarassmentSettings.for_request(self.request),
            },
            title=_("Your report was sent") if not receipt["is_test"] else _("Your test report was sent"),
        )

    # Leaving

    def _leave(self) -> HttpResponse:
        """Go to a neutral page; on a device that others use, with nothing left behind."""
        if "prefetch" in self.request.headers.get("Sec-Purpose", ""):
            return harden(HttpResponse(status=204), private=True)
        response: HttpResponse = HttpResponseRedirect(conf.leave_url)
        if self.draft is None:
            return self._forget(response)
        if self.draft.shared or self.draft.row.receipt is not None:
            self.draft.destroy()
            return self._forget(response)
        return harden(response, private=True)

    def _forget(self, response: HttpResponse) -> HttpResponse:
        response.delete_cookie(conf.draft_cookie, path=self.url, samesite="Lax")
        return harden(response, private=True)

    # Answers to the browser

    def _address(self, where: str) -> str:
        first = "" if where in RESERVED else self.definition["steps"][0]["code"]
        return self.url + (f"{where}/" if where and where != first else "")

    def _go(self, where: str, *, more: bool = False, returning: bool = False) -> HttpResponse:
        query = {"more": "1"} if more else {}
        if returning and where not in RESERVED:
            query["return"] = CHECK
        address = self._address(where) + (f"?{urlencode(query)}" if query else "")
        return harden(HttpResponseRedirect(address), private=True)

    def _render(
        self, template: str, context: dict[str, Any], *, title: str, failed: bool = False
    ) -> HttpResponse:
        heading = _("Error: %(title)s") % {"title": title} if failed else title
        context |= {
            "page": self.page,
            "base_template": conf.base_template,
            "service_name": conf.service_name,
            "title": title,
            "page_title": f"{conf.service_name}: {heading}",
            "leave_address": f"{self.url}{LEAVE}/",
        }
        return harden(render(self.request, TEMPLATES + template, context), private=True)
