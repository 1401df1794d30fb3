"""What an organisation does about a gap: who, until when, how it stands, and what was noted on the way."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q
from django.utils import timezone

from accounts.models import AuditEntry, Membership, Organisation
from accounts.roles import roles_that_can
from assessments.models.answer import Conflict
from assessments.models.assessment import Assessment
from assessments.models.framework import Question

TYPED = ("title", "question", "owner", "owner_name", "due_on", "state", "stopped_reason")
ENDED = ("done", "stopped")


class ActionQuerySet(models.QuerySet):
    def live(self):
        """Neither done nor stopped."""
        return self.exclude(state__in=ENDED)

    def overdue(self):
        """Due before today and still live."""
        return self.live().filter(due_on__lt=timezone.localdate())

    def for_question(self, question):
        """About the practice that a question of the same component and number asks for, in whichever edition."""
        return self.filter(question__number=question.number, question__component=question.component_id)

    def to_show(self):
        """With all that a list says of them, in two queries however many there are."""
        notes = Prefetch("notes", ActionNote.objects.select_related("by"))
        return self.select_related("question__component", "owner", "assessment").prefetch_related(notes)

    def before_round(self, assessment):
        """What an organisation did between the last result it submitted and a round: evidence for it. Not what that round itself gave rise to.

        Where nothing was submitted before, all of them.
        """
        since = assessment.submissions.earlier().values_list("submitted_at", flat=True).first()
        others = self.exclude(assessment=assessment)
        return others if since is None else others.filter(Q(finished_on=None) | Q(finished_on__gte=timezone.localdate(since)))

    def by_question(self):
        """{(component's key, question's number): [actions]}, for all questions of a round at once, in two queries."""
        found: dict[tuple, list] = {}
        for action in self.exclude(question=None).to_show():
            found.setdefault((action.question.component_id, action.question.number), []).append(action)
        return found

    def owned_by_members(self):
        """Those whose owner can sign in, belongs to the organisation today and sees its actions; of organisations that are open."""
        members = Membership.objects.current().filter(role__in=roles_that_can("see_actions"), user__is_active=True)
        theirs = Exists(members.filter(user=OuterRef("owner"), organisation=OuterRef("organisation")))
        return self.filter(theirs, organisation__in=Organisation.objects.open())

    def number_in_each_state(self):
        """{state: how many}."""
        return {**dict.fromkeys(Action.State.values, 0), **dict(self.order_by().values_list("state").annotate(Count("pk")))}

    def counted_by_organisation(self):
        """For each organisation: its code and name, how many of these there are, and how many of them are overdue."""
        overdue = Count("pk", filter=Q(due_on__lt=timezone.localdate()) & ~Q(state__in=ENDED))
        return self.order_by("organisation__name").values("organisation__code", "organisation__name").annotate(number=Count("pk"), overdue=overdue)


class ActionManager(models.Manager.from_queryset(ActionQuerySet)):
    @transaction.atomic
    def make(self, *, by, assessment=None, key=None, **typed):
        """`organisation.actions.make(...)`: a new action, from a gap of a round or by hand. A form sent twice, known by its `key`, makes one."""
        Organisation.objects.select_for_update().get(pk=self.instance.pk)
        made = self.filter(public_id=key).first() if key else None
        if made:
            return made
        action = self.model(organisation=self.instance, assessment=assessment, **typed)
        if key and not Action.objects.filter(public_id=key).exists():
            action.public_id = key
        action.full_clean()
        action.save()
        AuditEntry.objects.note("added_action", by=by, organisation=self.instance, action=str(action.public_id)[:8])
        return action


class Action(models.Model):
    """One thing that somebody does until a day."""

    class State(models.TextChoices):
        TO_DO = "todo", "To do"
        DOING = "doing", "Doing"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="actions")
    assessment = models.ForeignKey(Assessment, models.SET_NULL, null=True, blank=True, related_name="actions", help_text="The round it comes from")
    question = models.ForeignKey(Question, models.PROTECT, null=True, blank=True, related_name="+", help_text="The question it serves")
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", help_text="A member who sees to it")
    owner_name = models.CharField(max_length=100, blank=True, help_text="Who sees to it, where they are no member here")
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.TO_DO)
    stopped_reason = models.TextField(blank=True, max_length=1000)
    version = models.PositiveIntegerField(default=1, help_text="How often it was saved: two people's pages are told apart by it")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_on = models.DateField(null=True, blank=True, help_text="The day it was done or stopped")

    objects = ActionManager()
    Conflict = Conflict  # so that views, which import no model, can catch it as they catch DoesNotExist

    of_the_organisation = {"title", "stopped_reason"}  # not handed to whoever wrote it: see accounts/personal_data.py

    class Meta:
        ordering = [F("due_on").asc(nulls_last=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner=None) | Q(owner_name=""), name="one_owner", violation_error_message="Choose a member or type a name, not both"
            ),
            models.CheckConstraint(
                condition=~Q(state="stopped") | ~Q(stopped_reason=""),
                name="stopped_for_a_reason",
                violation_error_message="Say why it was stopped",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def is_live(self):
        return self.state not in ENDED

    @property
    def is_overdue(self):
        return self.is_live and self.due_on is not None and self.due_on < timezone.localdate()

    @property
    def whose(self):
        """Who sees to it, in words."""
        return str(self.owner) if self.owner_id else self.owner_name or "Nobody yet"

    @property
    def last_note(self):
        """The newest note, or none."""
        notes = list(self.notes.all())
        return notes[-1] if notes else None

    @transaction.atomic
    def change(self, *, by, version, **typed):
        """Write what was typed. Raises Conflict where somebody saved it since `version`, ValidationError where it will not do.

        The same text sent twice is saved once. `typed` holds every field of TYPED.
        """
        now = Action.objects.select_for_update().get(pk=self.pk)
        if now.version != version:
            if any(getattr(now, name) != typed[name] for name in TYPED):
                raise Conflict(now)
            return
        was_live = now.is_live
        for name in TYPED:
            setattr(self, name, typed[name])
        self.version = version + 1
        if was_live != self.is_live:
            self.finished_on = None if self.is_live else timezone.localdate()
        self.full_clean()
        self.save()
        AuditEntry.objects.note("changed_action", by=by, organisation=self.organisation, action=str(self.public_id)[:8], state=self.state)

    @transaction.atomic
    def note(self, text, *, by):
        """Write down how it goes, with who and when. The same note sent twice is kept once."""
        if not text.strip():
            raise ValidationError("Enter a note")
        Action.objects.select_for_update().get(pk=self.pk)
        last = self.notes.order_by("pk").last()
        if last and (last.text, last.by_id) == (text.strip(), by.pk):
            return last
        AuditEntry.objects.note("noted_action", by=by, organisation=self.organisation, action=str(self.public_id)[:8])
        return self.notes.create(text=text.strip(), by=by)


class ActionNote(models.Model):
    """A line on how an action goes. It is never changed: whoever errs writes another."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="notes")
    text = models.TextField(max_length=5000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    of_the_organisation = {"text"}

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return self.text[:60]
