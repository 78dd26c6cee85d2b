"""What keeps an editor from breaking a form that reports come in through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from wagtail_harassment.institution.models import Term
from wagtail_harassment.reporting.blocks import CORE, CORE_CHOICES
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
    "messages": "messages",
}


def problems(page: ReportFormPage) -> list[str]:
    """Everything that keeps this questionnaire from being saved, in words that say what to do."""
    definition = freeze(page.steps, language_of(page))
    steps = definition["steps"]
    questions = [question for step in steps for question in questions_of(step)]
    return [
        *_steps(steps),
        *_codes([question["code"] for question in questions]),
        *_core(steps, {question["code"]: question for question in questions}),
        *_conditions(steps),
        *_wordings(steps),
        *_own_choices(page),
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


def _core(steps: list[dict], questions: dict[str, dict]) -> list[str]:
    found = []
    for code, reason in CORE.items():
        if code not in questions or questions[code]["kind"] != CORE_KINDS[code]:
            found.append(
                _("The question “%(code)s” has to stay (you can reword it and move it). %(reason)s")
                % {"code": code, "reason": reason}
            )
    first = [question["code"] for question in questions_of(steps[0])] if steps else []
    if "device" in questions and "device" not in first:
        found.append(
            _("The question “device” has to be in the first step: what follows is kept by its answer.")
        )
    if "route" in questions and questions["route"]["only_if"]:
        found.append(
            _("The question “route” has to be asked of everybody. Take away what it is asked only if.")
        )
    return found


def _conditions(steps: list[dict]) -> list[str]:
    found, before = [], {}
    for step in steps:
        for item in step["items"]:
            for condition in item.get("only_if", ()):
                found += _condition(step, item, condition, before.get(condition["question"]))
            if "code" in item:
                before[item["code"]] = item
    return found


def _condition(step: dict, item: dict, condition: dict, earlier: dict | None) -> list[str]:
    """What is wrong with one condition of a question, or of words; ``earlier`` is the question it looks at."""
    words = {"code": item.get("code"), "step": step["title"], "other": condition["question"]}
    if earlier is None:
        if "code" in item:
            told = _(
                "“%(code)s” is asked only if “%(other)s” was answered, so “%(other)s” has to come before it."
            )
        else:
            told = _(
                "Some words in “%(step)s” are said only if “%(other)s” was answered, so “%(other)s” has to come "
                "before them."
            )
        return [told % words]
    unknown = set(condition["values"]) - _offered(earlier)
    if condition["values"] and not unknown:
        return []
    words["values"] = ", ".join(sorted(unknown)) or "–"
    if "code" in item:
        told = _("“%(code)s” asks for an answer to “%(other)s” that is not offered there: %(values)s.")
    else:
        told = _(
            "Some words in “%(step)s” ask for an answer to “%(other)s” that is not offered there: %(values)s."
        )
    return [told % words]


def _wordings(steps: list[dict]) -> list[str]:
    """Other words are chosen by a page before: what is kept as asked has to be what was read when answering."""
    found, before = [], {}
    for step in steps:
        questions = list(questions_of(step))
        for question in questions:
            used: dict[str, set[str]] = {}
            for wording in question["wordings"]:
                earlier = before.get(wording["question"])
                words = {"code": question["code"], "other": wording["question"]}
                if earlier is None:
                    found.append(
                        _(
                            "“%(code)s” has other words depending on “%(other)s”, so “%(other)s” has to be asked in "
                            "a step before. Move one of them, or take the other words away."
                        )
                        % words
                    )
                    continue
                values = set(wording["values"])
                unknown, twice = values - _offered(earlier), values & used.get(wording["question"], set())
                used.setdefault(wording["question"], set()).update(values)
                if unknown or not values:
                    found.append(
                        _(
                            "“%(code)s” has other words for an answer to “%(other)s” that is not offered there: "
                            "%(values)s."
                        )
                        % (words | {"values": ", ".join(sorted(unknown)) or "–"})
                    )
                if twice:
                    found.append(
                        _(
                            "“%(code)s” has other words twice for the same answer to “%(other)s”: %(values)s. Keep one."
                        )
                        % (words | {"values": ", ".join(sorted(twice))})
                    )
        before |= {question["code"]: question for question in questions}
    return found


def _own_choices(page: ReportFormPage) -> list[str]:
    """Other words for answers of the package's own questions have to be for answers that there are."""
    found = []
    for step in page.steps:
        for item in step.value["items"]:
            offered = [code for code, _label, _hint in CORE_CHOICES.get(item.block_type, [])]
            reworded = item.value.get("choices", []) if offered else []
            unknown = sorted({choice["code"] for choice in reworded} - set(offered))
            if unknown:
                found.append(
                    _("“%(code)s” has no answer “%(values)s” to reword. Its answers are: %(offered)s.")
                    % {
                        "code": item.value["code"],
                        "values": ", ".join(unknown),
                        "offered": ", ".join(offered),
                    }
                )
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
