"""What the private links about actions open, for whoever has one, without asking who they are: a calendar, and the stop of the weekly mail."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from assessments.action_files import as_calendar
from assessments.faults import private
from assessments.models import ActionFeed, ActionMail


@method_decorator(login_not_required, name="dispatch")
class ActionFeedView(View):
    """A member's calendar. A link that does not work, or does no more, says nothing else."""

    http_method_names = ["get", "head", "options"]

    def get(self, request, token):
        feed = ActionFeed.objects.opened_by(token)
        if feed is None:
            return private(HttpResponse("This link does not work.\n", content_type="text/plain; charset=utf-8", status=404))
        actions = feed.actions().select_related("owner", "question")
        return private(HttpResponse(as_calendar(actions, feed.membership.organisation), content_type="text/calendar; charset=utf-8"))


@method_decorator([login_not_required, csrf_exempt], name="dispatch")
class ActionMailStopView(View):
    """The stop link of a mail. Opening it changes nothing, since mail scanners open links; its button stops the mail.

    Mail programs press it too, with no cookie and so without our token (RFC 8058).
    """

    http_method_names = ["get", "head", "options", "post"]

    def get(self, request, token):
        return self.page(ActionMail.objects.for_token(token))

    def post(self, request, token):
        mail = ActionMail.objects.for_token(token)
        if mail:
            mail.user.action_mail_stops.stop()
        return self.page(mail, stopped=True)

    def page(self, mail, stopped=False):
        """Nothing on it says whose mail it is."""
        return private(render(self.request, "assessments/action_mail_stop.jinja", {"known": mail is not None, "stopped": stopped}, status=200 if mail else 404))
