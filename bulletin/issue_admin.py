"""Issues in the admin: made of the catalogue, edited, looked at as a mail and as a page, tested, scheduled and sent."""

from datetime import timedelta
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from accounts.lookups import OnlyItsFilters
from bulletin.issue_mail import IssueMail
from bulletin.issue_views import about
from bulletin.mails import TooLarge
from bulletin.models import Delivery, Issue, IssueItem, Subscriber
from bulletin.models.issue import EMPTY, MOST_ITEMS
from bulletin.tasks import send_issue, send_test
from resources.models import Resource
from resources.wording import clock, in_words

MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
TOO_LARGE = "The mail would be larger than 100 KB, and mail programs would cut it off. Take something out, or shorten the introduction."


class IssueForm(forms.ModelForm):
    """What curators write, and one resource more at a time."""

    more = forms.CharField(
        label="Put in a resource",
        required=False,
        max_length=500,
        widget=forms.TextInput({"class": "vTextField"}),
        help_text="Paste the address of its page here, or the last part of it",
    )

    class Meta:
        model = Issue
        fields = ("edition", "subject", "intro", "more")

    def clean_more(self):
        """The resource whose address was pasted, or none."""
        typed = self.cleaned_data["more"].strip()
        if not typed:
            return None
        try:
            slug = urlsplit(typed).path.rstrip("/").rpartition("/")[2]
        except ValueError:
            slug = ""
        resource = Resource.objects.published().filter(slug=slug).first()
        if resource is None:
            raise ValidationError("Enter the address of a resource that readers can see, such as /resources/team-huddles/")
        if self.instance.pk and self.instance.items.filter(resource=resource).exists():
            raise ValidationError("This resource is in the issue already")
        if self.instance.pk and self.instance.items.count() >= MOST_ITEMS:
            raise ValidationError(f"Take something out first: an issue holds {MOST_ITEMS} resources at most")
        return resource


