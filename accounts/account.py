"""A person's own account: what there is, and where to change it."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.views.generic import FormView, TemplateView

from accounts.mfa import apps_of, lacks_second_factor


class AccountView(TemplateView):
    """Name, address, password, second factor, sessions: each with its page."""

    template_name = "account/account.jinja"

    def get_context_data(self, **kwargs):
        return super().get_context_data(has_app=apps_of(self.request.user).exists(), **kwargs)


class NameForm(forms.Form):
    """What colleagues call somebody."""

    name = forms.CharField(
        label="Full name", max_length=150, widget=forms.TextInput({"autocomplete": "name"}), error_messages={"required": "Enter your full name"}
    )


class NameView(FormView):
    """Change one's own name, as colleagues and the log show it."""

    template_name, form_class = "form_page.jinja", NameForm
    extra_context = {"title": "Change your name", "button": "Save", "back": ("Your account", "/accounts/")}

    def get_initial(self):
        return {"name": self.request.user.name}

    def form_valid(self, form):
        self.request.user.name = form.cleaned_data["name"]
        self.request.user.save()
        messages.success(self.request, "Your name is changed.")
        return redirect("account")


class SecondFactorNeededView(TemplateView):
    """Why a lead, curator or administrator sets up an app before anything else, and the way to do it."""

    template_name = "account/second_factor.jinja"

    def get_context_data(self, **kwargs):
        return super().get_context_data(needed=lacks_second_factor(self.request.user), **kwargs)


BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}  # in this order: most claim to be others too
MACHINES = {"iPhone": "an iPhone", "iPad": "an iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "a Mac", "Linux": "Linux"}


def browser(user_agent):
    """What a person would call the browser that says this of itself: Firefox on Windows."""
    name = next((name for sign, name in BROWSERS.items() if f"{sign}/" in user_agent), "Another browser")
    machine = next((name for sign, name in MACHINES.items() if sign in user_agent), None)
    return f"{name} on {machine}" if machine else name
