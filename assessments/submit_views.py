"""From the agreed answers to a result that cannot shift: what matters most, the preview, the submission, and opening it again."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.utils.functional import cached_property

from accounts.forms import ConfirmForm
from assessments.agree_forms import PrioritiesForm, ReopenResultForm
from assessments.agree_views import AgreeView
from assessments.levels import LEVELS
from assessments.pack_tasks import check_pack
from assessments.recommendations import recommend
from assessments.snapshot import fingerprint
from assessments.views import RoundForm


class PrioritiesView(AgreeView, RoundForm):
    """The gaps by size, the three that matter most, and what to read for each. Leads choose; everybody who agrees reads."""

    verb, form_class, template_name = "agree", PrioritiesForm, "assessments/priorities.jinja"
    title, button, then = "What matters most", "Save", "priorities"

    def post(self, request, *args, **kwargs):
        if not request.membership.can("run_rounds"):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    @cached_property
    def answers(self):
        fetched = self.assessment.answers.select_related("question__component").prefetch_related("question__levels", "question__picks__resource")
        return list(fetched)

    @property
    def chosen(self):
        """The answers that matter most, in order."""
        return sorted((answer for answer in self.answers if answer.priority), key=lambda answer: answer.priority)

    @property
    def gaps(self):
        """(how many levels are above it, answer) for each that has some, the widest first."""
        gaps = [(LEVELS[-1] - answer.level, answer) for answer in self.answers if answer.level]
        return sorted((gap for gap in gaps if gap[0]), key=lambda gap: -gap[0])

    def can_be_chosen(self):
        """(number, its words) of each question with a gap, and of those chosen already, whatever became of them."""
        answers = [answer for _, answer in self.gaps]
        answers += [answer for answer in self.chosen if answer not in answers]
        return [(answer.question.number, f"{answer.question}: {self.in_words(answer)}") for answer in answers]

    def in_words(self, answer):
        """What was agreed."""
        if answer.level:
            return self.assessment.framework.level_name(answer.level)
        return "does not apply" if answer.does_not_apply else "not agreed yet"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "questions": self.can_be_chosen()}

    def get_initial(self):
        numbers = [answer.question.number for answer in self.chosen]
        places = {f"place_{place}": number for place, number in enumerate(numbers, 1)}
        return {**places, **super().get_initial()}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **{
                "back": ("All questions", self.to("board")),
                "gaps": self.gaps,
                "chosen": [(answer, self.in_words(answer), next_words(answer), recommend(answer.question, answer.level)) for answer in self.chosen],
                "actions": self.actions(),
                "names": self.assessment.framework.level_names,
                "next_words": next_words,
                "may_choose": self.request.membership.can("run_rounds"),
                "still_open": sum(not answer.is_answered for answer in self.answers),
                **kwargs,
            }
        )

    def actions(self):
        """What is done about each question in this round, by the question's key."""
        found: dict[int, list] = {}
        for action in self.assessment.actions.select_related("owner"):
            found.setdefault(action.question_id, []).append(action)
        return found

    def form_invalid(self, form):
        self.__dict__.pop("answers", None)  # the page says what is chosen now; what was chosen here stays in the form
        return super().form_invalid(form)

    def act(self, data):
        self.assessment.answers.set_priorities(data["numbers"], by=self.request.user, before=self.request.POST.get("before", "").split())
        return "What matters most is saved." if data["numbers"] else "No question is marked as mattering most now."


def next_words(answer):
    """The words of the level above the agreed one, or none."""
    return next((level.text for level in answer.question.levels.all() if answer.level and level.level == answer.level + 1), None)


class SubmitView(AgreeView, RoundForm):
    """See exactly what will be fixed, then fix it."""

    verb, form_class, template_name = "run_rounds", ConfirmForm, "assessments/submit.jinja"
    title, button, then = "Submit the result", "Submit the result", "result"

    def elsewhere(self):
        """The same form sent twice is submitted once: who sent it sees the result."""
        last = self.assessment.submissions.order_by("version").last() if self.request.method == "POST" and self.assessment.submitted_at else None
        if last and last.sha256 == self.request.POST.get("sha256"):
            return redirect(self.to("result"))
        return super().elsewhere()

    def form_invalid(self, form):
        return super().form_invalid(form) if self.assessment.is_agreeing else self.elsewhere()

    def get_context_data(self, **kwargs):
        data, text = self.assessment.submissions.draft()
        blank = [question for question in data["questions"] if question["level"] is None and not question["does_not_apply"]]
        return super().get_context_data(**{"back": ("All questions", self.to("board")), "data": data, "sha256": fingerprint(text), "blank": blank, **kwargs})

    def act(self, data):
        submission = self.assessment.submissions.submit(by=self.request.user, sha256=self.request.POST.get("sha256", ""))
        check_pack.enqueue(submission.pk)
        return f"The result is submitted. Its reference is {submission}."


class ReopenResultView(RoundForm):
    """Open a submitted result again, for a next version."""

    needs, otherwise, form_class = "submitted_at", "This result is not submitted, so there is nothing to reopen.", ReopenResultForm
    title, button, then = "Reopen the result", "Reopen the result", "board"

    @cached_property
    def last(self):
        """The version that stands."""
        return self.assessment.submissions.order_by("version").last()

    def get_context_data(self, **kwargs):
        last = self.last
        hint = (
            f"Version {last.version} of {last.reference} stays readable as it is. What you change becomes version {last.version + 1} once you submit it. "
            "The ratings stay closed: nobody can rate again."
        )
        return super().get_context_data(**{"hint": hint, "back": ("The result", self.to("result")), **kwargs})

    def act(self, data):
        version = self.last.version
        self.assessment.submissions.reopen(by=self.request.user, reason=data["reason"])
        return f"The result is open again. Version {version} stays readable; submit version {version + 1} when you have changed what needs changing."
