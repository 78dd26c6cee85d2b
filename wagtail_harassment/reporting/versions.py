"""Freezing a questionnaire into a form version: the questions exactly as they will be asked.

A version is made when the page is published, and when a word, a campus or a building that the form offers is
changed. It is the last one that a new draft begins on; a draft ends on the one that it began on.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from wagtail.rich_text import expand_db_html

from wagtail_harassment.institution.models import Building, Campus, Term, Vocabulary
from wagtail_harassment.reporting.blocks import CORE_CHOICES, ROUTES
from wagtail_harassment.reporting.kinds import WHEN
from wagtail_harassment.reporting.models import FormVersion
from wagtail_harassment.signposting.language import language_of
from wagtail_harassment.vault.ledger import canonical

__all__ = ["current", "freeze", "frozen", "page_of", "publish", "publish_all"]


class _Words:
    """The set-up that questions draw on, read once a freeze."""

    def __init__(self) -> None:
        self._terms: dict[str, list[dict[str, str]]] | None = None
        self._campuses: list[dict[str, Any]] | None = None

    def terms(self, vocabulary: str) -> list[dict[str, str]]:
        if self._terms is None:
            self._terms = {}
            for term in Term.objects.filter(active=True):
                self._terms.setdefault(term.vocabulary, []).append(
                    {"code": term.code, "label": term.spoken_label, "hint": term.spoken_definition}
                )
        return self._terms.get(vocabulary, [])

    def campuses(self) -> list[dict[str, Any]]:
        if self._campuses is None:
            buildings: dict[int, list[dict[str, str]]] = {}
            for building in Building.objects.filter(active=True):
                buildings.setdefault(building.campus_id, []).append(
                    {"code": building.code, "label": building.name}
                )
            self._campuses = [
                {"code": campus.code, "label": campus.name, "buildings": buildings.get(campus.pk, [])}
                for campus in Campus.objects.filter(active=True)
            ]
        return self._campuses


def _html(source: str) -> str:
    """Rich text as it is shown, without the marks that the editor puts on its paragraphs."""
    return re.sub(r' data-block-key="[^"]*"', "", expand_db_html(source))


def _fixed(name: str, value: Any) -> list[dict[str, str]]:
    reworded = {choice["code"]: choice for choice in value.get("choices", [])}
    choices = []
    for code, label, hint in CORE_CHOICES[name]:
        own = reworded.get(code)
        choice = {
            "code": code,
            "label": own["label"] if own else str(label),
            "hint": own["hint"] if own else str(hint),
        }
        if name == "route":
            who, then = ROUTES[code]
            choice["who"] = (own and own["who"]) or str(who)
            choice["next"] = (own and own["next"]) or str(then)
        choices.append(choice)
    return choices


def _conditions(conditions: Any) -> list[dict[str, Any]]:
    return [
        {
            "question": condition["question"],
            "operator": str(condition["operator"]),
            "values": _listed(condition["values"]),
        }
        for condition in conditions
    ]


def _listed(codes: str) -> list[str]:
    return [part.strip() for part in codes.split(",") if part.strip()]


def _question(block_id: str, kind: str, value: Any, words: _Words) -> dict[str, Any]:
    question: dict[str, Any] = {
        "id": block_id,
        "kind": kind,
        "code": value["code"],
        "label": value["label"],
        "help": value["help"],
        "required": value["required"] or kind in ("route", "contact") or value["code"] == "incident_type",
        "only_if": _conditions(value["only_if"]),
        "wordings": [
            {name: wording[name] for name in ("question", "label", "help")}
            | {"values": _listed(wording["values"])}
            for wording in value["wordings"]
        ],
        "vocabulary": "",
        "choices": [],
    }
    if kind in CORE_CHOICES:
        question["choices"] = _fixed(kind, value)
    elif kind == "about_when":
        question["choices"] = [{"code": code, "label": str(label), "hint": ""} for code, label in WHEN]
    elif kind == "place":
        question["vocabulary"] = str(Vocabulary.PLACE)
        question["choices"] = words.terms(Vocabulary.PLACE)
        question["campuses"] = words.campuses()
    elif kind in ("one_choice", "several_choices"):
        question["vocabulary"] = value["vocabulary"] or ""
        question["choices"] = (
            words.terms(value["vocabulary"])
            if value["vocabulary"]
            else [{name: choice[name] for name in ("code", "label", "hint")} for choice in value["choices"]]
        )
    return question


def freeze(steps: Any, language: str) -> dict[str, Any]:
    """The definition of a StreamField of steps, in one language: plain JSON, all that asking needs."""
    words = _Words()
    frozen_steps = []
    with translation.override(language):
        for step in steps:
            items: list[dict[str, Any]] = []
            for item in step.value["items"]:
                if item.block_type == "text":
                    items.append({"kind": "text", "html": _html(item.value.source)})
                elif item.block_type == "notice":
                    only_if = _conditions(item.value["only_if"])
                    html = _html(item.value["words"].source)
                    items.append({"kind": "notice", "html": html, "only_if": only_if})
                elif item.block_type == "emergency":
                    items.append({"kind": "emergency"})
                else:
                    items.append(_question(str(item.id), item.block_type, item.value, words))
            frozen_steps.append(
                {"id": str(step.id), "code": step.value["code"], "title": step.value["title"], "items": items}
            )
    return {"language": language, "steps": frozen_steps}


def publish(page: Any) -> FormVersion:
    """Make a version of a live form page's questions, if they differ from the last one; returns the last."""
    definition = freeze(page.steps, language_of(page))
    digest = hashlib.sha256(canonical(definition)).hexdigest()
    with transaction.atomic():
        type(page).objects.select_for_update().filter(pk=page.pk).order_by().values_list("pk").first()
        last = current(page.pk)
        if last is not None and last.digest == digest:
            return last
        return FormVersion.objects.create(
            page=page.pk,
            number=last.number + 1 if last else 1,
            digest=digest,
            definition=definition,
            day=timezone.localdate(),
        )


def current(page_id: int) -> FormVersion | None:
    """The version that new drafts of a page begin on, without its definition."""
    return FormVersion.objects.filter(page=page_id).defer("definition").order_by("-number").first()


@lru_cache(maxsize=64)
def _read(version_id: uuid.UUID) -> tuple[int, dict[str, Any]]:
    """Page and definition. Versions never change, so a process reads each one once."""
    return FormVersion.objects.values_list("page", "definition").get(pk=version_id)


def frozen(version_id: uuid.UUID) -> dict[str, Any]:
    """The definition of a version. It is shared by all requests of a process: do not write to it."""
    return _read(version_id)[1]


def page_of(version_id: uuid.UUID) -> int:
    """Id of the form page whose questions a version holds."""
    return _read(version_id)[0]


def publish_all() -> None:
    """Make a version of every live form whose questions changed with the set-up."""
    from wagtail_harassment.reporting.pages import ReportFormPage

    for page in ReportFormPage.objects.live():
        publish(page)
