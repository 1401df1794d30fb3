"""Who is asked to rate, and the private links that reach them: a lead's pages."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect

from accounts.forms import ConfirmForm
from accounts.letters import body_of, link, whole_subject
from assessments import sending
from assessments.forms import RaterForm, RatersForm
from assessments.letters import contacts, subject_of, words_of
from assessments.tracker import Tracker
from assessments.views import RoundForm, RoundPage, RoundView
from resources.wording import join_words

NO_TOKEN = "x" * 22  # where the mail's preview shows an address: nobody's link
PRACTICE_SENDS_NOTHING = "A practice round sends no mail. Copy a link instead."


def count(number, one, many):
    return f"{number} {one if number == 1 else many}"


class RatersView(RoundPage):
    """Everybody on the list of a round, by group."""

    verb, template_name = "see_raters", "assessments/raters.jinja"

    def get_context_data(self, **kwargs):
        tracker = Tracker.of(self.assessment)
        here = {group.pk: [] for group in tracker.groups}
        for rater in self.assessment.raters.all():
            here[rater.group_id].append(rater)
        return super().get_context_data(
            tracker=tracker,
            groups=[(group, here[group.pk]) for group in tracker.groups if here[group.pk]],
            changing=self.assessment.is_rating and self.request.membership.can("run_rounds"),
            without_link=self.assessment.raters.without_link().count(),
            to_remind=self.assessment.raters.to_remind().count(),
            **kwargs,
        )


class RatersAddView(RoundForm):
    """Put people on the list."""

    form_class, template_name, needs, then = RatersForm, "assessments/raters_add.jinja", "is_rating", "raters"
    title, button = "Add people who will rate", "Add them to the list"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "groups": self.assessment.groups.all()}

    def act(self, data):
        pasted = data["people"]
        raters = self.assessment.raters.ask([(person.name, person.email) for person in pasted.people], data["group"], by=self.request.user)
        return " ".join(filter(None, [f"{count(len(raters), 'person is', 'people are')} added. Nothing has been sent yet.", *self._repeated(pasted, raters)]))

    def _repeated(self, pasted, raters):
        """Who stood there twice, and who was on the list already."""
        added = {rater.email.lower() for rater in raters}
        were_here = [person.email for person in pasted.people if person.email.lower() not in added]
        if pasted.twice:
            yield f"{join_words(pasted.twice)} stood there more than once and {'is' if len(pasted.twice) == 1 else 'are'} added once."
        if were_here:
            yield f"{join_words(were_here)} {'was' if len(were_here) == 1 else 'were'} on the list already."


class MailPreviewView(RoundPage):
    """The mail as it will go, with a link that opens nothing."""

    verb, needs, template_name = "run_rounds", "is_rating", "assessments/raters_mail.jinja"

    def get_context_data(self, **kwargs):
        raters = self.assessment.raters
        example = raters.model(assessment=self.assessment, name="Ann Example", email="ann.example@example.nhs.uk")
        rater, leads = raters.without_link().first() or example, contacts(self.assessment)
        words = words_of(rater, link("assessments:rate", NO_TOKEN), kind="invitation", leads=leads)
        return super().get_context_data(
            rater=rater,
            sender=settings.DEFAULT_FROM_EMAIL,
            reply_to=[lead.email for lead in leads],
            subject=whole_subject(subject_of(rater, "invitation")),
            text=body_of("rating", **words).strip(),
            without_link=raters.without_link().count(),
            **kwargs,
        )


class RoundAction(RoundView):
    """A button of a lead's that leads back to the list."""

    verb, needs, http_method_names = "run_rounds", "is_rating", ["post"]

    def post(self, request, **kwargs):
        if self.assessment.practice:
            messages.error(request, PRACTICE_SENDS_NOTHING)
        else:
            self.act()
        return redirect(self.to("raters"))

    def note(self, verb, **detail):
        self.organisation.log.note(verb, by=self.request.user, round=self.assessment.number, **detail)

    def tell(self, sent, what, whats):
        """Say what became of mail to many."""
        if sent.accepted:
            messages.success(self.request, f"{count(sent.accepted, what + ' was', whats + ' were')} accepted by the mail server.")
        if sent.refused:
            messages.error(self.request, f"{count(sent.refused, 'address was', 'addresses were')} refused by the mail server: see below.")
        if sent.broken:
            messages.error(
                self.request,
                f"The mail server cannot be reached, so {count(sent.waiting, what + ' is', whats + ' are')} not sent yet. Try again in a few minutes.",
            )
        elif sent.waiting:
            messages.error(self.request, f"{count(sent.waiting, what + ' is', whats + ' are')} still to be sent: send again for the rest.")


