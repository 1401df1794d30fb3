"""Which resources fit which question, as curators choose them. They meet the framework's questions here, and nothing of any organisation."""

from itertools import groupby

from django import forms
from django.contrib import admin

from accounts.lookups import OnlyItsFilters
from assessments.models import Pick, Question


class QuestionField(forms.ModelChoiceField):
    """A question, by framework."""

    def __init__(self, **kwargs):
        super().__init__(Question.objects.select_related("framework", "component"), **kwargs)
        found = groupby(self.queryset, key=lambda question: question.framework)
        self.choices = [("", "---------"), *((str(framework), [(q.pk, str(q)) for q in questions]) for framework, questions in found)]


class PickForm(forms.ModelForm):
    question = QuestionField()

    class Meta:
        model = Pick
        fields = ("question", "resource", "why")
        error_messages = {"__all__": {"unique_together": "This resource is put to this question already"}}


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
