"""Choices of a question, from rows that are rendered once: a list of thirty costs what a list of one does."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.evidence.refusals import Problem, Refusal

register = template.Library()

ROWS_KEPT = 4096


@register.simple_tag
def file_limit() -> int:
    """Bytes that one file may have."""
    return conf.file_max_bytes


@register.simple_tag
def too_big_words() -> str:
    """What is said of a file that is larger, with "%s" for its name."""
    return str(Refusal("%s", Problem.TOO_BIG))


@lru_cache(maxsize=ROWS_KEPT)
def _row(type_: str, name: str, code: str, label: str, hint: str, chosen: bool) -> SafeString:
    """One choice. Everything that it shows is in the arguments, so it can be kept for the whole process."""
    return render_to_string(
        "wagtail_harassment/reporting/questions/_choice.html",
        {"type": type_, "name": name, "code": code, "label": label, "hint": hint, "chosen": chosen},
    )


@register.simple_tag
def choice_rows(input_: Any, choices: Iterable[dict[str, str]], type_: str) -> SafeString:
    """The choices of one input, ``type_`` "radio" or "checkbox", with those marked that were chosen."""
    chosen = input_.chosen
    return mark_safe(  # noqa: S308 - every row was escaped by its template
        "".join(
            _row(
                type_,
                input_.name,
                choice["code"],
                choice["label"],
                choice.get("hint", ""),
                choice["code"] in chosen,
            )
            for choice in choices
        )
    )