class SendView(RoundAction):
    """Send a link to everybody on the list who has none."""

    def act(self):
        sent = sending.send_invitations(self.assessment)
        if sent.accepted or sent.refused:
            self.note("sent_links", sent=sent.accepted, refused=sent.refused)
        elif not sent.waiting:
            messages.success(self.request, "Everybody on the list has been sent a link already.")
        self.tell(sent, "link", "links")


class RemindView(RoundAction):
    """Send a new link to those who have not finished, once a day."""

    def act(self):
        sent = sending.send_reminders(self.assessment)
        if sent.accepted or sent.refused:
            self.note("reminded_raters", sent=sent.accepted, refused=sent.refused)
        elif not sent.waiting:
            messages.success(self.request, "There is nobody to remind today: they have finished, been reminded today, or not been sent a link.")
        self.tell(sent, "reminder", "reminders")


class RaterSendView(RoundAction):
    """Send one rater a new link; the old one dies."""

    def act(self):
        rater = self.rater()
        if rater.sheet_code:
            raise Http404
        taken = None if self.request.POST.get("seen", rater.link_mark) != rater.link_mark else sending.send_again(rater)
        if taken is None:
            messages.success(self.request, f"A new link has just been sent to {rater.email}.")
            return
        self.note("sent_links", sent=int(taken), refused=int(not taken), rater=str(rater.public_id))
        if taken:
            messages.success(self.request, f"A new link is on its way to {rater.email}. Any link they had before no longer works.")
        else:
            messages.error(self.request, f"The mail server refused {rater.email}: check the address. Put another in its place with Replace.")


class RaterCopyView(RoundPage):
    """Show a lead a new private link, once, to hand over by other means."""

    verb, needs, http_method_names, template_name = "run_rounds", "is_rating", ["post"], "assessments/rater_link.jinja"

    def post(self, request, **kwargs):
        rater = self.rater()
        if rater.sheet_code:
            raise Http404
        try:
            token = rater.copy_link(by=request.user)
        except ValidationError as error:
            messages.error(request, f"{error.messages[0]}. Send them a new link instead.")
            return redirect(self.to("raters"))
        return self.render_to_response(self.get_context_data(rater=rater, link=link("assessments:rate", token)))


class RaterReplaceView(RoundForm):
    """Ask somebody else in the place of one who has not finished."""

    form_class, needs, then = RaterForm, "is_rating", "raters"
    button = "Put them on the list instead"

    def get_context_data(self, **kwargs):
        rater = self.rater()
        hint = (
            f"Somebody else takes the place of {rater} in the group “{rater.group}”. The link of {rater} stops working, "
            "and what they have said so far is deleted. Nothing is sent yet."
        )
        return super().get_context_data(title=f"Replace {rater}", hint=hint, back=("Who rates", self.to("raters")), **kwargs)

    def act(self, data):
        rater = self.rater()
        new = rater.replace(name=data["name"], email=data["email"], by=self.request.user)
        return f"{new} is on the list in the place of {rater}. Nothing has been sent to them yet."


class RaterRemoveView(RoundForm):
    """Take somebody who has not finished off the list, or make a paper sheet void."""

    form_class, needs, then, warning = ConfirmForm, "is_rating", "raters", True

    def get_context_data(self, **kwargs):
        rater = self.rater()
        if rater.sheet_code:
            about = {
                "title": f"Make sheet {rater.sheet_code} void",
                "button": "Make it void",
                "hint": "Its code stops working, and what has been keyed in from it is deleted. To key it in again, make another sheet and use its code.",
                "back": ("Paper sheets", self.to("sheets")),
            }
        else:
            about = {
                "title": f"Remove {rater}",
                "button": "Remove",
                "hint": "Their link stops working, and what they have said so far is deleted. They are not told.",
                "back": ("Who rates", self.to("raters")),
            }
        return super().get_context_data(**about, **kwargs)

    def act(self, data):
        rater = self.rater()
        self.then = "sheets" if rater.sheet_code else "raters"
        rater.remove(by=self.request.user)
        return f"Sheet {rater.sheet_code} is void." if rater.sheet_code else f"{rater} is no longer on the list."
