"""From the close to an agreed answer for each question: the board, and the page of one question.

Everything is reached from the round, never from a model: see assessments/views.py.
"""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.functional import cached_property

from accounts.forms import ConfirmForm
from assessments.agree_forms import TEXTS, AnswerForm, as_saved, as_shown
from assessments.anonymity import FEWEST
from assessments.board import by_disagreement, neighbours
from assessments.earlier import last_answer
from assessments.evidence import pieces
from assessments.views import RoundForm, RoundPage, RoundView


class BeginView(RoundForm):
    """Open the ratings and begin to agree; from then on nobody rates."""

    needs, form_class, template_name = "can_begin_agreeing", ConfirmForm, "assessments/agree_begin.jinja"
    title, button, then = "Begin to agree", "Open the ratings and begin", "board"

    @property
    def otherwise(self):
        return (
            "People can still rate: close the round first." if self.assessment.is_rating else "This round is past that: agreement has begun, or it has ended."
        )

    def get_context_data(self, **kwargs):
        finished = self.assessment.finished_raters().count()
        too_few = finished == 0 or (self.assessment.anonymous and finished < FEWEST)
        return super().get_context_data(finished=finished, asked=self.assessment.raters.count(), fewest=FEWEST, too_few=too_few, **kwargs)

    def act(self, data):
        self.assessment.begin_agreeing(by=self.request.user)
        return "The ratings are open. Nobody can rate any more."


class AgreeView(RoundView):
    """Something of a round in which people agree, for whoever may write what they agree."""

    verb = "agree"

    def dispatch(self, request, *args, **kwargs):
        if request.membership.can(self.verb) and not self.assessment.is_agreeing:
            return self.elsewhere()
        return super().dispatch(request, *args, **kwargs)

    def elsewhere(self):
        """Where to go where there is nothing to agree: the result once it is submitted, else the round's own page."""
        messages.info(self.request, self.why_not())
        return redirect(self.to("result" if self.assessment.submitted_at else "assessment"))

    def why_not(self):
        """Why nobody can write what is agreed now."""
        if self.assessment.submitted_at:
            return "This result is submitted: nothing of it changes any more. A lead can reopen it."
        if self.assessment.abandoned_at:
            return "This round was abandoned, so there is nothing to agree."
        return "People still rate." if self.assessment.is_rating else "Agreement has not begun: a lead begins it."

    @cached_property
    def answers(self):
        """Every answer of the round, in the framework's order."""
        return list(self.assessment.answers.select_related("question"))


class BoardView(AgreeView, RoundPage):
    """All questions, those on which people disagree most first."""

    template_name = "assessments/board.jinja"

    def get_context_data(self, **kwargs):
        in_order = self.request.GET.get("order") == "framework"
        return super().get_context_data(
            answers=self.answers if in_order else by_disagreement(self.answers),
            in_order=in_order,
            answered=sum(answer.is_answered for answer in self.answers),
            close=[answer for answer in self.answers if answer.can_be_accepted],
            names=self.assessment.framework.level_names,
            may_lead=self.request.membership.can("run_rounds"),
            **kwargs,
        )


