"""What keeps an editor from breaking a form that reports come in through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from wagtail_harassment.institution.models import Term
from wagtail_harassment.reporting.blocks import CORE
from wagtail_harassment.reporting.flow import RESERVED, questions_of
from wagtail_harassment.reporting.models import FormVersion
from wagtail_harassment.reporting.versions import freeze
from wagtail_harassment.signposting.language import language_of

if TYPE_CHECKING:
    from wagtail_harassment.reporting.pages import ReportFormPage

#: Core code -> the kind it must have.
CORE_KINDS = {
    "device": "device",
    "route": "route",
    "must_not_see": "must_not_see",
    "account": "long_text",
    "incident_type": "several_choices",
    "reported_people": "people",
    "contact": "contact",
}


def problems(page: ReportFormPage) -> list[str]:
    """Everything that keeps this questionnaire from being saved, in words that say what to do."""
    definition = freeze(page.steps, language_of(page))
    steps = definition["steps"]
    questions = [question for step in steps for question in questions_of(step)]
    return [
        *_steps(steps),
        *_codes([question["code"] for question in questions]),
        *_core(steps, {question["code"]: question["kind"] for question in questions}),
        *_conditions(questions),
        *_fixed(page, questions),
    ]


def _steps(steps: list[dict]) -> list[str]:
    codes = [step["code"] for step in steps]
    found = [_("Two steps have the code “%s”. Give each its own.") % code for code in _twice(codes)]
    found += [
        _("A step cannot have the code “%s”: that address has another use.") % code
        for code in codes
        if code in RESERVED
    ]
    return found


def _codes(codes: list[str]) -> list[str]:
    return [_("Two questions have the code “%s”. Give each its own.") % code for code in _twice(codes)]


def _twice(codes: list[str]) -> list[str]:
    return sorted({code for code in codes if codes.count(code) > 1})


def _core(steps: list[dict], kinds: dict[str, str]) -> list[str]:
    found = []
    for code, reason in CORE.items():
        if kinds.get(code) != CORE_KINDS[code]:
            found.append(
                _("The question “%(code)s” has to stay (you can reword it and move it). %(reason)s")
                % {"code": code, "reason": reason}
            )
    first = [question["code"] for question in questions_of(steps[0])] if steps else []
    if "device" in kinds and "device" not in first:
        found.append(
            _("The question “device” has to be in the first step: what follows is kept by its answer.")
        )
    return found


def _conditions(questions: list[dict]) -> list[str]:
    found, before = [], {}
    for question in questions:
        for condition in question["only_if"]:
            earlier = before.get(condition["question"])
            words = {"code": question["code"], "other": condition["question"]}
            if earlier is None:
                found.append(
                    _(
                        "“%(code)s” is asked only if “%(other)s” was answered, so “%(other)s” has to come before it."
                    )
                    % words
                )
                continue
            unknown = set(condition["values"]) - _offered(earlier)
            if unknown or not condition["values"]:
                found.append(
                    _("“%(code)s” asks for an answer to “%(other)s” that is not offered there: %(values)s.")
                    % (words | {"values": ", ".join(sorted(unknown)) or "–"})
                )
        before[question["code"]] = question
    return found


def _offered(question: dict) -> set[str]:
    """Codes that a question offers, or that its list once offered: a word out of use breaks no form."""
    own = {choice["code"] for choice in question["choices"]}
    return own | set(Term.objects.filter(vocabulary=question["vocabulary"]).values_list("code", flat=True))


def _fixed(page: ReportFormPage, questions: list[dict]) -> list[str]:
    """Codes are fixed once they were asked: figures of other years count by them."""
    if not page.pk:
        return []
    by_id: dict[str, dict] = {}
    by_code: dict[str, dict] = {}
    versions = FormVersion.objects.filter(page=page.pk).order_by("-number")
    for definition in versions.values_list("definition", flat=True):
        for step in definition["steps"]:
            for question in questions_of(step):
                by_id.setdefault(question["id"], question)
                by_code.setdefault(question["code"], question)
    found = []
    for question in questions:
        before = by_id.get(question["id"])
        if before is not None and before["code"] != question["code"]:
            found.append(
                _(
                    "The code of “%(label)s” was “%(code)s” when it was published and has to stay so. "
                    "For another question, add a new one."
                )
                % {"label": question["label"], "code": before["code"]}
            )
        same = by_code.get(question["code"])
        if same is not None and same["kind"] != question["kind"]:
            found.append(
                _(
                    "“%(code)s” was asked before as another kind of question. Give the new one a code of its own."
                )
                % {"code": question["code"]}
            )
    return found
