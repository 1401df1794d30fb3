"""An organisation's actions: the list of them, one of them with its notes, and the forms that add and change one.

Everything is reached from the organisation, never from a model: see assessments/views.py.
"""

import re
import textwrap
import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.roles import roles_that_can
from accounts.views import OrganisationForm, OrganisationPage, OrganisationView
from assessments.action_forms import NAMES, ActionChangeForm, ActionForm, NoteForm, as_saved, in_words_of
from assessments.action_list import ActionList

ROUND, QUESTION = re.compile(r"[1-9]\d{0,3}"), re.compile(r"[1-9]\.[1-9]\d?")
LONGEST_TITLE = 200
TEXTS = ("title", "question", "owner_name", "due_on", "stopped_reason", "text")  # what is handed back to whoever could not save it
PRACTICE = "You came from a practice round, and an action is a real one, so it would come from no round."


class ActionsView(OrganisationView):
    """Something of an organisation's actions."""

    verb = "see_actions"

    def to(self, name, *args):
        """The address of another page of the self-assessment of this organisation."""
        return reverse(f"assessments:{name}", args=[self.organisation.code, *args])

    @cached_property
    def action(self):
        """The action that the address names."""
        return get_object_or_404(self.organisation.actions.to_show(), public_id=self.kwargs["action"])


class ActionListView(ActionsView, OrganisationPage):
    """The actions that are still to be done, or those that the address asks for."""

    template_name = "assessments/action_list.jinja"

    def get_context_data(self, **kwargs):
        actions, shown = self.organisation.actions, ActionList(self.organisation.actions, self.request.GET, self.request.user)
        numbers = actions.number_in_each_state()
        return super().get_context_data(
            shown=shown,
            there_are_any=any(numbers.values()),
            done=numbers["done"],
            stopped=numbers["stopped"],
            overdue=actions.overdue().count() if self.request.membership.can("run_rounds") else 0,
            mail_stopped=self.request.user.action_mail_stops.exists(),
            **kwargs,
        )


class ActionFormView(ActionsView, OrganisationForm):
    """A form about an action. Whoever may not send it any more gets back what they typed."""

    verb, then = "agree", "actions"

    def dispatch(self, request, *args, **kwargs):
        if request.method == "POST" and not request.membership.can(self.verb):
            return self.hand_back("You can no longer change actions here.", 403)
        return super().dispatch(request, *args, **kwargs)

    def hand_back(self, why, status):
        """Say why nothing was saved, and give what was typed back."""
        fields = {name: field for name, field in self.form_class.base_fields.items() if name in TEXTS}
        sent = ((NAMES.get(name, "Note"), field.widget.value_from_datadict(self.request.POST, {}, name)) for name, field in fields.items())
        typed = [(label, text) for label, text in sent if text]
        context = {"why": why, "typed": typed, "organisation": self.organisation}
        return TemplateResponse(self.request, "assessments/action_handed_back.jinja", context, status=status)

    def members(self):
        """Those who can see to an action: members who can open it."""
        members = self.organisation.memberships.current().filter(role__in=roles_that_can("see_actions"), user__is_active=True)
        return [membership.user for membership in members.select_related("user").order_by("user__name", "user__email")]

    def get_context_data(self, **kwargs):
        return super().get_context_data(**{"back": ("Actions", self.to("actions")), **kwargs})


