"""The door of a reading link: /result/<token>/ opens one round's submitted result and nothing else, and nobody is asked who they are."""

from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from assessments.faults import private
from assessments.models import ReadingLink


@method_decorator(login_not_required, name="dispatch")
class SharedResultView(TemplateView):
    """The version that stands. A link that has run out, was revoked or never was gets one and the same page."""

    http_method_names = ["get", "head", "options"]
    template_name = "assessments/result_shared.jinja"

    def get(self, request, token):
        link = ReadingLink.objects.for_token(token).select_related("assessment").first()
        submission = link and link.assessment.submissions.order_by("version").last()
        context = {"link": link, "submission": submission}
        return private(self.render_to_response(context, status=200 if link else 404))
