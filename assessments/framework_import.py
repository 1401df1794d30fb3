"""Bringing a framework in: first a plan, which changes nothing, then its application as a draft, all or nothing. Publishing fixes it for good."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry
from assessments.framework_file import TAKEN, read
from assessments.framework_text import FRAMEWORK_LINES, Fault, FrameworkFileError, FrameworkText
from assessments.models import Framework, Level, Question
from resources.models import Component

CHANGED = "What is here has changed since this was shown: look at it again"


@dataclass(frozen=True)
class Plan:
    """What an import would bring, and the draft that it would replace, if there is one."""

    text: FrameworkText
    before: FrameworkText | None

    def components(self):
        """Each component, and how many questions it would have."""
        counts = self.text.by_component()
        return [(component, counts.get(component.slug, 0)) for component in Component.objects.all()]


def plan(content, name):
    """What a file would bring in. Changes nothing. Raises FrameworkFileError with every fault."""
    components = dict(Component.objects.values_list("slug", "number"))
    published = set(Framework.objects.exclude(published_at=None).values_list("slug", flat=True))
    text = read(content, name, components=components, published=published)
    draft = Framework.objects.filter(slug=text.slug).first()
    return Plan(text, FrameworkText.of(draft) if draft else None)


def apply(plan, by=None):
    """Write the plan as a draft. Raises FrameworkFileError where what is here has changed since it was made."""
    try:
        with transaction.atomic():
            return _apply(plan, by)
    except IntegrityError as error:  # somebody else has made or published it at this very moment
        raise FrameworkFileError([Fault(plan.text.slug, "", CHANGED)]) from error


def _apply(plan, by):
    held = Framework.objects.select_for_update().filter(slug=plan.text.slug).first()
    if held and held.is_published:
        raise FrameworkFileError([Fault(plan.text.slug, "", TAKEN)])
    if (FrameworkText.of(held) if held else None) != plan.before:
        raise FrameworkFileError([Fault(plan.text.slug, "", CHANGED)])
    framework = write(plan.text, held)
    AuditEntry.objects.note("imported_framework", by=by, framework=framework.slug)
    return framework


@transaction.atomic
def publish(slug, by=None):
    """Fix a draft for good. Raises ValidationError."""
    framework = Framework.objects.select_for_update().filter(slug=slug).first()
    if framework is None:
        raise ValidationError("There is no such framework any more")
    framework.publish()
    AuditEntry.objects.note("published_framework", by=by, framework=framework.slug)
    return framework


def write(text, held=None):
    """Put a framework's text into rows, in place of a draft's where one is held."""
    framework = held or Framework()
    for field in FRAMEWORK_LINES:
        setattr(framework, field, getattr(text, field))
    framework.level_names = list(text.level_names)
    framework.save()
    framework.questions.all().delete()
    components = {component.slug: component for component in Component.objects.all()}
    questions = Question.objects.bulk_create(
        Question(
            framework=framework,
            component=components[q.component],
            number=q.number,
            position=position,
            title=q.title,
            asks=q.asks,
            examples="\n".join(q.examples),
        )
        for position, q in enumerate(text.questions, 1)
    )
    Level.objects.bulk_create(
        Level(question=question, level=level, text=words)
        for question, q in zip(questions, text.questions, strict=True)
        for level, words in enumerate(q.levels, 1)
    )
    return framework
