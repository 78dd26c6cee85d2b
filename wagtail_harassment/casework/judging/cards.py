"""What was judged about a case, and the panels in which it is."""

from __future__ import annotations

from functools import cached_property

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.judging.forms import ConsentForm, EndMeasureForm, MeasureForm, RiskForm
from wagtail_harassment.casework.judging.verbs import Answer, Subject
from wagtail_harassment.casework.labels import when
from wagtail_harassment.casework.models import CaseStatus, Note, NoteKind, RiskLevel
from wagtail_harassment.casework.noting.notes import Written, noted, written
from wagtail_harassment.casework.screen import Card, Panel, Screen

__all__ = ["ConsentCard", "ConsentPanel", "MeasurePanel", "RiskCard", "RiskPanel"]


class RiskCard(Card):
    """How high the risk is, why, and what protects people meanwhile."""

    name = "risk-card"
    heading = gettext_lazy("Risk")
    icon = "warning"
    template_name = "wagtail_harassment/casework/cards/risk.html"

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        rows = noted(screen).judged
        ended = {row.about_id for row in rows if row.kind == NoteKind.MEASURE_ENDED}
        self.newest = next((row for row in rows if row.kind == NoteKind.RISK), None)
        self.open = [row for row in rows if row.kind == NoteKind.MEASURE and row.pk not in ended]
        screen.keys.want(row.pk for row in [*self.open, *([self.newest] if self.newest else [])])

    @property
    def level(self) -> str:
        """The level, in a word."""
        return RiskLevel(self.screen.case.risk).label if self.screen.case.risk else ""

    @cached_property
    def why(self) -> Written | None:
        """Why, as it was judged last."""
        return written(self.newest, self.screen.keys) if self.newest else None

    @property
    def review(self) -> str:
        """When to look again, in words."""
        return when(self.newest.review_on) if self.newest and self.newest.review_on else ""

    @cached_property
    def measures(self) -> list[tuple[Written, str, EndMeasureForm | None, str]]:
        """Measures in force: what, when to look again, a form to end it for those who may, and its place."""
        may = "judge" in self.screen.may
        found = []
        for row in self.open:
            place = f"measure-{row.pk.hex}"
            form = self.screen.bound.get(place) or EndMeasureForm(prefix=place)
            review = when(row.review_on) if row.review_on else ""
            found.append((written(row, self.screen.keys), review, form if may else None, place))
        return found

    @property
    def end_url(self) -> str:
        """Where the end of a measure is sent to."""
        return self.screen.url("end_measure")


class ConsentCard(Card):
    """What somebody agreed to: what they said last about each thing."""

    name = "consent-card"
    heading = gettext_lazy("Consent")
    icon = "check"
    template_name = "wagtail_harassment/casework/cards/consent.html"

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.rows: dict[str, Note] = {}
        for row in noted(screen).judged:
            if row.kind == NoteKind.CONSENT:
                self.rows.setdefault(row.code.partition(":")[0], row)
        screen.keys.want(row.pk for row in self.rows.values())

    @cached_property
    def said(self) -> list[tuple[str, str, Written]]:
        """``(about what, what they said, the words)``, in a fixed order."""
        return [
            (subject.label, Answer(self.rows[subject].code.partition(":")[2]).label, self._of(subject))
            for subject in Subject
            if subject in self.rows
        ]

    def _of(self, subject: str) -> Written:
        return written(self.rows[subject], self.screen.keys)


class RiskPanel(Panel):
    """Judge the risk."""

    name = "risk"
    action = "judge"
    heading = gettext_lazy("Risk")
    button = gettext_lazy("Save the risk")
    icon = "warning"

    @property
    def shown(self) -> bool:
        return self.screen.case.status != CaseStatus.CLOSED

    def make_form(self, data: QueryDict | None = None) -> RiskForm:
        case = self.screen.case
        return RiskForm(data, prefix=self.name, case=case, initial={"level": case.risk})

    @property
    def sentence(self) -> str:
        return _("The level stands at the top of the case and in the list. The words are a note on the case.")


class MeasurePanel(Panel):
    """Write down an interim measure."""

    name = "measure"
    action = "judge"
    heading = gettext_lazy("Interim measure")
    button = gettext_lazy("Add the measure")
    icon = "lock"

    @property
    def shown(self) -> bool:
        return self.screen.case.status != CaseStatus.CLOSED

    def make_form(self, data: QueryDict | None = None) -> MeasureForm:
        return MeasureForm(data, prefix=self.name)

    @property
    def sentence(self) -> str:
        return _(
            "It stands beside the risk until somebody says that it is over. Everyone who can see this case sees it."
        )


class ConsentPanel(Panel):
    """Write down what somebody agreed to."""

    name = "consent"
    action = "judge"
    heading = gettext_lazy("Consent")
    button = gettext_lazy("Write it down")
    icon = "check"

    def make_form(self, data: QueryDict | None = None) -> ConsentForm:
        return ConsentForm(data, prefix=self.name)

    @property
    def sentence(self) -> str:
        return _("It becomes a note on the case. Nobody is told, and nothing is done by it.")
