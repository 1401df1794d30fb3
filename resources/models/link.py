"""Where resources are: what is known of each address, every check of it, and runs of the checker."""

import random
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone

from resources.link_verdict import Standing, weigh
from resources.models.catalogue import Resource

BY_HAND_HOLDS = timedelta(days=180)  # how long a curator's own look stands for what the checker may not see
CLAIMED_FOR = timedelta(minutes=10)  # longer than any visit; whoever dies during one has not done it
CHECKS_KEPT = timedelta(days=400)
ALIVE_FOR = timedelta(minutes=2)  # a run that has not said anything for so long has been killed
NEXT_DAY = timedelta(hours=20)  # so that whoever runs it at one hour of every day finds it due


class LinkQuerySet(models.QuerySet):
    def standing(self):
        """Of resources that are not withdrawn, and about the address that each has now."""
        return self.filter(resource__withdrawn_at=None, address=F("resource__url"))

    def with_resource(self):
        """With what a page of links says of each: no further query."""
        return self.select_related("resource__category", "resource__owner", "by_hand_by")

    def found(self, verdict):
        """Of one verdict, the oldest first."""
        return self.standing().filter(verdict=verdict).with_resource().order_by("verdict_at", "pk")

    def broken(self):
        """Known not to work."""
        return self.found(Link.Verdict.GONE)

    def moved(self):
        """Known to have another address."""
        return self.found(Link.Verdict.MOVED)

    def to_look_at(self):
        """What a curator can do something about: gone, moved, a sign-in that the page does not name, unseen by us and by nobody for half a year."""
        asks = Q(verdict__in=[Link.Verdict.GONE, Link.Verdict.MOVED])
        asks |= Q(verdict=Link.Verdict.SIGN_IN, resource__sign_in__in=["", Resource.SignIn.NONE])
        asks |= Q(verdict=Link.Verdict.ROBOTS) & ~Q(by_hand_on__gt=timezone.localdate() - BY_HAND_HOLDS)
        return self.standing().filter(asks).with_resource().order_by("verdict_at", "pk")

    def by_verdict(self):
        """{verdict: how many}, of what stands."""
        return dict(self.standing().order_by().values_list("verdict").annotate(Count("pk")))

    def due(self):
        """To be checked now, the longest due first; one whose resource has another address since is."""
        now = Q(due_at__lte=timezone.now()) | (~Q(address=F("resource__url")) & ~Q(due_at__lte=timezone.now() + CLAIMED_FOR))
        return self.filter(now, resource__withdrawn_at=None).order_by("due_at", "pk")

    def make_missing(self):
        """A link for each resource that has none yet."""
        without = Resource.objects.filter(link=None, withdrawn_at=None).values_list("pk", "url")
        self.bulk_create([self.model(resource_id=pk, address=url) for pk, url in without], batch_size=500, ignore_conflicts=True)

    def make_due(self):
        """Have these checked by the next run. One that a run has just taken on is left to it."""
        return self.filter(due_at__gt=timezone.now() + CLAIMED_FOR).update(due_at=timezone.now())


