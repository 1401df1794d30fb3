"""Actions to take away: the list as a file, a private link to a calendar, and the weekly mail. The calendar itself is in action_link_views.py.

Everything is reached from the organisation and its member, never from a model: see assessments/views.py.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.letters import link
from assessments.action_files import as_csv, as_workbook
from assessments.action_forms import FeedForm
from assessments.action_list import ActionList
from assessments.action_views import ActionFormView, ActionsView

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ActionFileView(ActionsView):
    """The actions that the address asks for, in the order of the page, as a file."""

    def attachment(self, content, content_type, ending):
        response = HttpResponse(content, content_type=content_type)
        response["Content-Disposition"] = f'attachment; filename="actions-{self.organisation.code}.{ending}"'
        return response

    def actions(self):
        shown = ActionList(self.organisation.actions, self.request.GET, self.request.user)
        return [action for _, actions in shown.groups() for action in actions]


class ActionCSVView(ActionFileView):
    """As comma-separated values."""

    def get(self, request):
        return self.attachment(as_csv(self.actions()), "text/csv; charset=utf-8", "csv")


class ActionWorkbookView(ActionFileView):
    """As an Excel workbook."""

    def get(self, request):
        return self.attachment(as_workbook(self.actions()), XLSX, "xlsx")


class ActionCalendarView(ActionFormView):
    """A member's private link to a calendar of the actions: made, made anew, and shown once, in the answer to the form itself."""

    form_class, template_name = FeedForm, "assessments/action_calendar.jinja"
    title = "Actions in your calendar"

    @property
    def verb(self):
        return "agree" if self.request.method == "POST" else "see_actions"

    @property
    def feed(self):
        """The link that this member has, or none."""
        return self.request.membership.action_feeds.first()

    def get_context_data(self, **kwargs):
        feed = self.feed
        return super().get_context_data(**{"feed": feed, "button": "Make a new link" if feed else "Make the link", **kwargs})

    def form_valid(self, form):
        token = self.request.membership.action_feeds.make(mine=form.cleaned_data["what"] == "mine")
        return self.render_to_response(self.get_context_data(form=FeedForm(), made=link("assessments:action_feed", token)))


class ActionCalendarRevokeView(ActionsView):
    """Take one's own link back: it opens nothing from now on."""

    http_method_names = ["post"]

    def post(self, request):
        for feed in request.membership.action_feeds.all():
            feed.revoke()
        messages.success(request, "Your calendar link no longer works.")
        return redirect(self.to("action_calendar"))


class ActionMailView(ActionsView):
    """Stop or start one's own weekly mail about actions, of all organisations."""

    http_method_names = ["post"]

    def post(self, request):
        if request.POST.get("mail") == "start":
            request.user.action_mail_stops.start()
            messages.success(request, "You get the weekly mail about your actions again.")
        else:
            request.user.action_mail_stops.stop()
            messages.success(request, "You get no more weekly mail about your actions.")
        return redirect(self.to("actions"))
