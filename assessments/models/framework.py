"""The framework as data: its questions and the five levels of each in words. Once published it never changes: new wording is a new framework."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from resources.models import Component

LEVELS = range(1, 6)
LEVEL_NAMES = ("Starting", "Developing", "Progressing", "Spreading", "Improving and sustaining")


def default_level_names():
    return list(LEVEL_NAMES)


class FrameworkQuerySet(models.QuerySet):
    def published(self):
        """Those that anybody may read and a round can use."""
        return self.filter(published_at__lte=Now())


class Framework(models.Model):
    """One edition of the self-assessment."""

    slug = models.SlugField("address", max_length=60, unique=True, help_text="Stays the same for good: reports cite it")
    title = models.CharField(max_length=120)
    edition = models.CharField(max_length=60, help_text="Such as: working edition, November 2026")
    source = models.TextField(help_text="Who wrote it, where it comes from, under which licence")
    note = models.TextField(blank=True, help_text="Shown wherever its questions are: what a reader must know about this wording")
    level_names = models.JSONField(default=default_level_names, help_text="The five levels' names, lowest first")
    published_at = models.DateTimeField(null=True, blank=True, help_text="From then on nothing of it can change")

    objects = FrameworkQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "slug"]

    def __str__(self):
        return f"{self.title}, {self.edition}"

    def get_absolute_url(self):
        return reverse("assessments:framework", args=[self.slug])

    def clean(self):
        names = self.level_names
        if not isinstance(names, list) or len(names) != len(LEVELS) or not all(isinstance(name, str) and name.strip() for name in names):
            raise ValidationError({"level_names": "Give five names, lowest level first"})

    @property
    def is_published(self):
        return self.published_at is not None

    def publish(self):
        """Fix it for good. Raises ValidationError unless it has questions and each has its five levels."""
        if self.is_published:
            raise ValidationError("This framework is published already")
        lacking = [q.number for q in self.questions.prefetch_related("levels") if {level.level for level in q.levels.all()} != set(LEVELS)]
        if lacking or not self.questions.exists():
            raise ValidationError(f"Give five levels to {', '.join(lacking)}" if lacking else "Add questions first")
        self.published_at = timezone.now()
        self.save(update_fields=["published_at"])

    def level_name(self, level):
        """What a level from 1 to 5 is called here."""
        return self.level_names[level - 1]

    def with_everything(self):
        """Its questions in order, with components and levels, in two queries."""
        return list(self.questions.select_related("component").prefetch_related("levels"))


class Question(models.Model):
    """One of a framework's questions, such as 2.3: a practice that an organisation rates itself on."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="questions")
    component = models.ForeignKey(Component, models.PROTECT, related_name="questions")
    number = models.CharField(
        max_length=6, validators=[RegexValidator(r"^[1-9]\.[1-9]\d?$", "Write the number as 2.3: the component, a point, the place in it")]
    )
    position = models.PositiveSmallIntegerField(help_text="Its place in the framework, from 1")
    title = models.CharField(max_length=80)
    asks = models.TextField(help_text="What it asks, in a sentence")
    examples = models.TextField(blank=True, help_text="What you might see, one example a line")

    class Meta:
        ordering = ["framework", "position"]
        constraints = [
            models.UniqueConstraint("framework", "number", name="one_question_of_each_number"),
            models.UniqueConstraint("framework", "position", name="one_question_in_each_place"),
        ]

    def __str__(self):
        return f"{self.number} {self.title}"

    @property
    def might_see(self):
        """The examples, one by one."""
        return self.examples.splitlines()


class Level(models.Model):
    """What one level of one question looks like, in words."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="levels")
    level = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ["question", "level"]
        constraints = [
            models.UniqueConstraint("question", "level", name="each_level_once"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="level_from_1_to_5"),
        ]

    def __str__(self):
        return f"{self.question.number}, level {self.level}"