class Link(models.Model):
    """What is known of the address of one resource. A bad verdict is given only after failures on different days."""

    class Verdict(models.TextChoices):
        UNCHECKED = "unchecked", "Not checked yet"
        FINE = "fine", "Fine"
        MOVED = "moved", "Moved"
        GONE = "gone", "Gone"
        SIGN_IN = "sign-in", "Needs sign-in"
        ROBOTS = "robots", "Blocks robots"
        SLOW = "slow", "Slow"

    resource = models.OneToOneField("Resource", models.CASCADE, related_name="link")
    address = models.URLField(max_length=500, help_text="The address that was checked: a resource given another starts afresh")
    verdict = models.CharField(max_length=9, choices=Verdict, default=Verdict.UNCHECKED)
    verdict_at = models.DateTimeField(null=True, blank=True, help_text="Since when it stands")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="The last check, whatever it found")
    doubt = models.CharField(max_length=9, choices=Verdict, blank=True, help_text="What the last checks found that is not yet a verdict")
    doubted_days = models.PositiveSmallIntegerField(default=0, help_text="On how many different days in a row")
    doubted_on = models.DateField(null=True, blank=True, help_text="The last of those days")
    due_at = models.DateTimeField(default=timezone.now, db_index=True, help_text="When to check it next")
    moved_to = models.URLField(max_length=500, blank=True, help_text="Where it now is, as its old address says")
    by_hand_on = models.DateField(null=True, blank=True, help_text="When a curator looked for themselves")
    by_hand_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = LinkQuerySet.as_manager()

    def __str__(self):
        return f"{self.address}: {self.get_verdict_display().lower()}"

    @property
    def looked_at(self):
        """Has a curator seen not long ago that it is there? Holds only as long as the checker does not see it itself."""
        return self.by_hand_on is not None and self.by_hand_on > timezone.localdate() - BY_HAND_HOLDS

    @property
    def leads_to_front_page(self):
        """Is the new address only a site's front page, where the old one was not? Then the thing itself may be gone."""
        old, new = urlsplit(self.address), urlsplit(self.moved_to)
        return bool(self.moved_to) and new.path in ("", "/") and not new.query and old.path not in ("", "/")

    def claim(self):
        """Take it on for one visit. False where another run has."""
        taken = type(self).objects.filter(pk=self.pk, due_at=self.due_at).update(due_at=timezone.now() + CLAIMED_FOR)
        return bool(taken)

    def start_afresh(self, address):
        """The resource has another address: nothing that was known holds."""
        fresh = type(self)(pk=self.pk, resource_id=self.resource_id, address=address)
        self._become(Standing(), fresh.due_at)
        self.address, self.moved_to, self.by_hand_on, self.by_hand_by, self.checked_at = address, "", None, None, None

    def take(self, outcome, final_address=""):
        """What one more visit found, weighed. Returns whether it works now and was not known to before."""
        now, before = timezone.now(), self.standing_now
        if outcome == LinkCheck.Outcome.MOVED and len(final_address) > 500:
            outcome = LinkCheck.Outcome.FINE  # nothing that we could propose
        after = weigh(before, outcome, timezone.localdate(), looked=self.looked_at)
        self._become(after, now + self._pause(after))
        self.checked_at = now
        if after.works:
            self.by_hand_on = self.by_hand_by = None
        self.moved_to = (final_address or self.moved_to) if after.verdict == self.Verdict.MOVED else ""
        return after.works and not before.works

    def put_off(self):
        """Nothing can be said today: the checker itself was without a way out."""
        self.due_at = timezone.now() + NEXT_DAY

    def look(self, by):
        """A curator has seen that it is there, whatever the checker meets."""
        self.by_hand_on, self.by_hand_by = timezone.localdate(), by
        if self.verdict != self.Verdict.ROBOTS:
            self._become(Standing(self.Verdict.ROBOTS), timezone.now() + NEXT_DAY)

    @property
    def standing_now(self):
        return Standing(self.verdict, self.doubt, self.doubted_days, self.doubted_on)

    def _become(self, standing, due_at):
        if standing.verdict != self.verdict:
            self.verdict_at = timezone.now()
        self.verdict, self.doubt, self.doubted_days, self.doubted_on = standing.verdict, standing.doubt, standing.doubted_days, standing.doubted_on
        self.due_at = due_at

    def _pause(self, standing):
        """Until the next visit: a day where something is in doubt or does not work, else a week, spread over three days."""
        if standing.doubt or standing.verdict in (self.Verdict.GONE, self.Verdict.SLOW):
            return NEXT_DAY
        return timedelta(days=6, hours=random.uniform(0, 48))

    def keep(self):
        """Save it. The verdict only where it has changed: the database makes the catalogue anew then."""
        fields = {f.name for f in self._meta.concrete_fields} - {"id", "resource", "verdict"}
        stored = type(self).objects.filter(pk=self.pk).values_list("verdict", flat=True).first()
        self.save(update_fields=fields | ({"verdict"} if stored != self.verdict else set()))


class LinkCheckQuerySet(models.QuerySet):
    def answered_lately(self):
        """Has any site answered us since about this time yesterday? If none has, nothing shows that we have a way out."""
        return self.filter(at__gt=timezone.now() - timedelta(hours=26), status__isnull=False).exists()

    def old(self):
        """Past its time."""
        return self.filter(at__lt=timezone.now() - CHECKS_KEPT)


class LinkCheck(models.Model):
    """One look at one address. Kept, so that a verdict can be explained."""

    class Outcome(models.TextChoices):
        FINE = "fine", "Answered"
        MOVED = "moved", "Says it has moved for good"
        GONE = "gone", "Says there is nothing"
        FAILED = "failed", "Did not answer, or answered with an error"
        SIGN_IN = "sign-in", "Asks for a sign-in"
        ROBOTS = "robots", "Does not let robots look"
        SLOW = "slow", "Took too long"
        REFUSED = "refused", "Not an address that we go to"

    resource = models.ForeignKey("Resource", models.CASCADE, related_name="link_checks")
    address = models.URLField(max_length=500)
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=9, choices=Outcome)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The HTTP status of the last answer")
    final_address = models.URLField(max_length=2000, blank=True, help_text="Where redirects led")
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True, help_text="What happened, in words")

    objects = LinkCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["resource", "-at"], name="link_check_resource_at")]

    def __str__(self):
        return f"{self.address} at {self.at:%Y-%m-%d %H:%M}: {self.get_outcome_display().lower()}"


class LinkRunQuerySet(models.QuerySet):
    def old(self):
        """Past its time."""
        return self.filter(started_at__lt=timezone.now() - CHECKS_KEPT)


class LinkRun(models.Model):
    """One run of the checker, for the page that shows how far it is."""

    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, help_text="When it last said that it is alive")
    finished_at = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    batch = models.ForeignKey("ImportBatch", models.SET_NULL, null=True, blank=True, related_name="link_runs", help_text="Only the addresses of this import")
    note = models.CharField(max_length=300, blank=True, help_text="What came of it, in words")

    objects = LinkRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self):
        return f"Link check of {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def state(self):
        """Waiting for a worker, under way, stopped (whoever did it has been killed, and the next one goes on) or finished."""
        if self.finished_at:
            return "finished"
        alive = self.seen_at > timezone.now() - ALIVE_FOR
        if self.total:
            return "under way" if alive else "stopped"
        return "waiting"

    def beat(self, done):
        """Say that it is alive, and how far it is."""
        self.seen_at, self.done = timezone.now(), done
        self.save(update_fields=["seen_at", "done"])

    def finish(self, note):
        """It is done; what came of it."""
        self.seen_at = self.finished_at = timezone.now()
        self.done, self.note = self.total, note[:300]
        self.save(update_fields=["seen_at", "finished_at", "done", "note"])
