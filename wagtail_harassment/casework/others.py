"""What is done on a case together with others, on a page beside the workspace."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from wagtail_harassment.casework.linking.card import LinkPanel, LinksCard
from wagtail_harassment.casework.meeting import card as meetings
from wagtail_harassment.casework.pages import CasePage
from wagtail_harassment.casework.pointing.card import GivenCard, GivePanel
from wagtail_harassment.casework.referring.card import ReferralsCard
from wagtail_harassment.casework.referring.panels import AdvicePanel, ReferPanel
from wagtail_harassment.casework.screen import Address, Card, Panel
from wagtail_harassment.casework.sending.card import LeftCard
from wagtail_harassment.casework.spending.card import HoursCard, SpendPanel

__all__ = ["ADDRESSES", "CARDS", "PANELS", "OthersView"]

#: What the page is made of, in this order. Each part of this room has its own. The panels are on the workspace too, as
#: links that lead here.
CARDS: tuple[type[Card], ...] = (
    *meetings.CARDS,
    ReferralsCard,
    GivenCard,
    LinksCard,
    HoursCard,
    LeftCard,
)
PANELS: tuple[type[Panel], ...] = (
    *meetings.PANELS,
    ReferPanel,
    AdvicePanel,
    GivePanel,
    LinkPanel,
    SpendPanel,
)


class OthersView(CasePage):
    """Meetings, referrals, services, advice, linked cases, and all that left the house."""

    template_name = "wagtail_harassment/casework/others.html"
    page = "others"
    cards = CARDS
    panels = PANELS

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": self.url("others"), "label": _("With others")}]


ADDRESSES = (Address("others", "<uuid:pk>/others/", OthersView),)
