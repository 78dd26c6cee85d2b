"""What was done about links, in sentences. Of links with cases that whoever looks may not see, nothing is told.

So the rows tell of it, and not the ledger, which does not know who looks. An auditor reads the ledger's own words in
the trail; they name no case.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from wagtail_harassment.casework.linking.reading import Links
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.timeline import Happening

__all__ = ["VIEWS", "happenings"]

#: Ways to look at what happened that show it: see ``timeline.views``.
VIEWS = ("", "decisions", "all")


def happenings(links: Links) -> list[Happening]:
    """What was done about the links of a case that this person may see. No query beyond theirs."""
    found = []
    for row in links.rows:
        facts = {"reference": row.other.reference, "kind": str(row.get_kind_display()).lower()}
        words = _("%(who)s linked the case with %(reference)s: %(kind)s")
        who = {"who": display_name(row.linked_by)}
        found.append(Happening(row.linked_at, False, words % (facts | who)))
        if row.removed:
            words = _("%(who)s took away the link with %(reference)s: %(kind)s")
            who = {"who": display_name(row.removed_by)}
            found.append(Happening(row.removed_at, False, words % (facts | who)))
    return found
