"""What a rater sees: a cover, a page for each component, a check, and thanks with a copy of what they said.

Opening a page uses nothing up and changes nothing: mail scanners open links too.
"""

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from assessments import faults
from assessments.door import DoorView, rater_of, save
from assessments.faults import DeadLink, wants_json
from assessments.letters import contacts
from assessments.models.rating import RoundClosed
from assessments.questionnaire import questionnaire
from assessments.rating_forms import Entry
from assessments.wording import until, who_sees_what


class RaterView(DoorView):
    """A page of one rater. Once nobody rates any more, most pages say so instead, with whom to ask."""

    template_name = ""
    after_close = False  # can it be read then?

    def answer(self, request, *args, **kwargs):
        try:
            return super().answer(request, *args, **kwargs)
        except RoundClosed:
            return self.closed(rater_of(kwargs["token"]), 409)

    def get(self, request, token, **kwargs):
        rater = rater_of(token)
        if not rater.assessment.is_rating and not self.after_close:
            return self.closed(rater, 200)
        if rater.link_shown and self.template_name != CoverView.template_name:
            return HttpResponseRedirect(self.at())
        return self.page(rater, **self.context(rater, **kwargs))

    def context(self, rater):
        """What the page shows besides what every page does."""
        return {}

    def page(self, rater, **context):
        return render(self.request, self.template_name, {**self.frame(rater), **context})

    def frame(self, rater):
        """What every page needs: whose round it is, and where its pages are."""
        assessment = rater.assessment
        asked = questionnaire(assessment)
        return {"rater": rater, "assessment": assessment, "asked": asked, "here": self.at(), "until": until(assessment)}

    def at(self, page="", token=None):
        """The address of one of this rater's pages."""
        return reverse("assessments:rate", args=[token or self.kwargs["token"]]) + page

    def next_page(self, token, page):
        """Where to go after a save: under a new link, first to the page that says so."""
        return HttpResponseRedirect(self.at(page) if token == self.kwargs["token"] else self.at("?new", token))

    def closed(self, rater, status):
        """The page of a round in which nobody rates any more; what somebody was about to save comes back on it."""
        if wants_json(self.request):
            return faults.hand_back(self.request, status, "", "", "Not saved: this round has closed")
        frame = self.frame(rater)
        sent = faults.in_words(faults.sent_by(self.request), frame["asked"].choices)
        context = {"leads": contacts(rater.assessment), "begun": rater.has_begun, "typed": sent, "lines": faults.lines(sent)}
        return render(self.request, "assessments/rate_closed.jinja", {**frame, **context}, status=status)

    def said(self, rater):
        """What is kept of each question, by its key: choice, comment, version."""
        return {key: rest for key, *rest in rater.ratings.values_list("question_id", "choice", "comment", "version")}

    def answers(self, rater):
        """Every page of the questionnaire with what was said to its questions: [(page, [entry, ...]), ...]."""
        said = self.said(rater)
        return [(page, [Entry.kept(question, said.get(question.pk)) for question in page.questions]) for page in questionnaire(rater.assessment).pages]


class CoverView(RaterView):
    """What this is, who asks, who sees what, how long it takes and until when. The button is a form only where it makes a link one's own."""

    template_name = "assessments/rate.jinja"

    def context(self, rater):
        asked = questionnaire(rater.assessment)
        answered = set(rater.ratings.exclude(choice="").values_list("question_id", flat=True))
        page = asked.first_unanswered(answered)
        return {
            "answered": len(answered),
            "next": f"{page.place}/" if page else "check/",
            "leads": contacts(rater.assessment),
            "who_sees_what": who_sees_what(rater.assessment.anonymous, rater.assessment.practice),
            "new": "new" in self.request.GET,
            "later": "later" in self.request.GET,
        }

    def page(self, rater, **context):
        if context["later"]:
            return render(self.request, "assessments/rate_saved.jinja", {**self.frame(rater), **context})
        return super().page(rater, **context)

    def post(self, request, token):
        return self.next_page(save(token, lambda rater: None)[1], "1/")


