"""The curators' work queue: what waits, how much of it, and what to do about each, in one press where that is possible."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from resources.models import FailedSearch, ImportBatch, Link, Report, Resource, SearchDecision, Suggestion
from resources.wording import in_words, join_words

MOST = 10  # items of a section; the rest is behind "see all"


@dataclass
class Fix:
    """What to do about an item: a link, or where `name` is given a press of that name and value."""

    label: str
    address: str
    name: str = ""
    value: str = ""


@dataclass
class Item:
    """One thing that waits."""

    title: str
    address: str = ""
    note: str = ""
    fixes: list = field(default_factory=list)


@dataclass
class Section:
    """One kind of work: how much of it waits, the first items, and the page of them all."""

    key: str
    title: str
    count: int
    items: list = field(default_factory=list)
    all_address: str = ""
    lead: str = ""  # a sentence above the items
    all_label: str = ""

    @property
    def more(self):
        """How many are not shown here."""
        return self.count - len(self.items)


def sections(user):
    """Every section of the queue that this person can work on, in the order in which readers are hurt. The same queries for any number of rows."""
    if not user.has_perm("resources.change_resource"):
        return []
    return [broken_links(), reported(), due_for_review(), not_found(), suggested(), unfinished_imports(), unowned(), thin(), wanted()]


def change(resource, anchor=""):
    """The address of a resource's form."""
    return reverse("admin:resources_resource_change", args=[resource.pk]) + anchor


def resource_list(**filters):
    """The address of the list of resources, filtered."""
    return f"{reverse('admin:resources_resource_changelist')}?{urlencode(filters)}"


def page(name, *args):
    """The address of a page of the admin."""
    return reverse(f"admin:resources_{name}", args=args)


def broken_links():
    """Links that a reader would follow in vain, or by a detour."""
    found = Link.objects.to_look_at()
    items = [Item(link.resource.title, page("link_mend", link.resource_id), link_note(link), link_fixes(link)) for link in found[:MOST]]
    return Section("links", "Links broken or moved", found.count(), items, page("links"))


def link_note(link):
    """What is wrong with a link, and what we propose."""
    if link.verdict == Link.Verdict.MOVED:
        return f"Moved. Proposed: {link.moved_to}"
    return link.get_verdict_display() + (f" since {in_words(link.verdict_at)}" if link.verdict_at else "")


def link_fixes(link):
    """In one press: the proposed address, which sign-in it needs, or that one that we cannot see is there. Else its page."""
    mend = page("link_mend", link.resource_id)
    presses = {
        Link.Verdict.MOVED: [Fix("Take the new address", mend, "take", link.moved_to)],
        Link.Verdict.SIGN_IN: [Fix("Sign-in needed", mend, "sign_in", "account"), Fix("NHS sign-in needed", mend, "sign_in", "nhs")],
        Link.Verdict.ROBOTS: [Fix("I have looked: it is there", mend, "looked", link.address)],
    }.get(link.verdict, [])
    return [*presses, Fix("Mend it otherwise" if presses else "Mend it", mend)]


def due_for_review():
    """What is to be looked over now, overdue first."""
    found = Resource.objects.due_for_review()
    items = [Item(r.title, change(r), review_note(r), [reviewed(r)]) for r in found.select_related("owner")[:MOST]]
    return Section("review", "Due for review", found.count(), items, resource_list(needs="review"), "Open each, follow its link, and press when it is right.")


def review_note(resource):
    """Since when or by when, and whose it is."""
    due = "Overdue since" if resource.review_on < timezone.localdate() else "Due on"
    return f"{due} {in_words(resource.review_on)}. {f'Owner: {resource.owner}' if resource.owner else 'No owner'}"


def reviewed(resource):
    """The press for a resource that is right as it is."""
    return Fix("I have reviewed it", reverse("admin:resources_resource_reviewed", args=[resource.pk]), "reviewed", "yes")


