"""StreamField blocks of the landing and support pages.

None holds a number of its own: each shows what the support services and the settings say.
Templates are given the page's ``site`` and nothing of the request, because what they say is kept.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.models import Site

from wagtail_harassment.institution.models import HarassmentSettings, Term, Vocabulary
from wagtail_harassment.signposting import directory
from wagtail_harassment.signposting.translating import ServiceChooserBlock

TEXT_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link", "hr"]
TEMPLATES = "wagtail_harassment/signposting/blocks"


def incident_types() -> list[tuple[str, str]]:
    """Choices: the types of incident in use."""
    terms = Term.objects.filter(vocabulary=Vocabulary.INCIDENT_TYPE, active=True)
    return list(terms.values_list("code", "label"))


def address_below(context: dict[str, Any], model: str) -> str | None:
    """Where the first published page of type ``model`` (named by string) below this one is, if there is one."""
    page = context.get("page")
    if page is None or not page.pk:
        return None
    kind = {"content_type__app_label": "wagtail_harassment", "content_type__model": model}
    found = page.get_children().live().filter(**kind).first()
    return found.get_url(current_site=context.get("site")) if found else None


def emergency_context(site: Site | None) -> dict[str, Any]:
    """What an emergency box says: the flagged services, and what the site's settings add."""
    settings = HarassmentSettings.for_site(site) if site else None
    return {"emergency_services": directory.emergency(), "emergency_settings": settings}


class EmergencyBlock(blocks.StructBlock):
    """Numbers to call now."""

    heading = blocks.CharBlock(label=_("heading"), default=_("In danger now?"), max_length=120)

    class Meta:
        icon = "warning"
        label = _("Emergency numbers")
        template = f"{TEMPLATES}/emergency.html"
        help_text = _(
            "Shows the services marked as emergency numbers, and your security phone from Settings."
        )

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add the numbers."""
        context = super().get_context(value, parent_context)
        return {**context, **emergency_context(context.get("site"))}


class CallToActionBlock(blocks.StructBlock):
    """The way to the form, or to another page."""

    heading = blocks.CharBlock(label=_("heading"), max_length=120)
    text = blocks.TextBlock(label=_("text"), required=False)
    page = blocks.PageChooserBlock(
        label=_("page"),
        required=False,
        help_text=_("Empty: the report form below this page, and the return page if there is one."),
    )
    button = blocks.CharBlock(label=_("words on the button"), max_length=60)

    class Meta:
        icon = "arrow-right"
        label = _("Button to a page")
        template = f"{TEMPLATES}/call_to_action.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add the address, unless the page is gone or not published."""
        context = super().get_context(value, parent_context)
        page, site = value.get("page"), context.get("site")
        if page is None:
            context["href"] = address_below(context, "reportformpage")
            context["come_back"] = address_below(context, "inboxpage")
        else:
            page = page.localized
            context["href"] = page.get_url(current_site=site) if page.live else None
        return context


class ReportableBlock(blocks.StructBlock):
    """What can be reported, in the words the form uses."""

    heading = blocks.CharBlock(label=_("heading"), default=_("What you can report"), max_length=120)
    text = blocks.TextBlock(label=_("text"), required=False)

    class Meta:
        icon = "list-ul"
        label = _("What can be reported")
        template = f"{TEMPLATES}/reportable.html"
        help_text = _("Lists the types of incident in use, each with its definition.")

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add the types of incident. One query."""
        context = super().get_context(value, parent_context)
        context["terms"] = list(Term.objects.filter(vocabulary=Vocabulary.INCIDENT_TYPE, active=True))
        return context


class SelectedServicesBlock(blocks.StructBlock):
    """Services an editor picked."""

    heading = blocks.CharBlock(label=_("heading"), max_length=120)
    services = blocks.ListBlock(ServiceChooserBlock(), label=_("services"))

    class Meta:
        icon = "help"
        label = _("Chosen services")
        template = f"{TEMPLATES}/services.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add those still published."""
        context = super().get_context(value, parent_context)
        context["services"] = directory.selected(value.get("services") or [])
        return context


class TopicServicesBlock(blocks.StructBlock):
    """Services for topics an editor picked."""

    heading = blocks.CharBlock(label=_("heading"), max_length=120)
    topics = blocks.MultipleChoiceBlock(
        label=_("topics"),
        choices=incident_types,
        required=False,
        help_text=_("Empty: services that help with anything."),
    )
    limit = blocks.IntegerBlock(label=_("at most"), default=6, min_value=1, max_value=24)

    class Meta:
        icon = "tag"
        label = _("Services for topics")
        template = f"{TEMPLATES}/services.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add the services that match."""
        context = super().get_context(value, parent_context)
        context["services"] = directory.matching(value.get("topics") or [], limit=value.get("limit") or 6)
        context["more"] = address_below(context, "supportpage")
        return context


class ContactCardBlock(blocks.StructBlock):
    """One service, with a word of introduction."""

    service = ServiceChooserBlock(label=_("service"))
    text = blocks.RichTextBlock(
        label=_("introduction"), features=["bold", "italic", "link", "ol", "ul"], required=False
    )

    class Meta:
        icon = "user"
        label = _("Contact card")
        template = f"{TEMPLATES}/contact_card.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add the service, if it is published."""
        context = super().get_context(value, parent_context)
        context["service"] = next(iter(directory.selected([value.get("service")])), None)
        return context


class AccordionItemBlock(blocks.StructBlock):
    """A question that opens to its answer."""

    heading = blocks.CharBlock(label=_("heading"), max_length=160)
    text = blocks.RichTextBlock(label=_("text"), features=[f for f in TEXT_FEATURES if f != "h2"])

    class Meta:
        icon = "collapse-down"


class AccordionBlock(blocks.StructBlock):
    """Questions and answers, closed until asked for."""

    heading = blocks.CharBlock(label=_("heading"), max_length=120)
    questions = blocks.ListBlock(AccordionItemBlock(), label=_("questions"))

    class Meta:
        icon = "collapse-down"
        label = _("Questions and answers")
        template = f"{TEMPLATES}/accordion.html"


class BodyBlock(blocks.StreamBlock):
    """What a landing or support page is made of."""

    text = blocks.RichTextBlock(
        label=_("Text"), features=TEXT_FEATURES, icon="pilcrow", template=f"{TEMPLATES}/text.html"
    )
    emergency = EmergencyBlock()
    call_to_action = CallToActionBlock()
    reportable = ReportableBlock()
    selected_services = SelectedServicesBlock()
    topic_services = TopicServicesBlock()
    contact_card = ContactCardBlock()
    accordion = AccordionBlock()
