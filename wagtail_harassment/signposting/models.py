"""Support services: the one place where a helpline's number stands."""

from __future__ import annotations

import datetime as dt
import re

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import (
    DraftStateMixin,
    Locale,
    PreviewableMixin,
    RevisionMixin,
    TranslatableMixin,
)

from wagtail_harassment.institution.models import Campus, Term, Vocabulary
from wagtail_harassment.signposting.chrome import chrome
from wagtail_harassment.signposting.hours import OpeningTime
from wagtail_harassment.signposting.language import is_foreign
from wagtail_harassment.signposting.opening import Opening, opening_of
from wagtail_harassment.signposting.translating import FollowsOriginal

__all__ = ["Audience", "OpeningTime", "SupportService"]

validate_phone = RegexValidator(
    r"^\+?[0-9][0-9 ()-]*$",
    _("Write the number with digits and spaces only, for example 0808 802 0300. Words belong under “hours”."),
)
REVIEW_EVERY = dt.timedelta(days=182)


class Audience(models.TextChoices):
    """Whom a service is for."""

    EVERYONE = "everyone", _("Everyone")
    STUDENTS = "students", _("Students")
    STAFF = "staff", _("Staff")


class HttpsURLField(models.URLField):
    """An address typed without a scheme is taken to be https."""

    def formfield(self, **kwargs: object) -> forms.Field:
        """As Django's, with the scheme it will itself assume from version 6."""
        return super().formfield(**{"assume_scheme": "https", **kwargs})

    def deconstruct(self) -> tuple:
        """A migration sees a plain ``URLField``: the columns are the same."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.URLField", args, kwargs


class SupportService(PreviewableMixin, DraftStateMixin, RevisionMixin, TranslatableMixin, ClusterableModel):
    """Someone who can help, and how to reach them. Every page that shows a number shows it from here.

    Only what is published is ever shown to the public. Deleting a service breaks no page: it is then
    simply not shown any more. History is kept in Wagtail's revisions.
    """

    name = models.CharField(_("name"), max_length=120)
    for_what = models.CharField(
        _("what it is for"), max_length=250, help_text=_("One plain line: what someone can turn to it for.")
    )
    audience = models.CharField(
        _("who it is for"), max_length=10, choices=Audience.choices, default=Audience.EVERYONE
    )
    internal = models.BooleanField(
        _("part of the university"), default=False, help_text=_("Shown before services from outside.")
    )
    region = models.CharField(
        _("where it works"), max_length=80, blank=True, help_text=_("For example: UK, or England and Wales.")
    )
    phone = models.CharField(_("phone"), max_length=30, blank=True, validators=[validate_phone])
    text_or_chat = models.CharField(
        _("text or chat"), max_length=250, blank=True, help_text=_("For example: Text SHOUT to 85258.")
    )
    url = HttpsURLField(_("website"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    hours = models.CharField(
        _("hours"), max_length=250, blank=True, help_text=_("In plain words: when somebody answers.")
    )
    always_open = models.BooleanField(
        _("open day and night"),
        default=False,
        help_text=_(
            "Somebody answers at every hour of the year. The opening times below then count for nothing."
        ),
    )
    campuses = ParentalManyToManyField(
        Campus,
        verbose_name=_("campuses"),
        blank=True,
        related_name="+",
        help_text=_(
            "With none ticked it is for everybody. Otherwise it is not offered to people who report something on "
            "another campus."
        ),
    )
    topics = ParentalManyToManyField(
        Term,
        verbose_name=_("helps with"),
        blank=True,
        related_name="+",
        limit_choices_to={"vocabulary": Vocabulary.INCIDENT_TYPE},
        help_text=_("It is offered to people who report one of these."),
    )
    in_emergency = models.BooleanField(
        _("emergency number"), default=False, help_text=_("Shown in every emergency box. Keep these few.")
    )
    always_show = models.BooleanField(
        _("helps with anything"), default=False, help_text=_("Offered whatever the topic is.")
    )
    sort_order = models.PositiveIntegerField(
        _("position"), default=100, help_text=_("Among its equals, lower comes first.")
    )
    checked_on = models.DateField(
        _("last checked"),
        null=True,
        blank=True,
        help_text=_("The day you rang the number and opened the website. Empty: nobody has checked it yet."),
    )
    review_due = models.DateField(
        _("check again by"),
        null=True,
        blank=True,
        help_text=_("Left empty, six months after the last check."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("looked after by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    panels = [
        FieldPanel("name"),
        FieldPanel("for_what"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("phone"), FieldPanel("text_or_chat")]),
                FieldRowPanel([FieldPanel("url"), FieldPanel("email")]),
            ],
            heading=_("How to reach it"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("hours"),
                FieldPanel("always_open"),
                InlinePanel(
                    "opening_times",
                    label=_("opening time"),
                    heading=_("Opening times"),
                    help_text=_(
                        "For example Monday to Friday, 9:00 to 17:00. After sending a report, people are shown first "
                        "what is open at that moment. What they read about hours is the words above. Bank holidays "
                        "and closures are not known here. Leave this empty if you are not sure of the times."
                    ),
                ),
            ],
            heading=_("When somebody answers"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("audience"), FieldPanel("region")]),
                FieldPanel("internal"),
                FieldPanel("campuses", widget=forms.CheckboxSelectMultiple),
                FieldPanel("topics", widget=forms.CheckboxSelectMultiple),
                FieldPanel("always_show"),
                FieldPanel("in_emergency"),
                FieldPanel("sort_order"),
            ],
            heading=_("When to offer it"),
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("checked_on"), FieldPanel("review_due")]), FieldPanel("owner")],
            heading=_("Keeping it right"),
        ),
    ]

    #: How it stands at the moment it is shown, where that is known: never on a page that is kept for others.
    opening: Opening | None = None

    override_translatable_fields = [FollowsOriginal(name) for name in ("phone", "url", "email", "topics")]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("support service")
        verbose_name_plural = _("support services")
        ordering = ["sort_order", "name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def dial(self) -> str:
        """What a phone dials: the number without its spacing."""
        return re.sub(r"[^0-9+]", "", self.phone)

    @property
    def foreign(self) -> str:
        """The code of its language where that is not the page's: a screen reader has to know."""
        return is_foreign(self.locale_id)

    @property
    def approved_schedule(self) -> bool:
        """Whether publishing is scheduled. A list annotates ``_approved_schedule``, to ask once for all rows."""
        annotated = getattr(self, "_approved_schedule", None)
        return super().approved_schedule if annotated is None else annotated

    def clean(self) -> None:
        """Say what an editor can put right, beside the field it belongs to."""
        super().clean()
        errors = {}
        if not (self.phone or self.text_or_chat or self.url or self.email):
            errors["phone"] = _("Give at least one way to reach it: a phone number, text, website or e-mail.")
        elif self.in_emergency and not self.phone:
            errors["phone"] = _("An emergency number needs a number to call.")
        if self.checked_on and not self.review_due:
            self.review_due = self.checked_on + REVIEW_EVERY
        if self.checked_on and self.review_due and self.review_due <= self.checked_on:
            errors["review_due"] = _("This must come after the last check. Empty it to have it set for you.")
        if errors:
            raise ValidationError(errors)

    def save(self, *args: object, **kwargs: object) -> None:
        """Where no language was chosen, it is the site's own."""
        if self.locale_id is None:
            self.locale = Locale.get_default()
        super().save(*args, **kwargs)

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        """The service as it stands on a page and, where flagged, in an emergency box."""
        return "wagtail_harassment/signposting/service_preview.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, object]:
        """What that template needs beside the service."""
        context = super().get_preview_context(request, mode_name)
        self.opening = opening_of(self, timezone.now())
        return {**context, **chrome(), "service": self, "emergency_services": [self]}
