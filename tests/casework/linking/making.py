"""Cases that may have to do with each other, for the tests: opened as they are in life."""

from __future__ import annotations

import re
from typing import Any

from tests.factories import make_case
from wagtail_harassment.casework.linking import verbs
from wagtail_harassment.casework.linking.reading import Links
from wagtail_harassment.casework.models import Case, CaseLink

NAME = "Gareth Pugh"


def about(name: str = NAME, **answers: Any) -> Case:
    """A case of a report that names somebody."""
    answers = {"route": "anonymous", "reported_people": [{"name": name}]} | answers
    return make_case(**answers)


def linked(case: Case, other: Case, by: Any, kind: str = "reported", **more: Any) -> CaseLink:
    """The end of a link that stands on the case."""
    return verbs.link(case=case, other=other, kind=kind, by=by, **more).row


def proposed(case: Case, person: Any) -> dict[Any, tuple[str, tuple[str, ...]]]:
    """``{id: (kind, reasons)}`` of what is proposed to somebody."""
    found = Links(case, person).proposals
    return {one.other.pk: (one.kind.value, one.reasons) for one in found}


def shown(case: Case, person: Any) -> set[tuple[Any, str]]:
    """``(id, kind)`` of the links that somebody sees."""
    return {(row.other_id, row.kind) for row in Links(case, person).live}


def text(answer: Any) -> str:
    """A page with one space for any."""
    return re.sub(r"\s+", " ", answer.content.decode())
