"""The forms of signing in, in our words. What they do is allauth's; the work they do is the same for known and unknown addresses."""

from allauth.account import forms as account_forms
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from django import forms
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import transaction

from accounts.adapter import account_adapter, people_at

PASSWORD_HINT = "At least 12 characters. Three unrelated words are easy to remember and hard to guess. You can paste a password in."
ENTER_ADDRESS = {"required": "Enter your e-mail address", "invalid": "Enter an e-mail address in the form name@example.org"}
USED_FOR_SECONDS = 180  # longer than any code is taken


def reword(form, name, label, error_messages=None, help_text="", **attributes):
    """Give a field of allauth's our words, no placeholder, and what its widget needs to say."""
    field = form.fields[name]
    field.label, field.help_text = label, help_text
    field.error_messages |= error_messages or {}
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= attributes


def reword_address(form, name, label="E-mail address", **rest):
    reword(form, name, label, ENTER_ADDRESS, spellcheck="false", **rest)


def reword_new_password(form, label="Password"):
    reword(form, "password1", label, {"required": "Enter a password of at least 12 characters"}, PASSWORD_HINT)
    form.fields.pop("password2", None)  # it can be shown instead of typed twice


class SignInForm(account_forms.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reword_address(self, "login", autocomplete="username")
        reword(self, "password", "Password", {"required": "Enter your password"})


class SignUpForm(account_forms.SignupForm):
    """A new account. For an address that has one already, the same is done and undone: neither page nor clock tells."""

    name = forms.CharField(
        label="Full name",
        max_length=150,
        help_text="As colleagues know you",
        error_messages={"required": "Enter your full name"},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["name", "email", "password1"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reword_address(self, "email", help_text="Your work address, if you have one: we send a link to it", autocomplete="username")
        reword_new_password(self, "Choose a password")

    def clean(self):
        """Allauth compares a password with the address; this one is not to be like the name either."""
        cleaned = super().clean()
        password, name = cleaned.get("password1"), cleaned.get("name")
        if password and name and not self.has_error("password1"):
            try:
                account_adapter().clean_password(password, user=get_user_model()(name=name))
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return cleaned

    def try_save(self, request):
        user, response = None, None
        if self.account_already_exists:
            self.work_as_for_a_new_person(request)
            user, response = super().try_save(request)
        else:
            with transaction.atomic():
                user, response = super().try_save(request)
        return user, response

    def work_as_for_a_new_person(self, request):
        """Hash, write and look up as for a new address, then undo it."""
        with transaction.atomic():
            adapter = account_adapter()
            user = adapter.new_user(request)
            user.email, user.name = f"{user.public_id}@decoy.invalid", self.cleaned_data["name"]
            user.set_password(self.cleaned_data["password1"])
            user.save()
            address = EmailAddress.objects.create(user=user, email=user.email, primary=True)
            for _ in range(3):  # as often as allauth looks it up; tests/test_sign_in.py counts
                address.refresh_from_db()
            transaction.set_rollback(True)


class ResetForm(account_forms.ResetPasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reword_address(self, "email", autocomplete="username")

    def clean_email(self):
        self.users = list(people_at(self.cleaned_data["email"]).filter(is_active=True))
        return self.cleaned_data["email"]


class NewPasswordForm(account_forms.ResetPasswordKeyForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reword_new_password(self, "New password")


class SetPasswordForm(account_forms.SetPasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reword_new_password(self, "New password")


class ChangePasswordForm(account_forms.ChangePasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reword(self, "oldpassword", "Password now", {"required": "Enter the password you have now"})
        reword_new_password(self, "New password")

    def clean_oldpassword(self):
        """Guesses here count as guesses at the door do."""
        guess = account_adapter().count_guess(context.request, self.user.email)
        password = super().clean_oldpassword()
        guess.rollback()
        return password


class NewAddressForm(account_forms.AddEmailForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reword_address(self, "email", "New e-mail address", help_text="We send a link to it. Your address changes when you follow it.")


class PasswordAgainForm(account_forms.ReauthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reword(self, "password", "Password", {"required": "Enter your password"})


class CodeMixin:
    """A code of an app or of paper: guesses count for the client too, and no code is taken twice while it lives."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reword(self, "code", "Code", {"required": "Enter the code from your app"}, self.hint, inputmode="numeric", spellcheck="false")

    hint = "The 6 digits your app shows now, or one of your recovery codes"
    nhs = {"code": {"width": 10}}

    def clean_code(self):
        guess = account_adapter().count_guess(context.request, self.user.email)
        code = super().clean_code()  # type: ignore[misc]
        used = f"code-used:{self.user.pk}:{''.join(character for character in code if character.isalnum())}"
        if not cache.add(used, True, USED_FOR_SECONDS):
            raise account_adapter().validation_error("incorrect_code")
        guess.rollback()
        return code


class OwnCodeMixin:
    """Is it a code of this person's? As allauth asks, but counted apart in a browser that knows the account."""

    def clean_code(self):
        guess = account_adapter().count_code(context.request, self.user.email)
        for authenticator in Authenticator.objects.filter(user=self.user):
            if authenticator.wrap().validate_code(self.cleaned_data["code"]):
                authenticator.user, self.authenticator = self.user, authenticator
                guess.rollback()
                return self.cleaned_data["code"]
        raise account_adapter().validation_error("incorrect_code")


class CodeForm(CodeMixin, OwnCodeMixin, mfa_forms.AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(CodeMixin, OwnCodeMixin, mfa_forms.ReauthenticateForm):
    """Before a change to how one signs in."""


class FirstCodeForm(CodeMixin, totp_forms.ActivateTOTPForm):
    """That an app has been set up right."""

    hint = "The 6 digits your app shows now"

    def clean_code(self):
        try:
            return super().clean_code()
        except forms.ValidationError as error:
            raise forms.ValidationError("Enter the newest code from your app") if error.code == "incorrect_code" else error from None
