"""Paper sheets for a room without signal: made and printed by a lead, keyed in afterwards."""

import re

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect

from assessments.forms import CodeForm, SheetsForm
from assessments.letters import contacts
from assessments.views import RoundForm, RoundPage, RoundView
from assessments.wording import until, who_sees_what

SHEET_CODE = re.compile(r"[A-Z0-9]{3}-[A-Z0-9]{3}")


class SheetsView(RoundForm):
    """Make sheets, and see which there are."""

    form_class, template_name, needs, then = SheetsForm, "assessments/sheets.jinja", "is_rating", "sheets"
    title, button = "Paper sheets", "Make the sheets"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "groups": self.assessment.groups.all()}

    def get_context_data(self, **kwargs):
        sheets = list(self.assessment.raters.on_paper().select_related("group").order_by("group__position", "sheet_code"))
        to_print = {}
        for sheet in sheets:
            if not sheet.finished_on:
                to_print.setdefault(sheet.group, []).append(sheet)
        return super().get_context_data(sheets=sheets, to_print=to_print.items(), **kwargs)

    def act(self, data):
        made = self.assessment.raters.make_sheets(data["how_many"], data["group"], by=self.request.user)
        return f"{len(made)} {'sheet is' if len(made) == 1 else 'sheets are'} ready to print."


class SheetsVoidView(RoundView):
    """Make every sheet void of which nothing is keyed in."""

    verb, needs, http_method_names = "run_rounds", "is_rating", ["post"]

    def post(self, request, **kwargs):
        try:
            void = self.assessment.raters.void_unused_sheets(by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect(self.to("assessment"))
        messages.success(request, f"{void} unused {'sheet is' if void == 1 else 'sheets are'} void.")
        return redirect(self.to("sheets"))


class SheetsPrintView(RoundPage):
    """The sheets of a group that are not keyed in, to print: a page for each component, the sheet's code on each."""

    verb, needs, template_name = "run_rounds", "is_rating", "assessments/sheets_print.jinja"

    def get_context_data(self, **kwargs):
        sheets = self.assessment.raters.on_paper().unfinished().select_related("group").order_by("group__position", "sheet_code")
        group = self.request.GET.get("group", "")
        if group.isascii() and group.isdigit():
            sheets = sheets.filter(group=int(group[:18]))
        components = {}
        for question in self.assessment.framework.with_everything():
            components.setdefault(question.component, []).append(question)
        return super().get_context_data(
            sheets=list(sheets),
            components=list(components.items()),
            leads=contacts(self.assessment),
            until=until(self.assessment),
            who_sees_what=who_sees_what(self.assessment.anonymous, self.assessment.practice),
            **kwargs,
        )


class KeyInView(RoundForm):
    """Type the code of a sheet, and go on to the pages on which its answers are keyed in."""

    verb, form_class, needs = "key_in_sheets", CodeForm, "is_rating"
    title, button = "Key in a paper sheet", "Continue"
    hint = "Key in what the sheet says, and nothing else. Its answers are sealed like all others: once you have finished, nobody can open them."

    def get_context_data(self, **kwargs):
        code = self.request.GET.get("finished", "")
        finished = SHEET_CODE.fullmatch(code) and self.assessment.raters.on_paper().finished().filter(sheet_code=code).exists()
        context = super().get_context_data(**kwargs)
        if finished:
            context["notice"] = f"Sheet {code} is keyed in and sealed. You can key in the next. {context['notice']}".strip()
        return context

    def form_valid(self, form):
        sheet = self.assessment.raters.on_paper().filter(sheet_code=form.cleaned_data["code"]).first()
        if sheet is None:
            form.add_error("code", "No sheet of this round has that code. Check it against the sheet, or ask a lead whether the sheet was made void")
        elif sheet.finished_on:
            form.add_error(
                "code", "This sheet has been keyed in already, and is sealed. If that was a mistake, a lead can make it void and give you a new code"
            )
        else:
            return redirect("assessments:rate", sheet.renew_link())
        return self.form_invalid(form)
