"""What is due for a check: a wrong number on a bad day is worse than none."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils import timezone

from wagtail_harassment.signposting.models import SupportService

__all__ = ["due", "is_due"]


def due(*, on: dt.date | None = None) -> QuerySet[SupportService]:
    """Published services that nobody has checked yet, or whose next check has come by ``on`` (today)."""
    on = on or timezone.localdate()
    return SupportService.objects.filter(Q(checked_on=None) | Q(review_due__lte=on), live=True)


def is_due(service: SupportService, *, on: dt.date | None = None) -> bool:
    """The same, of one service."""
    on = on or timezone.localdate()
    late = service.review_due is not None and service.review_due <= on
    return service.live and (service.checked_on is None or late)
