"""The peers: a bare Wagtail page, and a form page of wagtail.contrib.forms as its documentation has it."""

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField
from wagtail.fields import RichTextField
from wagtail.models import Page


class BarePage(Page):
    """A title and a rich text, in a template of a few lines: the least that Wagtail does for a page."""

    body = RichTextField(blank=True)


class FormField(AbstractFormField):
    """A field that an editor added."""

    page = ParentalKey("TenFieldsPage", on_delete=models.CASCADE, related_name="form_fields")


class TenFieldsPage(AbstractForm):
    """A form of ten fields, whose submissions lie in clear in the database."""
