"""Two of the demo's cases that are linked, and what is still proposed for them."""

from __future__ import annotations

from django.contrib.auth.models import User

from wagtail_harassment.casework.linking.verbs import link
from wagtail_harassment.casework.models import Case, LinkBasis, LinkKind

__all__ = ["link_flatmates"]


def link_flatmates(case: Case, by: User) -> None:
    """The second report from one return page is linked by its reporter. That it names one man is proposed."""
    first = Case.objects.filter(report__threads__return_code__threads__report=case.pk).exclude(pk=case.pk)
    link(
        case=case,
        other=first.get(),
        kind=LinkKind.REPORTER,
        basis=LinkBasis.CODE,
        note="He sent this one from the page of the first. Read both before you write to him.",
        by=by,
    )
