"""Northbridge's own support services, beside the national ones. Nobody is behind their numbers."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.utils import timezone

from wagtail_harassment.institution.models import Campus
from wagtail_harassment.signposting.defaults import service_key
from wagtail_harassment.signposting.models import OpeningTime, SupportService

__all__ = ["load_own_services"]

SERVICES: dict[str, dict[str, Any]] = {
    "wellbeing": {
        "name": "Student Wellbeing",
        "for_what": "Someone at Northbridge to talk to, and help with your studies after something happened",
        "audience": "students",
        "phone": "01632 960111",
        "hours": "Monday to Friday 9 to 5, Wednesday until 7",
        "campuses": [],
        "times": [
            {"first_day": 0, "last_day": 4, "opens": time(9), "closes": time(17)},
            {"first_day": 2, "last_day": 2, "opens": time(17), "closes": time(19)},
        ],
    },
    "wardens": {
        "name": "Weir halls wardens",
        "for_what": "Somebody who comes to your door in halls, at night",
        "audience": "students",
        "phone": "01632 960222",
        "hours": "Every night from 8 in the evening to 8 in the morning",
        "campuses": ["halls"],
        "times": [{"first_day": 0, "last_day": 6, "opens": time(20), "closes": time(8)}],
    },
}


def load_own_services() -> None:
    """One by the day and one by the night, on one campus only. Left alone once there is any of the university's own."""
    if SupportService.objects.filter(internal=True).exists():
        return
    for code, row in SERVICES.items():
        facts = {name: value for name, value in row.items() if name not in ("times", "campuses")}
        service = SupportService(
            **facts,
            internal=True,
            always_show=True,
            translation_key=service_key(f"northbridge.{code}"),
            checked_on=timezone.localdate(),
        )
        service.opening_times = [OpeningTime(**times) for times in row["times"]]
        service.campuses = list(Campus.objects.filter(code__in=row["campuses"]))
        service.full_clean(exclude=["locale"])
        service.save()
        service.save_revision().publish()
