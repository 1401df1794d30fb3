"""A round as those who belong to the organisation see it, and the turns a lead gives to it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.views import OrganisationForm, OrganisationPage
from assessments import practice
from assessments.forms import AbandonForm, CloseForm, ExtendForm, GroupsForm, ReopenForm, StartForm
from assessments.tracker import Tracker
from assessments.views import RoundForm, RoundPage
from assessments.wording import who_sees_what
from resources.wording import in_words

SEASONS = ("Winter", "Spring", "Summer", "Autumn")


def season(day):
    """What a round of this day might be called: Autumn 2026. December belongs to the winter of the year to come."""
    return f"{SEASONS[day.month % 12 // 3]} {day.year + (day.month == 12)}"


class AssessmentListView(OrganisationPage):
    """Every round of the organisation, the last first."""

    template_name = "assessments/assessment_list.jinja"

    def get_context_data(self, **kwargs):
        counted = {"asked": Count("raters"), "finished": Count("raters", filter=Q(raters__finished_on__isnull=False))}
        rounds = self.organisation.assessments.select_related("organisation").annotate(**counted).order_by("-number")
        shared = self.organisation.assessments.of_predecessors()
        return super().get_context_data(rounds=[Tracker(round, round.asked, round.finished) for round in rounds], shared=shared, **kwargs)


class StartView(OrganisationForm):
    """Start a round, or a practice round."""

    verb, form_class, template_name = "run_rounds", StartForm, "assessments/assessment_start.jinja"
    title, button = "Start a round of the self-assessment", "Start the round"

    def get_initial(self):
        return {"name": season(timezone.localdate()), **super().get_initial()}

    def get_context_data(self, **kwargs):
        is_open = self.organisation.assessments.open().select_related("organisation")
        return super().get_context_data(open_round=is_open.real().first(), open_practice=is_open.filter(practice=True).first(), **kwargs)

    def post(self, request, **kwargs):
        return self.start_practice() if "practice" in request.POST else super().post(request, **kwargs)

    def start_practice(self):
        try:
            round = practice.start(self.organisation, by=self.request.user)
        except ValidationError as error:
            messages.error(self.request, error.messages[0])
            return redirect("assessments:start", self.organisation.code)
        messages.success(self.request, "The practice round is here, and 24 fictional people have rated in it.")
        return redirect(round)

    def act(self, data):
        self.round = self.organisation.assessments.start(by=self.request.user, **data)
        return f"The round “{self.round}” has started. Nobody has been asked yet."

    def after(self):
        return self.round.get_absolute_url()


class AssessmentView(RoundPage):
    """Where a round stands, who has finished by group, what happened, and what can be done next."""

    template_name = "assessments/assessment_detail.jinja"

    def get_context_data(self, **kwargs):
        raters, runs = self.assessment.raters, self.request.membership.can("run_rounds")
        return super().get_context_data(
            tracker=Tracker.of(self.assessment),
            who_sees_what=who_sees_what(self.assessment.anonymous, self.assessment.practice),
            events=self.assessment.events.select_related("by"),
            without_link=raters.without_link().count() if runs else 0,
            refused=raters.refused().count() if runs else 0,
            to_remind=raters.to_remind().count() if runs else 0,
            **kwargs,
        )


class GroupsView(RoundForm):
    """Name, order, add and take away the groups of a round."""

    form_class, template_name, needs = GroupsForm, "assessments/groups.jinja", "is_rating"
    title, button = "Groups of raters", "Save the groups"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "groups": self.assessment.groups.all()}

    def form_valid(self, form):
        self.form = form
        return super().form_valid(form)

    def act(self, data):
        groups, without = self.form.in_order()
        self.assessment.groups.arrange(groups, without=without, by=self.request.user)
        return "The groups are saved."


class ExtendView(RoundForm):
    """Give everybody until another day."""

    form_class, needs = ExtendForm, "is_rating"
    title, button = "Change the last day to rate", "Save the new day"

    def get_context_data(self, **kwargs):
        day = in_words(self.assessment.closes_on)
        hint = f"People can rate until the end of {day} now. Nobody is told of the new day unless you remind them or tell them yourself."
        return super().get_context_data(hint=hint, **kwargs)

    def act(self, data):
        self.assessment.extend(by=self.request.user, closes_on=data["closes_on"])
        return f"People can rate until the end of {in_words(data['closes_on'])}."


class CloseView(RoundForm):
    """End the rating before its day."""

    form_class, needs = CloseForm, "is_rating"
    title, button = "Close the round now", "Close the round now"

    def get_context_data(self, **kwargs):
        hint = (
            f"{Tracker.of(self.assessment).have_finished} From the moment you close the round nobody can rate any more, "
            "and what those who have not finished have said so far does not count. You can reopen it until agreement begins."
        )
        return super().get_context_data(hint=hint, **kwargs)

    def act(self, data):
        self.assessment.close(by=self.request.user, reason=data["reason"])
        return "The round is closed."


class ReopenView(RoundForm):
    """Let people rate again, until agreement has begun."""

    form_class, needs, otherwise = ReopenForm, "can_reopen", "This round cannot be reopened."
    title, button = "Reopen the round", "Reopen the round"
    hint = "Everybody on the list can rate and change their ratings again with the link they have, and all ratings are sealed again until the new last day."

    def act(self, data):
        self.assessment.reopen(by=self.request.user, **data)
        return f"The round is open again until the end of {in_words(data['closes_on'])}."


class AbandonView(RoundForm):
    """End a round without a result, for good."""

    form_class, needs, otherwise, warning = AbandonForm, "is_open", "This round has ended already.", True
    title, button = "Abandon the round", "Abandon the round for good"
    hint = (
        "It ends without a result, and that cannot be undone. What people have rated stays sealed: nobody will ever see it. "
        "You can then start another round, in which everybody rates from the beginning."
    )

    def act(self, data):
        self.assessment.abandon(by=self.request.user, reason=data["reason"])
        return "The round is abandoned."

    def after(self):
        return reverse("assessments:list", args=[self.organisation.code])
