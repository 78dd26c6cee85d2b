"""Whether the files of the cases somebody may see are those that were received, in words for the home page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.labels import when
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting.models import Evidence, EvidenceSource
from wagtail_harassment.vault import integrity

__all__ = ["StateOfFiles", "state_of_files"]

#: Cases that are named, at most.
MOST = 20


@dataclass(frozen=True)
class StateOfFiles:
    """A sentence, whether it is a bad one, and the cases that it is about."""

    words: str
    bad: bool = False
    cases: list[Case] = field(default_factory=list)


def state_of_files(person: Any) -> list[StateOfFiles]:
    """What there is to say, the worst first. Four queries. Of cases that do not exist for somebody, nothing."""
    found = []
    # A copy that was changed is said on its case: what was received is as it was.
    copy = Exists(Evidence.objects.filter(pk=OuterRef("pk"), source=EvidenceSource.COPY))
    troubled = integrity.in_trouble().exclude(record=None).exclude(copy).values("record")
    cases = list(policy.visible_cases(person).filter(pk__in=troubled).order_by("reference")[: MOST + 1])
    if len(cases) > MOST:
        words = _(
            "More than %(count)s cases have files that are not what was received. Tell whoever looks after this site "
            "today."
        )
        found.append(StateOfFiles(words % {"count": MOST}, True, cases[:MOST]))
    elif cases:
        words = ngettext(
            "A case has files that are not what was received. Tell whoever looks after this site today.",
            "%(count)s cases have files that are not what was received. Tell whoever looks after this site today.",
            len(cases),
        )
        found.append(StateOfFiles(words % {"count": len(cases)}, True, cases))
    last = integrity.last_check()
    if integrity.overdue():
        words = _(
            "Nobody has compared the files with what was received for more than a week. Tell whoever looks after "
            "this site."
        )
        found.append(StateOfFiles(words, True))
    elif last is not None and not cases:
        words = _("The files of your cases are as they were received: last compared %(when)s.")
        found.append(StateOfFiles(words % {"when": when(last.day)}))
    if last is not None and last.strays:
        words = _("The storage holds files that belong to nothing here. Tell whoever looks after this site.")
        found.append(StateOfFiles(words, True))
    return found