class ActionAddView(ActionFormView):
    """Add an action: by hand, or from a question of a round (`?round=3&question=2.3`) with words to begin from."""

    form_class, template_name = ActionForm, "assessments/action_add.jinja"
    title, button = "Add an action", "Add the action"

    @cached_property
    def round(self):
        """The round that the address names, or none."""
        number = self.request.GET.get("round", "")
        rounds = self.organisation.assessments.select_related("framework")
        return rounds.filter(number=number).first() if ROUND.fullmatch(number) and number.isascii() else None

    @cached_property
    def answer(self):
        """The answer of that round to the question that the address names, or none."""
        number = self.request.GET.get("question", "")
        if not self.round or not QUESTION.fullmatch(number):
            return None
        answers = self.round.answers.select_related("question__component").prefetch_related("question__levels")
        return answers.filter(question__number=number).first()

    @property
    def refused(self):
        """Why no action is made from the round that the address names, or blank."""
        if "round" in self.request.GET and not self.round:
            return "The round that you came from is not one of this organisation, so the action would come from no round."
        return PRACTICE if self.round and self.round.practice else ""

    @property
    def notice(self):
        """What is wrong with where somebody comes from, or blank."""
        lost = self.round and self.request.GET.get("question") and not self.answer
        return self.refused or ("The question that you came from is not one of that round. Select one below." if lost else "")

    @property
    def next_level(self):
        """(its name, its words) for the level above the agreed one, or none."""
        level = self.answer.level if self.answer else None
        words = {row.level: row.text for row in self.answer.question.levels.all()} if level else {}
        return (self.round.framework.level_name(level + 1), words[level + 1]) if level and level + 1 in words else None

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "members": self.members(), "framework": self.round.framework if self.round else None}

    def get_initial(self):
        number = self.answer.question.number if self.answer else self.request.GET.get("question", "")
        title = textwrap.shorten(self.next_level[1].rstrip("."), LONGEST_TITLE, placeholder="…") if self.next_level else ""
        return {"question": number, "title": title, "state": "todo", "key": str(uuid.uuid4()), **super().get_initial()}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **{
                "notice": self.notice,
                "round": self.round,
                "answer": self.answer,
                "next_level": self.next_level,
                "action": self.request.path if self.refused else self.request.get_full_path(),
                **kwargs,
            }
        )

    def form_valid(self, form):
        if self.refused:
            form.add_error(None, f"{self.refused} Press “{self.button}” again to add it so")
            return self.form_invalid(form)
        try:
            key = form.cleaned_data["key"]
            made = self.organisation.actions.make(by=self.request.user, assessment=self.round, key=key, **form.typed)
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
            return self.form_invalid(form)
        messages.success(self.request, "The action is added.")
        return redirect(self.to("action", made.public_id))


class ActionView(ActionFormView):
    """One action with its notes, and a form to add one."""

    form_class, template_name = NoteForm, "assessments/action_detail.jinja"
    verb, button = "see_actions", "Add the note"

    def dispatch(self, request, *args, **kwargs):
        self.verb = "agree" if request.method == "POST" else "see_actions"
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **{"title": self.action.title, "action_shown": self.action, "may_change": self.request.membership.can("agree"), **kwargs}
        )

    def act(self, data):
        self.action.note(data["text"], by=self.request.user)
        return "The note is added."

    def after(self):
        return self.to("action", self.action.public_id)


class ActionChangeView(ActionFormView):
    """Change an action, or stop it. Two people who change it at once never overwrite each other."""

    form_class = ActionChangeForm
    title, button = "Change the action", "Save"

    def get_form_kwargs(self):
        action = self.action
        framework = action.question.framework if action.question else action.assessment.framework if action.assessment else None
        return {**super().get_form_kwargs(), "members": self.members(), "owner": action.owner, "framework": framework}

    def get_initial(self):
        return {**as_saved(self.action), **super().get_initial()}

    def get_context_data(self, **kwargs):
        return super().get_context_data(**{"back": (self.action.title, self.after()), **kwargs})

    def form_valid(self, form):
        before = self.action.stopped_reason if self.action.state == "stopped" else ""
        try:
            self.action.change(by=self.request.user, version=form.cleaned_data["version"], **form.typed)
        except self.action.Conflict as conflict:
            return self.show_both(form, conflict.saved)
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
            return self.form_invalid(form)
        if before and self.action.state != "stopped":
            self.action.note(f"Taken up again. It had been stopped: {before}", by=self.request.user)
        messages.success(self.request, "The action is saved.")
        return redirect(self.after())

    def after(self):
        return self.to("action", self.kwargs["action"])

    def show_both(self, form, saved):
        """409: somebody else has saved it meanwhile. Both texts, and the form with ours, which saves over theirs with one more press."""
        theirs, ours = in_words_of(saved), in_words_of(form.typed)
        self.template_name = "assessments/action_conflict.jinja"
        kept = {name: form.data.get(name, "") for name in ("title", "question", "owner", "owner_name", "state", "stopped_reason")}
        kwargs = {name: value for name, value in self.get_form_kwargs().items() if name not in ("data", "files")}
        kwargs["initial"] = {**kept, "due_on": form.cleaned_data["due_on"], "version": saved.version}
        context = self.get_context_data(
            form=self.form_class(**kwargs),
            differing=[(label, words, mine) for (label, words), (_, mine) in zip(theirs, ours, strict=True) if words != mine],
            alike=[label for (label, words), (_, mine) in zip(theirs, ours, strict=True) if words == mine],
        )
        return self.render_to_response(context, status=409)
