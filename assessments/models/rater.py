"""Who rates in a round: people with a private link of their own, or a paper sheet with a code."""

import secrets
import uuid

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Q, Value
from django.db.models.functions import Cast, Concat, Lower
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.tokens import hashed, new_token
from assessments.models.assessment import Assessment

CODE_LETTERS = "BCDFGHJKMNPQRTVWXY34679"  # nothing that is read as another, and no words
MOST_GROUPS = 8
MOST_RATERS = 200  # by link, in a round
MOST_SHEETS = 100


def lock_list(assessment):
    """Let nobody else change who rates in a round, nor any rater save, until this transaction ends. Raises ValidationError unless people may rate."""
    Assessment.objects.select_for_update().get(pk=assessment.pk)
    assessment.refresh_from_db()
    if not assessment.is_rating:
        raise ValidationError("This round is closed, so nobody can be added to it or taken out of it")


class RaterGroupQuerySet(models.QuerySet):
    def counted(self):
        """With how many were asked, and how many have finished."""
        return self.annotate(asked=Count("raters"), finished=Count("raters", filter=Q(raters__finished_on__isnull=False)))


class RaterGroupManager(models.Manager.from_queryset(RaterGroupQuerySet)):
    @transaction.atomic
    def arrange(self, groups, *, without=(), by):
        """`assessment.groups.arrange([(key or none, name), ...], without=[key, ...], by=lead)`: name, order, add and take away groups.

        Raises ValidationError where a group to take away has people in it. One that somebody else added meanwhile is left alone.
        """
        lock_list(self.instance)
        here = {group.pk: group for group in self.counted()}
        for group in (here[key] for key in without if key in here):
            if group.asked:
                raise ValidationError(f"“{group}” has people in it. Replace or remove them before you take the group away")
            group.delete()
        others = [group for group in here.values() if group.pk not in without and group.pk not in {key for key, _ in groups}]
        if len(groups) + len(others) > MOST_GROUPS:
            raise ValidationError(f"A round has at most {MOST_GROUPS} groups, and somebody has added one meanwhile")
        self.update(name=Concat(Value(" "), Cast("pk", models.CharField())))  # so that two can exchange their names
        rows = [*groups, *((group.pk, group.name) for group in others)]
        for position, (key, name) in enumerate(rows, 1):
            self.update_or_create(pk=key if key in here else None, defaults={"name": name, "position": position})
        AuditEntry.objects.note("changed_groups", by=by, organisation=self.instance.organisation, round=self.instance.number, groups=len(rows))