def unowned():
    """What nobody looks after: never a list of a hundred, since they are shared out many at a time."""
    count = Resource.objects.unowned().count()
    section = Section("unowned", "Without an owner or a review date", count, all_address=reverse("admin:resources_resource_share"))
    told = "One resource has" if count == 1 else f"{count} resources have"
    section.lead = f"{told} no owner or no review date. Give many to somebody at once, with dates spread over the year."
    section.all_label = "Share them out"
    return section


def thin():
    """What says too little for a reader to choose by."""
    found = Resource.objects.thin()
    items = [Item(r.title, change(r), f"Lacks {join_words(r.thin_in())}", [Fix("Add what it lacks", change(r, "#id_cost"))]) for r in found[:MOST]]
    lead = "Readers see “not stated”. To say the same of many, tick them in the list and choose “Tag”."
    return Section("thin", "Thin records", found.count(), items, resource_list(needs="words"), lead)


def not_found():
    """What readers looked for in vain, most often first."""
    found, here = FailedSearch.objects.waiting(), page("failedsearch_changelist")
    items = [Item(row["words"], note=search_note(row), fixes=search_fixes(row["words"])) for row in found[:MOST]]
    return Section("searches", "Searched for but not found", found.count(), items, here)


def search_note(row):
    """How often, and when last."""
    return f"{row['all_times']} time{'' if row['all_times'] == 1 else 's'} in 90 days, last on {in_words(row['last_day'])}"


def search_fixes(words):
    """A synonym, a wish or nothing."""
    decide = reverse("admin:resources_failedsearch_decide")
    return [
        Fix("Add a synonym", f"{reverse('admin:resources_synonym_add')}?{urlencode({'term': words})}"),
        Fix("Ask for one", decide, SearchDecision.Kind.WANTED.value, words),
        Fix("Dismiss", decide, SearchDecision.Kind.DISMISSED.value, words),
    ]


def wanted():
    """What curators have said we should have."""
    found, add = SearchDecision.objects.wanted(), reverse("admin:resources_resource_add")
    take_back = reverse("admin:resources_failedsearch_decide")
    items = [
        Item(d.words, note=f"Asked for on {in_words(d.at)}", fixes=[Fix("Add a resource", add), Fix("No longer wanted", take_back, "taken_back", d.words)])
        for d in found[:MOST]
    ]
    return Section("wanted", "Asked for", found.count(), items, f"{reverse('admin:resources_failedsearch_changelist')}?show=wanted")


def suggested():
    """Resources that readers miss."""
    found = Suggestion.objects.waiting()
    items = [Item(s.title, page("suggestion_change", s.pk), f"Suggested on {in_words(s.made_at)}. {s.why[:120]}", suggestion_fixes(s)) for s in found[:MOST]]
    return Section("suggestions", "Suggested by readers", found.count(), items, page("suggestion_changelist"))


def suggestion_fixes(suggestion):
    """A draft of it, or none."""
    return [Fix("Make a draft of it", page("suggestion_draft", suggestion.pk)), Fix("Done", page("suggestion_done", suggestion.pk), "done", "yes")]


def reported():
    """What readers say is wrong."""
    found = Report.objects.waiting()
    rows = found.select_related("resource")[:MOST]
    items = [Item(r.resource.title, page("report_change", r.pk), f"{r.get_kind_display()}. {r.text[:120]}", report_fixes(r)) for r in rows]
    return Section("reports", "Reported by readers", found.count(), items, page("report_changelist"))


def report_fixes(report):
    """Put it right, or say that it is."""
    works = [Fix("The link works", page("report_works", report.pk), "works", "yes")] if report.kind == Report.Kind.BROKEN else []
    return [Fix("Put it right", change(report.resource)), *works, Fix("Done", page("report_done", report.pk), "done", "yes")]


def unfinished_imports():
    """Files that were looked at and neither taken over nor given up."""
    found = ImportBatch.objects.filter(applied_at=None, undone_at=None)
    items = [Item(b.file_name, note=f"Read on {in_words(b.made_at)}", fixes=[Fix("Go on", page("batch", b.pk))]) for b in found[:MOST]]
    return Section("imports", "Imports not finished", found.count(), items, page("importbatch_changelist"))