class ComponentView(RaterView):
    """The questions of one component. All that is typed is saved, question by question; none has to be answered."""

    template_name = "assessments/rate_component.jinja"

    def context(self, rater, component):
        return self.questions(rater, component)

    def questions(self, rater, component, typed=()):
        """The page's questions as they are kept, and where they could not be saved as they were typed."""
        page = self.component_page(rater, component)
        kept = self.said(rater)
        typed = {entry.question: entry for entry in typed}
        entries = []
        for question in page.questions:
            entry, sent = Entry.kept(question, kept.get(question.pk)), typed.get(question)
            if sent and sent.error:
                entry.choice, entry.comment, entry.error, entry.seen = sent.choice, sent.comment, sent.error, sent.seen
            entry.replaced = sent.replaced if sent else None
            entries.append(entry)
        errors = [(entry.error, f"#comment-{entry.question.number}") for entry in entries if entry.error]
        return {"page": page, "entries": entries, "errors": errors, "to_check": "check" in self.request.GET}

    def component_page(self, rater, component):
        """The page that the address names; a number beyond the last leads to the check page."""
        page = questionnaire(rater.assessment).page(component)
        if page is None:
            raise DeadLink
        return page

    def post(self, request, token, component):
        typed = []
        rater, now = save(token, lambda rater: typed.extend(self.write(rater, component)))
        if wants_json(request):
            return self.in_json(rater, now, component, typed)
        if any(entry.error or entry.replaced for entry in typed):
            self.kwargs["token"] = now
            return self.page(rater, new=now != token, **self.questions(rater, component, typed))
        return self.next_page(now, self.after(rater, component))

    def write(self, rater, component):
        """Save what is right of what was typed. Returns all of it, with what it replaced."""
        page = self.component_page(rater, component)
        typed = [entry for question in page.questions if (entry := Entry.typed(question, self.request.POST))]
        said = {entry.question: entry.said for entry in typed if entry.touched and not entry.error}
        replaced = {one.question: one for one in rater.ratings.write(said, rater.assessment)}
        for entry in typed:
            entry.replaced = replaced.get(entry.question)
            if entry.question in said:
                entry.version = said[entry.question].version
        return typed

    def after(self, rater, component):
        """Where somebody goes who has saved this page."""
        if self.request.POST.get("then") == "later":
            return "?later"
        last = component == len(questionnaire(rater.assessment).pages)
        return "check/" if last or "check" in self.request.GET else f"{component + 1}/"

    def in_json(self, rater, token, component, typed):
        """For static/rating.js: when it was saved, and what the page is to say."""
        asked = questionnaire(rater.assessment)
        return JsonResponse(
            {
                "saved": f"{timezone.localtime():%H:%M}",
                "address": self.at(f"{component}/", token),
                "marks": {entry.question.number: entry.mark for entry in typed if not entry.error},
                "errors": {entry.question.number: entry.error for entry in typed if entry.error},
                "replaced": {entry.question.number: replaced_by(entry, asked) for entry in typed if entry.replaced},
            }
        )


def replaced_by(entry, asked):
    """The piece of a page that says what a save replaced."""
    return render_to_string("assessments/rate_replaced.jinja", {"replaced": entry.replaced, "asked": asked})


class CheckView(RaterView):
    """Everything that was said, with a way back to each question; and the button that says it is all."""

    template_name = "assessments/rate_check.jinja"

    def context(self, rater):
        pages = self.answers(rater)
        entries = [entry for _, entries in pages for entry in entries]
        return {"pages": pages, "answered": sum(bool(entry.choice) for entry in entries), "total": len(entries)}

    def post(self, request, token):
        rater, now = save(token, lambda rater: rater.finish())
        if rater.sheet_code:
            return HttpResponseRedirect(self.next_sheet(rater))
        return self.next_page(now, "thanks/")

    def next_sheet(self, rater):
        """Where whoever keys in paper sheets types the code of the next: the sheet just finished is sealed, and its link is dead."""
        return reverse("assessments:key_in", args=[rater.assessment.organisation.code, rater.assessment.number]) + f"?finished={rater.sheet_code}"


class ThanksView(RaterView):
    """Thanks, and a copy of one's own answers to print; still here after the close."""

    template_name, after_close = "assessments/rate_thanks.jinja", True

    def context(self, rater):
        return {"pages": self.answers(rater), "leads": contacts(rater.assessment)}


class AnswersFileView(RaterView):
    """One's own answers as a plain text to keep."""

    template_name, after_close = "assessments/rate_answers.txt.jinja", True

    def context(self, rater):
        return {"pages": self.answers(rater)}

    def page(self, rater, **context):
        text = render_to_string(self.template_name, {**self.frame(rater), **context})
        return HttpResponse(text, "text/plain; charset=utf-8", headers={"Content-Disposition": 'attachment; filename="my-answers.txt"'})