class RaterGroup(models.Model):
    """A group that raters belong to, so that the board's view and the staff's can be set side by side."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="groups")
    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()

    objects = RaterGroupManager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint("assessment", Lower("name"), name="one_group_of_each_name", violation_error_message="Two groups have the same name")
        ]

    def __str__(self):
        return self.name


class RaterQuerySet(models.QuerySet):
    def finished(self):
        return self.filter(finished_on__isnull=False)

    def unfinished(self):
        return self.filter(finished_on=None)

    def still_to_finish(self):
        """Not finished, in rounds in which people still rate."""
        now = timezone.now()
        rating = {"submitted_at": None, "abandoned_at": None, "closed_at": None, "agreeing_at": None, "closes_at__gt": now}
        return self.unfinished().filter(**{f"assessment__{field}": value for field, value in rating.items()})

    def by_mail(self):
        """Those who have a link by e-mail, not a paper sheet."""
        return self.exclude(email="")

    def on_paper(self):
        return self.exclude(sheet_code="")

    def for_addresses(self, addresses):
        """Those who rate by any of these addresses."""
        return self.alias(low=Lower("email")).filter(low__in=[address.lower() for address in addresses])

    def forget(self):
        """Take name and address out, and let the links die. What was rated stays, of nobody. Returns how many there were."""
        for rater in self:
            self.model.objects.filter(pk=rater.pk).update(name="", email=f"{rater.public_id}@erased.invalid", token_hash=None)
        return len(self)

    def for_token(self, token):
        """The one whose private link this is, or none."""
        return self.filter(token_hash=hashed(token))

    def without_link(self):
        """Those who have been sent no link yet, nor been given one by hand."""
        return self.by_mail().filter(delivery="", token_hash=None)

    def refused(self):
        """Those whose address the mail server refused."""
        return self.filter(delivery=Rater.Delivery.REFUSED)

    def to_remind(self):
        """Those who were sent a link, have not finished, and have not been reminded today."""
        return self.by_mail().unfinished().filter(delivery=Rater.Delivery.ACCEPTED).exclude(reminded_on=timezone.localdate())


class RaterManager(models.Manager.from_queryset(RaterQuerySet)):
    @transaction.atomic
    def ask(self, people, group, *, by):
        """`assessment.raters.ask([(name, address), ...], key_of_group, by=lead)`: put people on the list; nothing is sent.

        Returns the new raters: who is on the list already stays there as they are. Raises ValidationError, and then adds nobody.
        """
        lock_list(self.instance)
        here = {address.lower() for address in self.by_mail().values_list("email", flat=True)}
        new = [(name, address) for name, address in people if address.lower() not in here]
        if not new:
            raise ValidationError("Everybody you entered is on the list already")
        too_many = len(here) + len(new) - MOST_RATERS
        if too_many > 0:
            raise ValidationError(f"A round has at most {MOST_RATERS} people, and {len(here)} are on the list. Take {too_many} out")
        group = self._group(group)
        raters = self.bulk_create(self.model(assessment=self.instance, group=group, name=name, email=address) for name, address in new)
        AuditEntry.objects.note("asked_raters", by=by, organisation=self.instance.organisation, round=self.instance.number, people=len(raters))
        return raters

    @transaction.atomic
    def make_sheets(self, how_many, group, *, by):
        """`assessment.raters.make_sheets(10, key_of_group, by=lead)`: raters on paper, each with a code. Raises ValidationError."""
        lock_list(self.instance)
        codes = set(self.on_paper().values_list("sheet_code", flat=True))
        if len(codes) + how_many > MOST_SHEETS:
            raise ValidationError(f"A round has at most {MOST_SHEETS} paper sheets, and {len(codes)} are made. Make unused ones void first")
        group, before = self._group(group), frozenset(codes)
        while len(codes) < len(before) + how_many:
            codes.add(new_sheet_code())
        sheets = self.bulk_create(self.model(assessment=self.instance, group=group, sheet_code=code) for code in sorted(codes - before))
        AuditEntry.objects.note("printed_sheets", by=by, organisation=self.instance.organisation, round=self.instance.number, sheets=len(sheets))
        return sheets

    @transaction.atomic
    def void_unused_sheets(self, *, by):
        """Take away the sheets of which nothing is keyed in. Returns how many."""
        lock_list(self.instance)
        unused = list(self.on_paper().unfinished().filter(ratings=None).values_list("pk", flat=True))
        self.filter(pk__in=unused).delete()
        if unused:
            AuditEntry.objects.note("voided_sheet", by=by, organisation=self.instance.organisation, round=self.instance.number, sheets=len(unused))
        return len(unused)

    def _group(self, key):
        group = self.instance.groups.filter(pk=key).first()
        if group is None:
            raise ValidationError("That group has been taken away. Select another")
        return group


class Rater(models.Model):
    """Somebody who rates in one round. What they say is theirs alone until the round has closed."""

    class Delivery(models.TextChoices):
        NOT_SENT = "", "Not sent yet"
        ACCEPTED = "accepted", "Accepted by the mail server"
        REFUSED = "refused", "Refused by the mail server"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="raters")
    group = models.ForeignKey(RaterGroup, models.PROTECT, related_name="raters")
    name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    sheet_code = models.CharField(max_length=7, blank=True, help_text="Stands on the paper sheet of a rater without a link")
    token_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)
    link_shown = models.BooleanField(default=False, help_text="Somebody else has seen the link: it is exchanged for the rater's own when they begin")
    delivery = models.CharField(max_length=8, choices=Delivery, blank=True)
    reminded_on = models.DateField(null=True, blank=True)
    finished_on = models.DateField(null=True, blank=True, help_text="The day and no more: the hour could tell who said what")

    objects = RaterManager()

    class Meta:
        ordering = ["group", "name", "email", "sheet_code"]
        constraints = [
            models.UniqueConstraint("assessment", Lower("email"), condition=~Q(email=""), name="each_address_rates_once"),
            models.UniqueConstraint("assessment", "sheet_code", condition=~Q(sheet_code=""), name="each_sheet_once"),
            models.CheckConstraint(condition=Q(email="") ^ Q(sheet_code=""), name="by_link_or_on_paper"),
        ]

    def __str__(self):
        return self.name or self.email or f"sheet {self.sheet_code}"

    @property
    def has_begun(self):
        return self.finished_on is not None or self.ratings.exists()

    @property
    def delivery_in_words(self):
        """What became of the mail with their link, and nothing of what they did with it."""
        if self.delivery or not self.token_hash:
            return self.get_delivery_display()
        return "Sending broke off: send a new link" if self.token_hash.startswith("being") else "No mail sent: the link was copied"

    @property
    def link_mark(self):
        """Tells one link of theirs from the next, and opens nothing."""
        return self.token_hash[:8] if self.token_hash else "none"

    def renew_link(self, *, shown=False):
        """Make a new private link and let the old one die. Returns its token; only the hash is kept.

        A link that somebody other than the rater gets to see (`shown`) opens what was said so far, so it is refused once
        they have begun: raises ValidationError.
        """
        if shown and self.has_begun:
            raise ValidationError(f"{self} has begun to rate, so a link that you can see would show you their ratings")
        token = new_token()
        self.token_hash, self.link_shown = hashed(token), shown
        self.save(update_fields=["token_hash", "link_shown"])
        return token

    # What a lead does with one rater, while people rate --------------------------------------------------------------

    def _lock(self):
        """See the rater and the round as they are now, and let nobody save a rating until we are done."""
        lock_list(self.assessment)
        self.refresh_from_db()

    def _note(self, verb, by):
        AuditEntry.objects.note(verb, by=by, organisation=self.assessment.organisation, round=self.assessment.number, rater=str(self.public_id))

    @transaction.atomic
    def copy_link(self, *, by):
        """A new private link for a lead to hand over. Returns its token; raises ValidationError once the rater has begun."""
        self._lock()
        token = self.renew_link(shown=True)
        self._note("copied_link", by)
        return token

    @transaction.atomic
    def replace(self, *, name, email, by):
        """Put somebody else in the place of one who has not finished: the old link dies, and what was begun is deleted. Raises ValidationError."""
        self._lock()
        if self.finished_on or self.sheet_code:
            raise ValidationError(f"{self} has finished, so nobody can take their place")
        if self.assessment.raters.by_mail().filter(email__iexact=email).exclude(pk=self.pk).exists():
            raise ValidationError(f"{email} is on the list already")
        self._note("replaced_rater", by)
        self.delete()
        return self.assessment.raters.create(group=self.group, name=name, email=email)

    @transaction.atomic
    def remove(self, *, by):
        """Take somebody who has not finished off the list, or make a paper sheet void. What was begun is deleted. Raises ValidationError."""
        self._lock()
        if self.finished_on and not self.sheet_code:
            raise ValidationError(f"{self} has finished, so their ratings stay")
        self._note("voided_sheet" if self.sheet_code else "removed_rater", by)
        self.delete()

    def finish(self):
        """Say that all is said. Who has a link can still change it until the round closes; a paper sheet is sealed, and its link dies."""
        self.finished_on = self.finished_on or timezone.localdate()
        if self.sheet_code:
            self.token_hash = None
        self.save(update_fields=["finished_on", *(["token_hash"] if self.sheet_code else [])])


def new_sheet_code():
    """A code to read out and type in: K7F-3MQ."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(6))
    return f"{letters[:3]}-{letters[3:]}"
