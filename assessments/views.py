"""What every page of a round shares: the organisation's door (accounts/door.py) gave the organisation, the address gives the round.

Nothing here or in the views built on it reaches a model but through `request.organisation`: an import contract says so.
"""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.views import OrganisationForm, OrganisationPage, OrganisationView

PRACTICE = "This is a practice round: nothing in it counts, and no mail is sent."


class RoundView(OrganisationView):
    """Something of one round."""

    needs = ""  # an attribute of the round without which there is nothing to do here: is_rating, is_open ...
    otherwise = "This round is closed, so that can no longer be done."

    def dispatch(self, request, *args, **kwargs):
        if self.needs and request.membership.can(self.verb) and not getattr(self.assessment, self.needs):
            messages.error(request, self.otherwise)
            return redirect(self.to("assessment"))
        return super().dispatch(request, *args, **kwargs)

    def to(self, name, *args):
        """The address of another page of this round."""
        return reverse(f"assessments:{name}", args=[self.organisation.code, self.kwargs["number"], *args])

    @property
    def assessment(self):
        if not hasattr(self, "_assessment"):
            rounds = self.organisation.assessments.select_related("framework", "organisation", "started_by")
            self._assessment = get_object_or_404(rounds, number=self.kwargs["number"])
        return self._assessment

    def rater(self):
        """The rater that the address names."""
        return get_object_or_404(self.assessment.raters.select_related("group"), public_id=self.kwargs["rater"])

    def get_context_data(self, **kwargs):
        notice = PRACTICE if self.assessment.practice else ""
        return super().get_context_data(**{"assessment": self.assessment, "notice": notice, **kwargs})


class RoundPage(RoundView, OrganisationPage):
    """A page of a round to read."""


class RoundForm(RoundView, OrganisationForm):
    """A form about a round. What the model refuses is shown in the form, and nothing typed is lost."""

    verb, then = "run_rounds", "assessment"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**{"back": (self.assessment.name, self.to("assessment")), **kwargs})
