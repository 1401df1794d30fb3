"""Which resources fit which question, as curators choose them. They meet the framework's questions here, and nothing of any organisation."""

from itertools import groupby

from django import forms
from django.contrib import admin
from django.forms.models import ModelChoiceIterator

from accounts.lookups import OnlyItsFilters
from assessments.models import Pick, Question


class ByFramework(ModelChoiceIterator):
    """Every question, by framework."""

    def __iter__(self):
        yield "", self.field.empty_label
        for framework, questions in groupby(self.queryset, key=lambda question: question.framework):
            yield str(framework), [self.choice(question) for question in questions]


class QuestionField(forms.ModelChoiceField):
    iterator = ByFramework


class PickForm(forms.ModelForm):
    """A question, a resource, and why."""

    question = QuestionField(Question.objects.select_related("framework"))

    class Meta:
        model = Pick
        fields = ("question", "resource", "why")


@admin.register(Pick)
class PickAdmin(OnlyItsFilters, admin.ModelAdmin):
    """A resource put to a question: it comes first where an organisation chose that question as mattering most."""

    form = PickForm
    list_display = ("resource", "number", "question_title", "framework", "why")
    list_filter = ("question__framework", "question__component")
    list_select_related = ("resource", "question__framework")
    list_per_page = 50
    search_fields = ("question__number", "question__title", "resource__title", "why")
    ordering = ("question__framework", "question__position", "resource__title")
    raw_id_fields = ("resource",)

    @admin.display(description="question", ordering="question__position")
    def number(self, pick):
        return pick.question.number

    @admin.display(description="title")
    def question_title(self, pick):
        return pick.question.title

    @admin.display(description="framework")
    def framework(self, pick):
        return str(pick.question.framework)
