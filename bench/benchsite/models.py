"""The peers: a bare Wagtail page, and a form page of wagtail.contrib.forms as its documentation has it."""

from django.core.files.storage import default_storage
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
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


class PlainUploadPage(Page):
    """Takes a file as Django's documentation has it, and keeps it in clear."""

    def serve(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            default_storage.save("plain/bench.mp4", request.FILES["file"])
            return HttpResponseRedirect(request.path)
        return render(request, "benchsite/plain_upload_page.html", {"page": self})


class TenFieldsPage(AbstractForm):
    """A form of ten fields, whose submissions lie in clear in the database."""
