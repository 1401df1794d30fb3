"""The archive: every issue that was sent, for anybody to read."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Atom1Feed
from django.views.generic import TemplateView

from bulletin.issue_mail import as_text
from bulletin.models import Issue
from resources.listing import read_page
from resources.markdown import render_markdown
from resources.wording import sayable_in_xml

PAGE_SIZE = 20
NEWEST = 30


@method_decorator(login_not_required, name="dispatch")
class PublicView(TemplateView):
    http_method_names = ["get", "head", "options"]


class IssueListView(PublicView):
    """Every issue, the newest first."""

    template_name = "bulletin/issue_list.jinja"

    def get_context_data(self, **kwargs):
        pages = Paginator(Issue.objects.public(), PAGE_SIZE)
        page = pages.get_page(read_page(self.request.GET.get("page")))
        return super().get_context_data(page=page, **kwargs)


class IssueView(PublicView):
    """One issue, as it was sent."""

    template_name = "bulletin/issue_detail.jinja"

    def get_context_data(self, number, **kwargs):
        issue = get_object_or_404(Issue.objects.public(), number=number)
        return super().get_context_data(**about(issue), **kwargs)


def about(issue):
    """What the page of an issue needs."""
    return {"issue": issue, "items": issue.with_items(), "intro": render_markdown(issue.intro)}


class IssueFeed(Feed):
    """The issues as an Atom feed."""

    feed_type = Atom1Feed
    subtitle = "Each issue of the bulletin, as it is sent."

    def title(self):
        return f"{settings.SERVICE_NAME}: bulletin"

    def link(self):
        return reverse("bulletin:issues")

    def items(self):
        return Issue.objects.public().prefetch_related("items")[:NEWEST]

    def item_title(self, issue):
        return sayable_in_xml(issue.subject)

    def item_description(self, issue):
        titles = "\n".join(f"{item.title} ({item.publisher})" for item in issue.items.all())
        return sayable_in_xml(f"{as_text(issue.intro)}\n\n{titles}".strip())

    def item_pubdate(self, issue):
        return issue.started_at

    item_updateddate = item_pubdate
