"""Links by which somebody without an account reads a submitted result: a lead makes them, sees each once, and takes them back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect

from accounts.letters import link
from assessments.reading_link_forms import ReadingLinkForm
from assessments.views import RoundForm, RoundView


class ReadingLinksView(RoundForm):
    """The links of a round, and a form that makes one more. The new link is in the answer to the form itself: it is kept nowhere."""

    form_class, template_name = ReadingLinkForm, "assessments/reading_links.jinja"
    title, button = "Links to read the result", "Make the link"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **{
                "made_links": self.assessment.reading_links.select_related("made_by"),
                "submitted": self.assessment.submissions.exists(),
                "back": ("The result", self.to("result")),
                **kwargs,
            }
        )

    def form_valid(self, form):
        try:
            token = self.assessment.reading_links.make(by=self.request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        made = link("assessments:shared_result", token)
        return self.render_to_response(self.get_context_data(form=self.form_class(), made=made, who=form.cleaned_data["who"], until=form.cleaned_data["until"]))


class ReadingLinkRevokeView(RoundView):
    """Take a link back: it opens nothing from now on."""

    verb, http_method_names = "run_rounds", ["post"]

    def post(self, request, **kwargs):
        row = get_object_or_404(self.assessment.reading_links, public_id=self.kwargs["link"])
        row.revoke(by=request.user)
        messages.success(request, f"The link for {row.who} no longer works.")
        return redirect(self.to("reading_links"))
