"""The list of services on the support page: what was asked for, and the groups that answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from wagtail_harassment.institution.models import Term, Vocabulary
from wagtail_harassment.signposting import directory
from wagtail_harassment.signposting.models import Audience, SupportService


@dataclass(frozen=True)
class Wanted:
    """What a visitor narrowed the list to. Empty strings: to nothing."""

    topic: str = ""
    audience: str = ""

    @classmethod
    def read(cls, data: Mapping[str, str]) -> Wanted:
        """From a query string; anything unknown is as if not asked for."""
        audience = data.get("audience", "")
        return cls(
            topic=data.get("topic", "")[:50].replace("\x00", ""),
            audience=audience if audience in {Audience.STUDENTS, Audience.STAFF} else "",
        )

    def __bool__(self) -> bool:
        return bool(self.topic or self.audience)


@dataclass(frozen=True)
class Group:
    """Services under one heading."""

    heading: str
    services: list[SupportService]


@dataclass(frozen=True)
class Listing:
    """What the page's template shows."""

    wanted: Wanted
    topics: list[Term]
    topic: Term | None
    audiences: list[tuple[str, str]]
    groups: list[Group]

    @property
    def count(self) -> int:
        """How many services are shown below the emergency numbers."""
        return sum(len(group.services) for group in self.groups)


def build(wanted: Wanted) -> Listing:
    """The groups that answer ``wanted``. The number of queries does not grow with services or topics."""
    topics = list(Term.objects.filter(vocabulary=Vocabulary.INCIDENT_TYPE, active=True))
    topic = next((term for term in topics if term.code == wanted.topic), None)
    if topic:
        groups = _for_topic(topic, directory.matching([topic.code], wanted.audience or None, limit=None))
    else:
        services = directory.live()
        if wanted.audience:
            services = services.filter(audience__in=[Audience.EVERYONE, wanted.audience])
        groups = _for_all(directory.spoken(services))
    return Listing(
        wanted=wanted,
        topics=topics,
        topic=topic,
        audiences=[(str(value), Audience(value).label) for value in (Audience.STUDENTS, Audience.STAFF)],
        groups=[group for group in groups if group.services],
    )


def _for_topic(topic: Term, found: list[SupportService]) -> list[Group]:
    return [
        Group(_("For %(topic)s") % {"topic": topic.spoken_label}, [s for s in found if s.matched]),
        Group(_("Help with anything"), [s for s in found if not s.matched]),
    ]


def _for_all(found: list[SupportService]) -> list[Group]:
    others = [s for s in found if not s.in_emergency or not s.phone]
    outside = [s for s in others if not s.internal]
    return [
        Group(_("At the university"), [s for s in others if s.internal]),
        Group(_("Someone to talk to about anything"), [s for s in outside if s.always_show]),
        Group(_("For something in particular"), [s for s in outside if not s.always_show]),
    ]
