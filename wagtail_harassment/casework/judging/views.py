"""The addresses at which a case is judged."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.judging import verbs
from wagtail_harassment.casework.judging.cards import ConsentPanel, MeasurePanel, RiskPanel
from wagtail_harassment.casework.judging.forms import ConsentForm, EndMeasureForm, MeasureForm, RiskForm
from wagtail_harassment.casework.models import Note, NoteKind
from wagtail_harassment.casework.pressing import PanelView, VerbView
from wagtail_harassment.casework.screen import Address

__all__ = ["ADDRESSES", "ConsentView", "EndMeasureView", "MeasureView", "RiskView"]


class RiskView(PanelView):
    """Judge the risk, if the case is still as this person saw it."""

    panel = RiskPanel
    not_done = gettext_lazy("The risk was not saved.")
    place = "#risk-card"

    @sensitive_variables()
    def press(self, form: RiskForm) -> str:
        data = form.cleaned_data
        verbs.assess_risk(
            case=self.object,
            level=data["level"],
            why=data["why"],
            review_on=data["review_on"],
            by=self.request.user,
            expected_version=data["version"],
        )
        return _("The risk was saved.")


class MeasureView(PanelView):
    """Add an interim measure."""

    panel = MeasurePanel
    not_done = gettext_lazy("The measure was not added.")
    place = "#risk-card"

    @sensitive_variables()
    def press(self, form: MeasureForm) -> str:
        verbs.add_measure(case=self.object, by=self.request.user, **form.cleaned_data)
        return _("The measure was added.")


class EndMeasureView(VerbView):
    """End a measure of this case: one of another is like one that never was."""

    @sensitive_variables()
    def act(self) -> HttpResponse:
        if "judge" not in self.may:
            raise actions.NotAllowed
        measure = self.measure()
        place = f"measure-{measure.pk.hex}"
        form = EndMeasureForm(self.request.POST, prefix=place)
        if form.is_valid():
            try:
                verbs.end_measure(
                    case=self.object, measure=measure, by=self.request.user, **form.cleaned_data
                )
                return self.done(_("The measure is over."), "#risk-card")
            except ValidationError as error:
                form.add_error("text", error)
        return self.show(
            status=422,
            trouble=_("The measure was not ended."),
            trouble_place=f"#{place}",
            panels={place: form},
        )

    def measure(self) -> Note:
        """The measure that was named."""
        try:
            pk = uuid.UUID(self.request.POST.get("measure", ""))
            return self.object.notes.get(pk=pk, kind=NoteKind.MEASURE)
        except (ValueError, Note.DoesNotExist):
            raise Http404 from None


class ConsentView(PanelView):
    """Write down what somebody agreed to."""

    panel = ConsentPanel
    not_done = gettext_lazy("It was not written down.")
    place = "#consent-card"

    @sensitive_variables()
    def press(self, form: ConsentForm) -> str:
        verbs.record_consent(case=self.object, by=self.request.user, **form.cleaned_data)
        return _("It was written down.")


ADDRESSES = (
    Address("risk", "<uuid:pk>/risk/", RiskView),
    Address("measure", "<uuid:pk>/measure/", MeasureView),
    Address("end_measure", "<uuid:pk>/measure/end/", EndMeasureView),
    Address("consent", "<uuid:pk>/consent/", ConsentView),
)
