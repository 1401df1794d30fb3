"""Links in the admin: what the checker found, and mending it."""

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from resources import catalogue, link_mending, link_run
from resources.link_desk import VERDICTS, hosts_that_moved, moved_of_host
from resources.link_forms import AddressForm, SignInForm, WithdrawForm
from resources.link_tasks import check_links_due
from resources.models import Link, LinkCheck, LinkRun, Resource
from resources.wording import join_words

PER_PAGE = 20
CHECKS_SHOWN = 50
RUNS_SHOWN = 10


@admin.register(Link)
class LinkAdmin(admin.ModelAdmin):
    """The links page: grouped by what the checker found, each with what to do about it."""

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("resources.change_resource")

    has_change_permission = has_view_permission

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        """Our own pages and none of Django's: rows are made by the checker."""
        return [
            path("", self.page(self.links, "GET"), name="resources_links"),
            path("", self.page(self.links, "GET"), name="resources_link_changelist"),  # what the admin's own menus call it
            path("runs/", self.page(self.runs), name="resources_link_runs"),
            path("host/", self.page(self.host), name="resources_link_host"),
            path("<int:pk>/", self.page(self.mend), name="resources_link_mend"),
        ]

    def page(self, view, *methods):
        """One page of ours, for whoever may change resources."""

        def guarded(request, **kwargs):
            if not self.has_view_permission(request):
                raise PermissionDenied
            return view(request, **kwargs)

        return self.admin_site.admin_view(require_http_methods([*(methods or ("GET", "POST")), "HEAD"])(guarded))

    def draw(self, request, template, title, **context):
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/resources/link/{template}.html", context)

    # The links page ---------------------------------------------------------------------------------------------------

    def links(self, request):
        """Every link, by verdict; first what somebody can do something about."""
        counts = Link.objects.by_verdict()
        verdict = request.GET.get("verdict", "")
        if verdict not in VERDICTS:
            verdict = next((key for key in VERDICTS if counts.get(key)), Link.Verdict.GONE.value)
        last = Prefetch("resource__link_checks", LinkCheck.objects.all()[:3], to_attr="last_checks")
        page = Paginator(Link.objects.found(verdict).prefetch_related(last), PER_PAGE).get_page(request.GET.get("page"))
        held = catalogue.current()
        for link in page:
            record = held.index.get(link.resource.slug) if verdict == Link.Verdict.GONE else None
            link.alternatives = held.index.alternatives(record) if record else []
        return self.draw(
            request, "links", "Links", verdict=VERDICTS[verdict], page=page,
            kinds=[(kind, counts.get(kind.key, 0)) for kind in VERDICTS.values()],
            hosts=hosts_that_moved() if verdict == Link.Verdict.MOVED else [],
            never=Resource.objects.filter(link=None, withdrawn_at=None).count(),
            run=LinkRun.objects.first(), off=link_run.OFF if not settings.LINK_CHECKS else "",
        )  # fmt: skip

    def back(self, request, verdict):
        """To the links of a verdict, or to the desk where the press was made there."""
        if request.POST.get("next") == reverse("admin:index"):
            return HttpResponseRedirect(reverse("admin:index"))
        return HttpResponseRedirect(f"{reverse('admin:resources_links')}?verdict={verdict}")

    # One link ---------------------------------------------------------------------------------------------------------

    def mend(self, request, pk):
        """All that is known of one link, and every way to mend it. A press that is refused comes back with what was typed."""
        resource = get_object_or_404(Resource.objects.select_related("link", "link__by_hand_by", "category"), pk=pk)
        forms = {"address_form": AddressForm(resource), "withdraw_form": WithdrawForm(resource)}
        if request.method == "POST":
            verdict = resource.link.verdict if hasattr(resource, "link") else Link.Verdict.UNCHECKED
            done = self.press(request, resource, forms)
            if done:
                self.message_user(request, f"{resource.title}: {done}.", messages.SUCCESS)
                return self.back(request, verdict)
        return self.draw(request, "mend", resource.title, **forms, **self.about(resource))

    def about(self, resource):
        """What the page of one link says."""
        record = catalogue.current().index.get(resource.slug)
        link = getattr(resource, "link", None)
        return {
            "resource": resource,
            "link": link if link and link.address == resource.url else None,
            "checks": resource.link_checks.all()[:CHECKS_SHOWN],
            "alternatives": catalogue.current().index.alternatives(record) if record else [],
        }

    def press(self, request, resource, forms):
        """Do what was pressed. Returns what was done, in words; else nothing was, and the page says why."""
        for name in ("take", "put", "withdraw", "sign_in", "looked", "check"):
            if name in request.POST:
                try:
                    return getattr(self, f"press_{name}")(request, resource, forms)
                except ValidationError as fault:
                    self.message_user(request, join_words(fault.messages), messages.ERROR)
        return ""

    def press_take(self, request, resource, forms):
        link_mending.take_proposed(get_object_or_404(Link, resource=resource), request.POST["take"])
        return "the new address is taken"

    def press_put(self, request, resource, forms):
        form = forms["address_form"] = AddressForm(resource, request.POST)
        if not form.is_valid():
            return ""
        link_mending.new_address(resource, form.cleaned_data["url"], "Another address put in", instead_of=request.POST["put"])
        return "the new address is put in, and will be checked soon"

    def press_withdraw(self, request, resource, forms):
        instead = request.POST["withdraw"]  # the button of an alternative names it
        form = WithdrawForm(resource, {"successor": instead} if instead else request.POST)
        if not form.is_valid():
            forms["withdraw_form"] = form
            return ""
        link_mending.withdraw(resource, **form.cleaned_data)
        return "withdrawn"

    def press_sign_in(self, request, resource, forms):
        form = SignInForm(request.POST)
        if not form.is_valid():
            raise ValidationError("Select which sign-in it needs")
        link_mending.label_sign_in(resource, form.cleaned_data["sign_in"])
        return "its page now says which sign-in it needs"

    def press_looked(self, request, resource, forms):
        if request.POST["looked"] != resource.url:
            raise ValidationError(f"Somebody has given it another address meanwhile: {resource.url}")
        link_mending.look(resource, request.user)
        return "checked by hand today"

    def press_check(self, request, resource, forms):
        Link.objects.make_missing()
        Link.objects.filter(resource=resource).make_due()
        return "it is due now" if self.start(request) else ""

    # All of one host --------------------------------------------------------------------------------------------------

    def host(self, request):
        """Every new address that one host proposes, old beside new, to be taken together."""
        host = request.POST.get("host", request.GET.get("host", ""))
        links = moved_of_host(host)
        if request.method == "POST":
            return self.take_all(request, host, {str(link.pk): link for link in links})
        return self.draw(request, "host", f"New addresses at {host}" if links else "New addresses", host=host, links=links)

    def take_all(self, request, host, links):
        """Take those that were ticked. One that somebody else has dealt with meanwhile is left, and said."""
        taken, left = 0, []
        for pk in request.POST.getlist("link"):
            link = links.get(pk)
            try:
                link_mending.take_proposed(link, request.POST.get(f"to-{pk}", "")) if link else None
                taken += link is not None
            except ValidationError:
                left.append(link.resource.title)
        if left:
            self.message_user(request, f"Changed meanwhile, so left as they are: {join_words(left)}.", messages.WARNING)
        self.message_user(request, f"{taken} new address{'' if taken == 1 else 'es'} taken.", messages.SUCCESS if taken else messages.WARNING)
        return self.back(request, Link.Verdict.MOVED)

    # Runs -------------------------------------------------------------------------------------------------------------

    def runs(self, request):
        """How far the checker is, and a button to start it."""
        if request.method == "POST":
            self.start(request)
            return HttpResponseRedirect(reverse("admin:resources_link_runs"))
        runs = LinkRun.objects.select_related("by", "batch")[:RUNS_SHOWN]
        return self.draw(request, "runs", "Link checks", runs=runs, due=Link.objects.due().count(), off=link_run.OFF if not settings.LINK_CHECKS else "")

    def start(self, request):
        """Ask for a run, unless one is under way. Returns whether there is one."""
        if not settings.LINK_CHECKS:
            self.message_user(request, link_run.OFF, messages.ERROR)
            return False
        if any(run.state in ("waiting", "under way") for run in LinkRun.objects.filter(finished_at=None)):
            self.message_user(request, "A check is already waiting or under way.", messages.WARNING)
        else:
            run = LinkRun.objects.create(by=request.user)
            check_links_due.enqueue(run.pk)
            self.message_user(request, "A check of what is due has been asked for.", messages.SUCCESS)
        return True
