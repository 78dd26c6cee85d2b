"""What a saved list is, in words: its filters as the list of cases names them."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.listing import CaseFilterSet

__all__ = ["words"]


def words(query: str, request: HttpRequest) -> list[str]:
    """Each filter with its choice: "Status: All that are open".

    A choice that this person's cases do not offer is not named: its words may be of a case they may not see. At most
    two queries.
    """
    given = QueryDict(query)
    filters = CaseFilterSet(given, policy.visible_cases(request.user), request=request)
    form, found = filters.form, []
    for name in given:
        if name not in form.fields:
            continue
        choices = dict(form.fields[name].choices)
        value = choices.get(given[name]) or _("something that none of your cases has")
        found.append(_("%(filter)s: %(choice)s") % {"filter": form.fields[name].label, "choice": value})
    return found
