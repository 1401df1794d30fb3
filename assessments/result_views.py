"""Reading a result: the version that stands, any other, a preview before there is one, and what a predecessor submitted.

Everything is reached from the organisation, never from a model: see assessments/views.py. Each result is drawn from its snapshot alone.
"""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from accounts.views import OrganisationPage
from assessments import worked_example
from assessments.snapshot import fingerprint
from assessments.views import RoundPage


@method_decorator(login_not_required, name="dispatch")
class HowResultsView(TemplateView):
    """How results are worked out, for anybody: what a level is, what is shown and what is not, with examples worked out as the page is drawn."""

    template_name = "assessments/how_results.jinja"

    def get_context_data(self, **kwargs):
        return super().get_context_data(example=worked_example, **kwargs)


class ResultPage(RoundPage):
    """One version of a round's result."""

    template_name = "assessments/result.jinja"

    @cached_property
    def versions(self):
        """Every version, the first first, without their snapshots."""
        return list(self.assessment.submissions.defer("snapshot").order_by("version"))

    def version(self, number):
        """One version with its snapshot."""
        return get_object_or_404(self.assessment.submissions, version=number)

    @property
    def insider(self):
        """Does the reader work on the self-assessment?"""
        return self.request.membership.can("agree")

    def shown(self, submission, **context):
        """What the page of a submitted version needs."""
        return {
            "data": submission.data,
            "sha256": submission.sha256,
            "submission": submission,
            "versions": self.versions,
            "insider": self.insider,
            **context,
        }


class ResultView(ResultPage):
    """The version that stands. Before there is one, whoever agrees sees a preview, and everybody else why there is nothing yet."""

    def get_template_names(self):
        return [self.template_name if self.versions or self.may_preview else "assessments/result_none.jinja"]

    @property
    def may_preview(self):
        return self.insider and self.assessment.is_agreeing

    def get_context_data(self, **kwargs):
        if self.versions:
            return super().get_context_data(**self.shown(self.version(self.versions[-1].version)), **kwargs)
        if self.may_preview:
            data, text = self.assessment.submissions.draft()
            return super().get_context_data(data=data, sha256=fingerprint(text), insider=True, preview=True, **kwargs)
        return super().get_context_data(why=self.why_none(), **kwargs)

    def why_none(self):
        """Why there is no result to read."""
        if self.assessment.abandoned_at:
            return "This round was abandoned, so it has no result."
        if self.assessment.practice:
            return "This is a practice round. Its result is not submitted."
        if self.assessment.is_rating:
            return "People are still rating. The result comes after the round has closed and your organisation has agreed on it together."
        return "Your organisation is agreeing on the result. You can read it here once a lead has submitted it."


class ResultVersionView(ResultPage):
    """Any version, for ever as it was submitted."""

    def get_context_data(self, **kwargs):
        return super().get_context_data(**self.shown(self.version(self.kwargs["version"])), **kwargs)


class PredecessorResultView(OrganisationPage):
    """What an organisation that became part of this one submitted and shared."""

    template_name = "assessments/result_predecessor.jinja"

    def get_context_data(self, **kwargs):
        rounds = self.organisation.assessments.of_predecessors()
        round = get_object_or_404(rounds, organisation__code=self.kwargs["predecessor"].upper(), number=self.kwargs["number"])
        submission = round.submissions.order_by("version").last()
        return super().get_context_data(**{**kwargs, "submission": submission, "predecessor": round.organisation})
