"""Messages that are sent often: what is offered in front of a message box, and putting one into it.

The words belong to the institution and are in clear. What is made of them with a case is in memory only.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from wagtail_harassment.casework.models import Case, MessageTemplate, TemplateParagraph
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.signposting.language import default_language, name_of

__all__ = ["PLACEHOLDERS", "Offered", "Paragraph", "offered", "put_together"]

#: What is filled in, in braces; any other braces stay as they are.
PLACEHOLDERS = ("reference", "case manager")


@dataclass(frozen=True)
class Paragraph:
    """One paragraph, filled in. An optional one has a box to tick."""

    code: str
    words: str
    optional: bool


@dataclass(frozen=True)
class Offered:
    """A template with its paragraphs. ``language`` names it where it is not the site's own."""

    code: str
    name: str
    language: str
    paragraphs: list[Paragraph]


def offered(case: Case, by: AbstractBaseUser, language: str) -> list[Offered]:
    """The templates in use for a report in ``language``, filled in for a case. One query.

    Those in the report's language come first, then those for any. Where there are none in it, those in the
    site's own language too.
    """
    paragraphs = TemplateParagraph.objects.filter(active=True, template__active=True).select_related(
        "template"
    )
    rows: dict[MessageTemplate, list[TemplateParagraph]] = {}
    for each in paragraphs.order_by("template__sort_order", "template__name", "sort_order", "id"):
        rows.setdefault(each.template, []).append(each)
    mine = [row for row in rows if row.language and _base(row.language) == _base(language)]
    if not mine:
        mine = [row for row in rows if row.language and _base(row.language) == _base(default_language())]
    manager = display_name(case.assignee or by)
    return [
        Offered(
            code=row.code,
            name=row.name,
            language=_named(row.language),
            paragraphs=[
                Paragraph(each.code, _filled(each.words, case.reference, manager), each.optional)
                for each in rows[row]
            ],
        )
        for row in [*mine, *(row for row in rows if not row.language)]
    ]


def put_together(template: Offered, ticked: Collection[str]) -> str:
    """The words of a template: what cannot be left out, and the optional paragraphs that were ticked."""
    chosen = [each.words for each in template.paragraphs if not each.optional or each.code in ticked]
    return "\n\n".join(chosen)


def _filled(words: str, reference: str, manager: str) -> str:
    """In one go, so that nothing in a name is filled in again."""
    values = {"{reference}": reference, "{case manager}": manager}
    known = "|".join(re.escape(placeholder) for placeholder in values)
    return re.sub(known, lambda match: values[match[0]], words.replace("\r\n", "\n").strip())


def _base(code: str) -> str:
    return code.partition("-")[0]


def _named(code: str) -> str:
    return name_of(code, here=True) if code and _base(code) != _base(default_language()) else ""
