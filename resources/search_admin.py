"""Words that readers search with, in the admin."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.lookups import OnlyItsFilters
from resources import catalogue
from resources.curator_admin import CuratorAdmin, back, by_post
from resources.models import FailedSearch, SearchDecision, Synonym

SHOWN = 10  # titles that a search finds now


@admin.register(Synonym)
class SynonymAdmin(CuratorAdmin):
    """Acronyms and everyday words: search looks for each in place of the other."""

    list_display = ("term", "means", "note")
    search_fields = ("term", "means")

    def render_change_form(self, request, context, *args, **kwargs):
        """With what the search finds now for the word, and for each thing that it means: what a synonym has to bridge."""
        form = context["adminform"].form
        term, means = (str(form[name].value() or "") for name in ("term", "means"))
        asked = [term, *means.splitlines()][:8]
        context["finds"] = [(words[:200], *found_now(words[:200])) for words in asked if words.strip()]
        return super().render_change_form(request, context, *args, **kwargs)


def found_now(words):
    """What readers find who search for these words now: (how many resources, whether these have but some of the words, the first titles)."""
    found = catalogue.current().index.search(words, size=SHOWN, correct=False)
    return found.total, found.partial, [record.title for record in found.records]


def said(request, name):
    """What a press says, without the NUL that PostgreSQL takes in no question."""
    return request.POST.get(name, "").replace("\0", "")


@admin.register(FailedSearch)
class FailedSearchAdmin(OnlyItsFilters, admin.ModelAdmin):
    """What readers looked for and did not find. Only read: a synonym or a resource is the answer."""

    SHOW = {"waiting": "To decide", "wanted": "Asked for", "dismissed": "Dismissed"}

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def may_decide(self, request):
        """May this person say what becomes of a search?"""
        return request.user.has_perm("resources.add_searchdecision")

    def get_urls(self):
        decide = by_post(self, self.decide, may=self.may_decide)
        return [path("decide/", decide, name="resources_failedsearch_decide"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        """Each search once, with how often and when last; what has been decided stands on lists of its own."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        show = request.GET.get("show") if request.GET.get("show") in self.SHOW else "waiting"
        rows = FailedSearch.objects.waiting() if show == "waiting" else SearchDecision.objects.filter(kind=show).select_related("by")
        page = Paginator(rows, 50).get_page(request.GET.get("p"))
        lists = [(key, label, key == show) for key, label in self.SHOW.items()]
        context = {"title": "Searches that found nothing", "show": show, "lists": lists, "page": page, "may_decide": self.may_decide(request)}
        context["may_delete"] = self.has_delete_permission(request)
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, "admin/resources/failedsearch/change_list.html", context)

    def decide(self, request):
        """One press: ask for a resource, dismiss the search, take back what was decided, or delete words that say who somebody is.

        The press's name says which, its value of what.
        """
        here = reverse("admin:resources_failedsearch_changelist")
        for kind, done in ((SearchDecision.Kind.WANTED, "is asked for"), (SearchDecision.Kind.DISMISSED, "is dismissed")):
            words = said(request, kind)
            if words and FailedSearch.objects.filter(words=words).exists():
                SearchDecision.objects.decide(words, kind, by=request.user)
                messages.success(request, f"“{words}” {done}, and does not come back to the queue.")
                return back(request, here)
        words = said(request, "deleted")
        if words and self.has_delete_permission(request):
            FailedSearch.objects.filter(words=words).delete()
            SearchDecision.objects.filter(words=words).delete()
            messages.success(request, "Those words are deleted.")
            return back(request, here)
        words = said(request, "taken_back")
        if words and SearchDecision.objects.filter(words=words).delete()[0]:
            messages.success(request, f"What was decided about “{words}” is taken back.")
        else:
            messages.warning(request, "That search is no longer here. Nothing was decided.")
        return back(request, here)