class ItemFormSet(forms.BaseInlineFormSet):
    """Each field of a row says of which resource it is: the heads of the columns are no labels."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        for name, words in {"position": "Position of", "words": "Other words for", "DELETE": "Take out"}.items():
            if name in form.fields:
                form.fields[name].widget.attrs["aria-label"] = f"{words} {form.instance}"


class ItemInline(admin.TabularInline):
    """The resources of an issue: their order, other words, and out with some."""

    model = IssueItem
    formset = ItemFormSet
    fields = ("what", "position", "words")
    readonly_fields = ("what",)
    extra = 0
    max_num = 0  # none is added here: see IssueForm.more
    verbose_name_plural = "resources in it, in this order"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("resource", "issue")

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "words":
            kwargs["widget"] = forms.Textarea({"rows": 3, "cols": 50})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="resource")
    def what(self, item):
        gone = "" if item.issue.number or item.is_readable else " (readers cannot see it now, so it will be left out)"
        return f"{item.title}, {item.publisher}{gone}"


@admin.register(Issue)
class IssueAdmin(OnlyItsFilters, admin.ModelAdmin):
    """Issues, and what became of each."""

    form = IssueForm
    inlines = (ItemInline,)
    list_display = ("subject", "number", "edition", "standing", "accepted", "unclear")
    list_filter = ("state", "edition")
    actions = None
    change_form_template = "admin/bulletin/issue/change_form.html"

    def get_queryset(self, request):
        accepted = Count("deliveries", filter=Q(deliveries__state=Delivery.State.ACCEPTED))
        unclear = Count("deliveries", filter=Q(deliveries__state=Delivery.State.UNCERTAIN))
        return super().get_queryset(request).annotate(accepted=accepted, unclear=unclear)

    @admin.display(description="state")
    def standing(self, issue):
        if issue.state == Issue.State.SCHEDULED:
            return f"scheduled for {in_words(issue.scheduled_for)} at {clock(issue.scheduled_for)}"
        return f"sent {in_words(issue.sent_at)}" if issue.sent_at else issue.get_state_display()

    @admin.display(description="mails accepted")
    def accepted(self, issue):
        return issue.accepted

    @admin.display(description="uncertain")
    def unclear(self, issue):
        return issue.unclear

    # Who may: only a draft changes ------------------------------------------------------------------------------------

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or obj.is_draft)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_draft)

    def get_inlines(self, request, obj):
        return self.inlines if obj else ()

    def get_fields(self, request, obj=None):
        return ("edition", "subject", "intro", "more") if self.has_change_permission(request, obj) else ("edition", "subject", "intro")

    # Saving -----------------------------------------------------------------------------------------------------------

    def save_model(self, request, obj, form, change):
        """Save a draft. One that began to go while this was on its way stays as it goes, and what was typed comes back."""
        held = Issue.objects.select_for_update().filter(pk=obj.pk).first()
        form.too_late = held is not None and not held.is_draft
        if form.too_late:
            messages.error(request, f"It waits to be sent or has been, so nothing was saved. You wrote: {obj.subject}. {obj.intro}".strip())
        else:
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        if form.too_late:
            for formset in formsets:  # what the admin's log asks for
                formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
            return
        super().save_related(request, form, formsets, change)
        issue, resource = form.instance, form.cleaned_data.get("more")
        if resource:
            item = IssueItem(issue=issue, resource=resource, position=issue.items.count() + 1)
            item.take()
            item.save()
        if "_fill" in request.POST:
            count = issue.fill()
            since, full = in_words(issue.since()), issue.items.count() >= MOST_ITEMS
            said = f"{count} came in of what was published since {since}." if count else "Nothing came in." if full else f"There is nothing new since {since}."
            messages.success(request, f"{said} An issue holds {MOST_ITEMS} resources at most, and this one is full." if full else said)

    def response_add(self, request, obj, post_url_continue=None):
        return self._stay(obj) if "_fill" in request.POST or "_save" in request.POST else super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        return self._stay(obj) if "_fill" in request.POST or "_save" in request.POST else super().response_change(request, obj)

    def _stay(self, issue):
        return HttpResponseRedirect(reverse("admin:bulletin_issue_change", args=[issue.pk]))

    # Other pages ------------------------------------------------------------------------------------------------------

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/mail/", view(self.mail_view), name="bulletin_issue_mail"),
            path("<int:pk>/mail.txt", view(self.text_view), name="bulletin_issue_text"),
            path("<int:pk>/preview/", view(self.preview_view), name="bulletin_issue_preview"),
            path("<int:pk>/send/", view(self.send_view), name="bulletin_issue_send"),
            *super().get_urls(),
        ]

    def _issue(self, request, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Issue, pk=pk)

    def mail_view(self, request, pk):
        """The mail's HTML as a mail program shows it: with its own styles, and with nothing that could run or be fetched."""
        mould, why = self._mould(self._issue(request, pk))
        response = HttpResponse(mould.html if mould else why, content_type="text/html; charset=utf-8" if mould else "text/plain; charset=utf-8")
        response["Content-Security-Policy"] = MAIL_POLICY
        return response

    def text_view(self, request, pk):
        """The mail's text, for whoever reads mail without formatting."""
        mould, why = self._mould(self._issue(request, pk))
        return HttpResponse(mould.text if mould else why, content_type="text/plain; charset=utf-8")

    def _mould(self, issue):
        """The mail for whoever chose no topics, or none and why."""
        try:
            return IssueMail(issue).mould({}), EMPTY
        except TooLarge:
            return None, TOO_LARGE

    def preview_view(self, request, pk):
        """Its page as readers will see it."""
        return TemplateResponse(request, "bulletin/issue_detail.jinja", {**about(self._issue(request, pk)), "preview": True})

    def send_view(self, request, pk):
        """To whom it goes, when, and what became of it."""
        issue = self._issue(request, pk)
        if request.method == "POST":
            if not super().has_change_permission(request):
                raise PermissionDenied
            acts = {"now": self._send, "schedule": self._schedule, "cancel": self._cancel, "test": self._test, "again": self._again}
            act = acts.get(request.POST.get("do", ""))
            if act:
                act(request, issue)
            return HttpResponseRedirect(request.path)
        mould, why = self._mould(issue)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Send “{issue}”",
            "issue": issue,
            "standing": self.standing(issue),
            "why": "" if mould else why,
            "items": len(issue.with_items()),
            "recipients": Subscriber.objects.for_edition(issue.edition).count(),
            "counts": [(Delivery.State(state).label, number) for state, number in issue.deliveries.counts().items()] if issue.number else [],
            "uncertain": issue.deliveries.uncertain().count() if issue.number else 0,
            "moment": (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT09:00"),
            "may": super().has_change_permission(request),
        }
        return TemplateResponse(request, "admin/bulletin/issue/send.html", context)

    def _is_whole(self, request, issue):
        mould, why = self._mould(issue)
        if mould is None:
            messages.error(request, why)
        return mould is not None

    def _send(self, request, issue):
        if not self._is_whole(request, issue):
            return
        try:
            issue.start()
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return
        send_issue.enqueue(issue.pk)
        messages.success(request, "It is on its way. This page says how far it is: load it again in a while.")

    def _schedule(self, request, issue):
        if not self._is_whole(request, issue):
            return
        try:
            moment = forms.DateTimeField().clean(request.POST.get("moment", ""))
            issue.schedule(moment)
        except ValidationError as error:
            messages.error(request, f"It was not scheduled. {' '.join(error.messages)}.")
        else:
            messages.success(request, f"It will be sent on {in_words(moment)} at {clock(moment)}, or a few minutes later.")

    def _cancel(self, request, issue):
        if issue.cancel():
            messages.success(request, "It is a draft again, and will not be sent by itself.")
        else:
            messages.error(request, "It was too late: it is not waiting any more.")

    def _test(self, request, issue):
        if self._is_whole(request, issue):
            send_test.enqueue(issue.pk, request.user.pk)
            messages.success(request, f"It is on its way to {request.user.email}. Nothing is counted, and its unsubscribe link ends nothing.")

    def _again(self, request, issue):
        count = issue.send_uncertain_again()
        send_issue.enqueue(issue.pk)
        messages.success(request, f"{count} will be sent again. Some of these people may get it twice.")
