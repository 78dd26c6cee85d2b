"""The steps: ask, take what was answered, and lead on."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError, transaction
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.reporting import drafts, flow, throttle
from wagtail_harassment.reporting.flow import CHECK, SAFETY
from wagtail_harassment.reporting.forms import StepForm
from wagtail_harassment.reporting.journey import files
from wagtail_harassment.reporting.journey.visit import Visit
from wagtail_harassment.reporting.kinds import kind_of
from wagtail_harassment.signposting import directory
from wagtail_harassment.signposting.language import elsewhere_kept

__all__ = ["onward", "respond"]

#: Name of the button that leads to the route, from any step after it.
CHANGE = "change"

logger = logging.getLogger("wagtail_harassment.reporting")


def respond(visit: Visit, where: str) -> HttpResponse:
    """Show a step, or take its answers."""
    code = where or visit.first
    if code not in visit.codes:
        raise Http404
    if visit.request.method == "POST":
        return _take(visit, code)
    if where == visit.first:
        return visit.go("")
    if visit.draft is None and code != visit.first:
        return visit.go("")
    missing = _missing_before(visit, visit.answers, code)
    if missing is not None:
        return visit.go(missing)
    if code not in {step["code"] for step in flow.applicable_steps(visit.definition, visit.answers)}:
        return visit.go(flow.step_after(visit.definition, visit.answers, code) or CHECK)
    if visit.draft and not visit.left:
        visit.draft.seen()
    return _show(visit, code, _form(visit, code))


def _missing_before(visit: Visit, answers: dict[str, Any], code: str) -> str | None:
    """An earlier step that has to be answered first."""
    missing = flow.first_missing(visit.definition, answers)
    if missing is not None and visit.codes.index(missing) < visit.codes.index(code):
        return missing
    return None


# Taking answers


@sensitive_variables()
def _take(visit: Visit, code: str) -> HttpResponse:
    try:
        taken = files.take(visit, code)
    except DatabaseError as error:
        return _not_saved(visit, code, _form(visit, code, visit.request.POST), error)
    cookie = taken.cookie
    if files.only(visit.request) or not files.came_whole(visit, code):
        # The words of the page stay where they are: in the browser, or not here whole.
        form, answers = _form(visit, code), None
    else:
        form, answers = _form(visit, code, visit.request.POST), None
        if form.is_valid():
            try:
                answers, begun = _keep(visit, code, form)
            except DatabaseError as error:
                return visit.remembering(_not_saved(visit, code, form, error), cookie)
            cookie = cookie or begun
    form.refused = taken.refused
    if taken.refused or (form.is_bound and answers is None):
        response = _show(visit, code, form)
    elif answers is None:
        response = visit.go(code, returning=visit.returning)
    else:
        response = _lead_on(visit, code, answers, begun_here=cookie is not None)
    return visit.unmark(visit.remembering(response, cookie))


@sensitive_variables()
def _form(visit: Visit, code: str, data: Any = None) -> StepForm:
    """The form of one step: of what is posted, only answers to questions that were shown and still apply count.

    Where the draft is gone, because its time was over while somebody was writing, every question that was
    posted counts: their words must not be lost. Whoever goes to change the route takes along what they have
    typed, and is not asked for more.
    """
    step = visit.step(code)
    if data is None:
        return StepForm(step, flow.applicable(visit.definition, visit.answers), visit.answers)
    if visit.draft is None and code != visit.first:
        return StepForm(step, _posted(step, data), {}, data)
    shown = flow.applicable(visit.definition, visit.answers)
    chosen = {
        question["code"]: kind_of(question).chosen(question, data)
        for question in flow.questions_of(step)
        if not kind_of(question).holds_files
    }
    after = flow.applicable(visit.definition, visit.answers | chosen)
    asked = {code: question for code, question in after.items() if code in shown}
    if any(name in data for name in (CHANGE, *files.BUTTONS)):
        asked = {code: question | {"required": False} for code, question in asked.items()}
    return StepForm(step, asked, visit.answers | chosen, data)


def _posted(step: dict[str, Any], data: Any) -> dict[str, Any]:
    """The questions that were on the page: those always asked, and those that something was posted for."""
    names = {name.partition("-")[0] for name in data}
    return {
        question["code"]: question
        for question in flow.questions_of(step)
        if question["code"] in names or not question["only_if"]
    }


@sensitive_variables()
def _keep(visit: Visit, code: str, form: StepForm) -> tuple[dict[str, Any], str | None]:
    """Save the step; returns all answers, and the cookie if the draft begins here. Raises ``DatabaseError``."""
    before = visit.answers
    asked = {question["code"] for question in form.questions}
    # What an answer on the same page hides is kept for when it is asked again, as on any other page.
    hidden = {
        question["code"]: before[question["code"]]
        for question in flow.questions_of(form.step)
        if question["code"] in before and question["code"] not in asked and not kind_of(question).holds_files
    }
    words = {code: answer for code, answer in form.answers.items() if code not in form.takes_files}
    draft, cookie = visit.draft, None
    with transaction.atomic():
        if draft is None:
            # Words of an earlier draft whose time was over: whoever wrote them began long ago.
            draft, cookie = drafts.begin(visit.version, shared=True, timed=code == visit.first)
        if throttle.is_baited(visit.request.POST):
            draft.bait()
        if "device" in form.answers:
            draft.set_shared(form.answers["device"] != "own")
        draft.save_step(code, hidden | words)
        files.keep(draft, form, visit.request.POST)
    visit.draft = draft
    return draft.answers(), cookie


@sensitive_variables()
def _lead_on(visit: Visit, code: str, answers: dict[str, Any], *, begun_here: bool) -> HttpResponse:
    """Where to go after a step was saved: never past a question that it brought up."""
    if begun_here and code != visit.first:
        return visit.go("", notice="kept")
    pressed = files.pressed(visit.step(code), visit.request.POST)
    if pressed:
        return visit.go(code, returning=visit.returning, to=f"id_{pressed}")
    if "again" in visit.request.POST:
        return visit.go(code, returning=visit.returning, to=_next_person(visit, code, answers))
    if CHANGE in visit.request.POST and (route := flow.route_at(visit.definition, answers, code)):
        return visit.go(route.step, returning=visit.returning or code, to="id_route")
    new = _brought_up(visit, answers)
    if any(question["code"] in new for question in flow.questions_of(visit.step(code))):
        return visit.go(code, notice="more", returning=visit.returning)
    if _newly_said(visit, code, answers):
        return visit.go(code, notice="said", returning=visit.returning)
    missing = _missing_before(visit, answers, code)
    if missing is not None:
        return visit.go(missing, returning=visit.returning)
    if visit.returning:
        unseen = _unseen(visit, answers, new, before=visit.returning)
        return visit.go(unseen, returning=visit.returning) if unseen else visit.go(visit.returning)
    return visit.go(flow.step_after(visit.definition, answers, code) or CHECK)


def _brought_up(visit: Visit, answers: dict[str, Any]) -> set[str]:
    """Codes of the questions that are asked because of what was just answered, and have no answer yet."""
    before = flow.applicable(visit.definition, visit.answers)
    after = flow.applicable(visit.definition, answers)
    return {code for code in after if code not in before and answers.get(code) is None}


def _newly_said(visit: Visit, code: str, answers: dict[str, Any]) -> bool:
    """Whether there are words on this step that are said because of what was just answered."""

    def said(given: dict[str, Any]) -> list[dict[str, Any]]:
        asked = flow.applicable(visit.definition, given)
        return [
            item
            for item in visit.step(code)["items"]
            if item["kind"] == "notice" and flow.is_said(item, asked, given)
        ]

    before = said(visit.answers)
    return any(item not in before for item in said(answers))


def _unseen(visit: Visit, answers: dict[str, Any], new: set[str], *, before: str = CHECK) -> str | None:
    """The first step, before another or of all, that was never gone through, has a question in ``new``, or has
    one that must be answered now."""
    begun = visit.draft.steps_begun()
    missing = flow.first_missing(visit.definition, answers)
    for step in flow.applicable_steps(visit.definition, answers):
        if step["code"] == before:
            return None
        codes = {question["code"] for question in flow.questions_of(step)}
        if codes & new or step["code"] == missing or (codes and step["code"] not in begun):
            return step["code"]
    return None


def _next_person(visit: Visit, code: str, answers: dict[str, Any]) -> str:
    """Id of the empty fields for one more person."""
    form = StepForm(visit.step(code), flow.applicable(visit.definition, answers), answers)
    item = next((item for item in form.items() if item.groups), None)
    return item.groups[-1]["name"].id if item else ""


def _not_saved(visit: Visit, code: str, form: StepForm, error: DatabaseError) -> HttpResponse:
    logger.critical("A step of a report could not be saved (%s).", type(error).__name__)
    form.add_error(
        None,
        _(
            "This page was not saved: our side failed, not you. Your words are still here. "
            "Wait a minute, then press the button again."
        ),
    )
    response = _show(visit, code, form)
    response.status_code = 503
    return response


def onward(visit: Visit) -> str:
    """Where somebody who comes back goes on."""
    missing = flow.first_missing(visit.definition, visit.answers)
    return missing or _unseen(visit, visit.answers, set()) or CHECK


# Showing a step


@sensitive_variables()
def _show(visit: Visit, code: str, form: StepForm) -> HttpResponse:
    steps = flow.applicable_steps(visit.definition, visit.answers)
    first = code == visit.first
    errors = form.error_list() if form.is_bound or form.refused else []
    has_numbers = any(item["kind"] == "emergency" for item in form.step["items"])
    danger = visit.answers.get("danger_now") == "yes" and not has_numbers
    context = {
        "step": form.step,
        "items": form.items(),
        "errors": errors,
        "position": next((number for number, step in enumerate(steps, 1) if step["code"] == code), 1),
        "total": len(steps) + 1,
        "first": first,
        "elsewhere": elsewhere_kept(visit.page, visit.site) if first and visit.draft is None else [],
        "back": _back(visit, code),
        "returning": visit.returning,
        "route": flow.route_at(visit.definition, visit.answers, code),
        "notices": _notices(visit, first),
        "danger": danger,
        "action": visit.address(code),
        "safety": visit.address(SAFETY),
        "shared": visit.draft.shared if visit.draft else True,
        "idle": visit.draft.idle_minutes if visit.draft else None,
        "takes_files": bool(form.takes_files),
    }
    if danger or has_numbers:
        context["emergency_services"] = directory.emergency()
        context["emergency_settings"] = HarassmentSettings.for_request(visit.request)
    return visit.render("step.html", context, title=form.step["title"], failed=bool(errors))


def _back(visit: Visit, code: str) -> str | None:
    if code == visit.first:
        return None
    if visit.returning:
        return visit.address(visit.returning)
    return visit.address(flow.step_before(visit.definition, visit.answers, code) or "")


def _notices(visit: Visit, first: bool) -> dict[str, Any]:
    """What to say above the questions."""
    if not first:
        return {name: name in visit.request.GET for name in ("more", "said", "sending")}
    if visit.draft is None:
        return {"expired": conf.draft_cookie in visit.request.COOKIES}
    if "kept" in visit.request.GET:
        return {"kept": True}
    if visit.request.method == "POST":
        return {}
    if visit.left:
        return {"left": visit.draft.idle_minutes}
    if "sending" in visit.request.GET:
        return {"sending": True}
    return {"more": "more" in visit.request.GET, "resume": visit.address(onward(visit))}
