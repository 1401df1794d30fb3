"""Where readers, without an account, write to the curators: each form has a page of its own, since only that page sets a cookie for it."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.generic import FormView

from resources import limits
from resources.mending import is_broken
from resources.models import MendNotice, Resource, Suggestion, UsefulCount
from resources.reader_forms import ReportForm, SuggestionForm, TellMeForm, UsefulForm
from resources.views import CatalogueView
from resources.wording import clock


@method_decorator([login_not_required, cache_control(private=True, no_store=True)], name="dispatch")
class ReaderView(FormView):
    """A form that anybody may send, so many times an hour. `name` is that of its route, its limit and its template."""

    name = ""

    def get_template_names(self):
        return [f"resources/{self.name}.jinja"]

    def form_valid(self, form):
        seconds = limits.seconds_to_wait(self.request, self.name)
        if seconds:
            return self.too_many(form, seconds)
        self.keep(form.typed())
        return redirect(f"resources:{self.name}_thanks", **self.kwargs)

    def too_many(self, form, seconds):
        """The form again, with what was typed, and when to send it."""
        at = clock(timezone.localtime(timezone.now() + timedelta(seconds=seconds + 59)))
        form.add_error(None, f"We have had too many of these in the last hour. Come back after {at} and send it again. What you typed is below: copy it")
        response = self.form_invalid(form)
        response.status_code, response["Retry-After"] = 429, str(seconds)
        return response


class SuggestionView(ReaderView):
    """Suggest a resource. A search that found nothing brings its words along."""

    name, form_class = "suggestion", SuggestionForm

    def get_initial(self):
        return {"title": self.request.GET.get("title", "")[:300].replace("\x00", "")}

    def keep(self, typed):
        Suggestion.objects.take(**typed)


class AboutResourceView(ReaderView):
    """A form about one published resource."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.resource = get_object_or_404(Resource.objects.published(), slug=kwargs["slug"])

    def get_context_data(self, **kwargs):
        return super().get_context_data(resource=self.resource, **kwargs)


class ReportView(AboutResourceView):
    """Report a problem with a resource."""

    name, form_class = "report", ReportForm

    def get_initial(self):
        return {"kind": self.request.GET.get("kind", "")}

    def keep(self, typed):
        self.resource.reports.take(resource=self.resource, **typed)


class UsefulView(AboutResourceView):
    """Was it useful?"""

    name, form_class = "useful", UsefulForm

    def keep(self, typed):
        UsefulCount.objects.say(self.resource, useful=typed["useful"] == "yes")


class TellMeView(AboutResourceView):
    """Be told when a broken link is mended. Where it is not known to be broken, there is nothing to wait for."""

    name, form_class = "tell_me", TellMeForm

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.broken = is_broken(self.resource)

    def get_template_names(self):
        return super().get_template_names() if self.broken else ["resources/tell_me_works.jinja"]

    def form_valid(self, form):
        return super().form_valid(form) if self.broken else self.form_invalid(form)

    def keep(self, typed):
        MendNotice.objects.ask(self.resource, typed["email"])


class ThanksView(CatalogueView):
    """What happens next with what a reader sent, and when."""

    name = ""

    def get_template_names(self):
        return [f"resources/{self.name}_thanks.jinja"]

    def get_context_data(self, slug=None, **kwargs):
        record = self.catalogue.index.get(slug) if slug else None
        if slug and record is None:
            raise Http404
        return super().get_context_data(record=record, **kwargs)
