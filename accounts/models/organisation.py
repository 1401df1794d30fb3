"""NHS organisations: what they are called, where they belong and since when, and what became of them."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from accounts.kinds import KINDS

PLACEMENTS_KNOWN_FROM = date(2026, 4, 1)  # 36 ICBs as of this day; what held before is not known here


class OrganisationQuerySet(models.QuerySet):
    def open(self):
        """Not closed as of today: a closing date may lie in the future."""
        return self.filter(Q(closed=None) | Q(closed__gt=timezone.localdate()))

    def that_people_join(self):
        """Those that people can belong to: not the regions, which only group the others."""
        return self.exclude(kind="RO209")

    def called(self, text):
        """Organisations of this code, or with these words in their name or a former name."""
        words = text.replace("\x00", " ").split()[:8]
        if not words:
            return self.none()
        by_name = by_former = Q()
        for word in words:
            by_name &= Q(name__icontains=word)
            by_former &= Q(former_names__name__icontains=word)
        return self.filter(Q(code=text.strip().upper()[:5]) | by_name | by_former).distinct()


class Organisation(models.Model):
    """A body of the NHS in England, by its code in the Organisation Data Service (ODS)."""

    code = models.CharField(
        "ODS code", max_length=5, unique=True, validators=[RegexValidator(r"^[A-Z0-9]{3,5}$", "Enter an ODS code: 3 to 5 capital letters and digits")]
    )
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=5, choices=list(KINDS.items()))
    opened = models.DateField(null=True, blank=True)
    closed = models.DateField(null=True, blank=True, help_text="Blank is open; a date to come is open until then")
    fictional = models.BooleanField(default=False, help_text="Made up, for the demonstration on one's own machine")
    history = HistoricalRecords()

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(code=Upper("code")), name="code_in_capitals"),
            models.CheckConstraint(condition=Q(closed=None) | Q(opened=None) | Q(closed__gte=F("opened")), name="closes_after_it_opens"),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.code = self.code.upper()
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("accounts:organisation", args=[self.code])

    @property
    def is_open(self):
        return self.closed is None or self.closed > timezone.localdate()

    def placement_on(self, day):
        """The region and ICB it belonged to on a day, or none where that is not known."""
        return self.placements.filter(since__lte=day).select_related("icb", "region").order_by("-since").first()

    @property
    def placement(self):
        return self.placement_on(timezone.localdate())

    def successors(self):
        """What it became part of, by mergers that two people agreed."""
        return Organisation.objects.filter(mergers_in__in=self.mergers_out.standing())

    def predecessors(self):
        """What became part of it."""
        return Organisation.objects.filter(mergers_out__in=self.mergers_in.standing())

    def leads(self):
        """The people who lead here today and can sign in."""
        return self.memberships.current().filter(role="lead", user__is_active=True)

    def has_lead(self):
        """Is there a lead, be it one whom an administrator has shut out? Shutting the only lead out must not open the door to appointing another."""
        return self.memberships.current().filter(role="lead").exists()


class FormerName(models.Model):
    """What an organisation was called until a day: people still search for it."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="former_names")
    name = models.CharField(max_length=200)
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-until"]
        constraints = [models.UniqueConstraint("organisation", "name", name="a_former_name_once")]

    def __str__(self):
        return self.name


class Placement(models.Model):
    """The region and ICB an organisation belongs to since a day; the next placement ends it."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="placements")
    icb = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", limit_choices_to={"kind": "RO318"})
    region = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", limit_choices_to={"kind": "RO209"})
    since = models.DateField(default=PLACEMENTS_KNOWN_FROM)

    class Meta:
        ordering = ["-since"]
        constraints = [models.UniqueConstraint("organisation", "since", name="one_placement_a_day")]

    def __str__(self):
        return f"{self.organisation} since {self.since}"


class MergerQuerySet(models.QuerySet):
    def standing(self):
        """Agreed by two people, and not undone."""
        return self.filter(approved_at__lte=Now(), undone_at=None)


class Merger(models.Model):
    """One organisation becoming part of another on a day: proposed by one administrator, approved by a second, and reversible."""

    predecessor = models.ForeignKey(Organisation, models.PROTECT, related_name="mergers_out")
    successor = models.ForeignKey(Organisation, models.PROTECT, related_name="mergers_in")
    on = models.DateField("date of the merger")
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    shared_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    shared_at = models.DateTimeField(null=True, blank=True, help_text="Since when the successor may read what the predecessor submitted")

    objects = MergerQuerySet.as_manager()

    class Meta:
        ordering = ["-on"]
        constraints = [
            models.UniqueConstraint("predecessor", "successor", condition=Q(undone_at=None), name="one_standing_merger"),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")), name="not_into_itself", violation_error_message="Choose two different organisations"
            ),
            models.CheckConstraint(condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")), name="two_people_merge"),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None) | Q(approved_by__isnull=False, approved_at__isnull=False), name="approved_by_somebody"
            ),
        ]

    def __str__(self):
        return f"{self.predecessor} into {self.successor}"

    def _lock(self):
        """See the merger as it is now, and let nobody else change it until we are done."""
        Merger.objects.select_for_update().get(pk=self.pk)
        self.refresh_from_db()

    @transaction.atomic
    def approve(self, *, by):
        """The second administrator agrees: the predecessor closes on the day, if it was open."""
        self._lock()
        if by == self.proposed_by:
            raise ValidationError("Somebody else must approve what you proposed")
        if self.approved_at or self.undone_at:
            raise ValidationError("This merger has been decided already")
        self.approved_by, self.approved_at = by, timezone.now()
        self.save()
        if self.predecessor.closed is None:
            self.predecessor.closed = self.on
            self.predecessor.save()

    @transaction.atomic
    def undo(self, *, by):
        """Take it back: the predecessor opens again if this merger closed it, and the successor reads no more."""
        self._lock()
        if self.undone_at:
            raise ValidationError("This merger has been undone already")
        self.undone_by, self.undone_at, self.shared_at, self.shared_by = by, timezone.now(), None, None
        self.save()
        if self.approved_at and self.predecessor.closed == self.on:
            self.predecessor.closed = None
            self.predecessor.save()

    @transaction.atomic
    def share(self, *, by):
        """Let the successor read the predecessor's submitted work: its last lead says so, or an administrator who did not propose it."""
        self._lock()
        if not self.approved_at or self.undone_at:
            raise ValidationError("Two administrators must agree the merger first")
        leads = list(self.predecessor.leads())
        is_last_lead = len(leads) == 1 and leads[0].user_id == by.pk
        if not is_last_lead and not (by.is_superuser and by != self.proposed_by):
            raise ValidationError("The predecessor's last lead or a second administrator can share its work")
        self.shared_by, self.shared_at = by, timezone.now()
        self.save()
