"""What an organisation agrees about one question, and why."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import AuditEntry
from assessments.levels import Spread
from assessments.models.assessment import Assessment
from assessments.models.framework import Question

LONGEST_TEXT = 5000
MOST_PRIORITIES = 3
TYPED = ("level", "does_not_apply", "reason", "evidence", "would_change", "dissent")


class Conflict(Exception):
    """Somebody else saved this answer since the page was opened. `saved` is the answer as it stands."""

    def __init__(self, saved):
        super().__init__(str(saved))
        self.saved = saved


class AnswerQuerySet(models.QuerySet):
    def answered(self):
        """With a level, or agreed not to apply."""
        return self.filter(Q(level__isnull=False) | Q(does_not_apply=True))

    def unanswered(self):
        return self.filter(level=None, does_not_apply=False)


class AnswerManager(models.Manager.from_queryset(AnswerQuerySet)):
    @transaction.atomic
    def accept_where_close(self, *, by):
        """`assessment.answers.accept_where_close(by=...)`: agree the lower median of each blank question on which all raters were within one level.

        The lower of two middle levels, since the organisation can still say more. Returns how many it agreed.
        """
        self.instance.lock_for_agreeing()
        accepted = [answer for answer in self.unanswered().select_for_update() if answer.can_be_accepted]
        for answer in accepted:
            answer.level, answer.reason = answer.spread_of_all.median[0], ACCEPTED
            answer.version, answer.changed_by, answer.changed_at = answer.version + 1, by, timezone.now()
        self.bulk_update(accepted, ["level", "reason", "version", "changed_by", "changed_at"])
        if accepted:
            self._note("accepted_answers", by, answers=len(accepted))
        return len(accepted)

    @transaction.atomic
    def set_priorities(self, numbers, *, by, before=None):
        """The questions, by number, that matter most, in that order; three at most. Raises ValidationError.

        `before`: those that the chooser saw chosen. It is refused where somebody has chosen others meanwhile.
        """
        self.instance.lock_for_agreeing()
        chosen = self.priorities()
        if before is not None and chosen not in (before, numbers):
            raise ValidationError(f"Somebody has chosen {', '.join(chosen) or 'no question'} since you opened this page. Save yours again to replace them")
        if len(numbers) > MOST_PRIORITIES or len(set(numbers)) != len(numbers):
            raise ValidationError(f"Select up to {MOST_PRIORITIES} questions")
        self.update(priority=None)
        for place, number in enumerate(numbers, 1):
            self.filter(question__number=number).update(priority=place)
        self._note("chose_priorities", by, questions=", ".join(numbers))

    def priorities(self):
        """The numbers of the questions that matter most, in order."""
        return list(self.filter(priority__isnull=False).order_by("priority").values_list("question__number", flat=True))

    def _note(self, verb, by, **detail):
        AuditEntry.objects.note(verb, by=by, organisation=self.instance.organisation, round=self.instance.number, **detail)


ACCEPTED = "Everybody who rated was within one level of each other."


class Answer(models.Model):
    """The agreed answer to one question of one round: blank when the round starts, written when people agree."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    does_not_apply = models.BooleanField(default=False)
    reason = models.TextField(blank=True, max_length=LONGEST_TEXT)
    evidence = models.TextField(blank=True, max_length=LONGEST_TEXT, help_text="Links and notes, one a line")
    would_change = models.TextField(blank=True, max_length=LONGEST_TEXT, help_text="What would change our mind")
    dissent = models.TextField(blank=True, max_length=LONGEST_TEXT, help_text="Who sees it otherwise, and how")
    priority = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 to 3: what matters most")
    version = models.PositiveIntegerField(default=1, help_text="How often it was saved: two people's pages are told apart by it")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)
    published = models.JSONField(default=dict, help_text="What may be shown of the ratings, worked out once, when agreement began")

    of_the_organisation = {"reason", "evidence", "would_change", "dissent", "published"}  # not handed to whoever wrote it: see accounts/personal_data.py

    objects = AnswerManager()
    Conflict = Conflict  # so that views, which import no model, can catch it as they catch DoesNotExist

    class Meta:
        ordering = ["question__position"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "question"], name="one_answer_each"),
            models.UniqueConstraint("assessment", "priority", condition=Q(priority__isnull=False), name="one_answer_for_each_priority"),
            models.CheckConstraint(condition=Q(level=None) | Q(level__gte=1, level__lte=5), name="answer_from_1_to_5"),
            models.CheckConstraint(condition=Q(level=None) | Q(does_not_apply=False), name="a_level_or_does_not_apply"),
        ]

    def __str__(self):
        return f"The answer to {self.question_id}"

    @property
    def is_answered(self):
        return self.level is not None or self.does_not_apply

    @property
    def spread_of_all(self):
        """The spread of all who rated, or none where it may not be shown."""
        row = self.published.get("total")
        return row and Spread.from_row(row)

    @property
    def spread_by_group(self):
        """(group, its spread) for each group that may be shown."""
        return [(name, Spread.from_row(row)) for name, row in self.published.get("groups", [])]

    @property
    def comments(self):
        """What raters wrote, as (rater's key or none, text), in an order that tells nothing."""
        return [tuple(comment) for comment in self.published.get("comments", [])]

    @property
    def can_be_accepted(self):
        return not self.is_answered and self.spread_of_all is not None and self.spread_of_all.within_one

    @transaction.atomic
    def agree(self, *, by, version, **typed):
        """Write what was agreed. Raises Conflict where somebody saved it since `version`, and ValidationError where nobody may write.

        The same text sent twice is saved once. `typed` holds every field of TYPED.
        """
        self.assessment.lock_for_agreeing()
        saved = Answer.objects.filter(pk=self.pk, version=version).update(version=F("version") + 1, changed_by=by, changed_at=timezone.now(), **typed)
        self.refresh_from_db(fields=[*TYPED, "version", "changed_by", "changed_at"])
        if not saved and any(getattr(self, name) != typed[name] for name in TYPED):
            raise Conflict(self)
        if saved:
            self.assessment.answers._note("agreed_answer", by, question=self.question.number)