class AcceptView(AgreeView):
    """Agree, in one press, each question on which everybody was within one level."""

    http_method_names = ["post"]

    def post(self, request, **kwargs):
        try:
            accepted = self.assessment.answers.accept_where_close(by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            questions = "1 question" if accepted == 1 else f"{accepted} questions"
            messages.success(request, f"You agreed {questions}." if accepted else "There was nothing left to accept: somebody else was faster.")
        return redirect(self.to("board"))


class AnswerView(AgreeView, RoundForm):
    """One question: what people said, what is agreed, and why. What is typed here is never lost."""

    verb, form_class, template_name = "agree", AnswerForm, "assessments/answer.jinja"
    button, then = "Save", "board"

    def dispatch(self, request, *args, **kwargs):
        if request.method == "POST" and not request.membership.can(self.verb):
            return self.hand_back("You can no longer change answers here.", status=403)
        return super().dispatch(request, *args, **kwargs)

    def elsewhere(self):
        return self.hand_back(self.why_not(), status=409) if self.request.method == "POST" else super().elsewhere()

    def hand_back(self, why, status):
        """Say why it was not saved, and give what was typed back."""
        sent = self.request.POST
        typed = [(label, sent[name]) for name, (label, _) in TEXTS.items() if sent.get(name)]
        context = {
            "why": why,
            "typed": typed,
            "level": sent.get("level", ""),
            "question": self.kwargs["question"],
            "back": self.organisation.get_absolute_url(),
        }
        return TemplateResponse(self.request, "assessments/answer_handed_back.jinja", context, status=status)

    @cached_property
    def answer(self):
        answers = self.assessment.answers.select_related("question__component", "changed_by").prefetch_related("question__levels")
        return get_object_or_404(answers, question__number=self.kwargs["question"])

    @cached_property
    def last_time(self):
        """What was agreed about this question in an earlier round, or none."""
        return last_answer(self.assessment.submissions.earlier(), self.answer.question.number, self.assessment.framework.slug)

    @property
    def carries_over(self):
        """Shall the form show last round's answer? It is not saved before somebody does."""
        return "carry" in self.request.GET and self.last_time is not None and self.last_time.same_framework

    def get_initial(self):
        carried = as_shown(self.last_time.question) if self.carries_over else {}
        return {**as_saved(self.answer), **carried, **super().get_initial()}

    def get_context_data(self, **kwargs):
        answer, framework = self.answer, self.assessment.framework
        return super().get_context_data(
            **{
                "title": answer.question,
                "answer": answer,
                "question": answer.question,
                "pieces": pieces,
                "names": framework.level_names,
                "words": [level.text for level in answer.question.levels.all()],
                "last_time": self.last_time,
                "done": self.organisation.actions.before_round(self.assessment).for_question(answer.question).to_show(),
                "carried": self.carries_over,
                "back": ("All questions", self.to("board")),
                "beside": neighbours(by_disagreement(self.answers), answer),
                **self.said(),
                **kwargs,
            }
        )

    def said(self):
        """Who chose what, and the comments; with names where the round is open. Whoever was erased since has none."""
        if self.assessment.anonymous:
            return {"people": [], "comments": self.answer.comments}
        raters = self.assessment.raters.in_bulk()
        name = lambda key: str(raters[key]) if key in raters else "somebody who has been erased"  # noqa: E731
        people = [(name(key), choice) for key, choice in self.answer.published.get("people", [])]
        return {"people": people, "comments": [(name(key), text) for key, text in self.answer.comments]}

    def form_valid(self, form):
        try:
            self.answer.agree(by=self.request.user, version=form.cleaned_data["version"], **form.typed)
        except self.answer.Conflict:
            return self.show_both(form)
        except ValidationError as error:
            return self.hand_back(error.messages[0], status=409)
        messages.success(self.request, f"{self.answer.question.number} is saved{'' if self.answer.is_answered else ', and not agreed yet'}.")
        return redirect(self.after())

    def after(self):
        """The next question without an answer where that was asked for, else the board."""
        following = neighbours(by_disagreement(self.answers), self.answer).next_open
        return self.to("answer", following.question.number) if "next" in self.request.POST and following else self.to("board")

    def show_both(self, form):
        """409: somebody else has saved it meanwhile. Both texts, and the form with ours, which saves over theirs with one more press."""
        saved, ours = as_saved(self.answer), as_shown(form.typed)
        labels = {"level": "Level", **{name: label.removesuffix(" (optional)") for name, (label, _) in TEXTS.items()}}
        self.template_name = "assessments/answer_conflict.jinja"
        context = self.get_context_data(
            form=AnswerForm(initial={**ours, "version": saved["version"]}),
            differing=[(name, label, saved[name], ours[name]) for name, label in labels.items() if saved[name] != ours[name]],
            alike=[label for name, label in labels.items() if saved[name] == ours[name]],
        )
        return self.render_to_response(context, status=409)
