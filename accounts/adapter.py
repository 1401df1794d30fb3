"""How allauth signs people in here: links from BASE_URL, own paths only after signing in, guesses counted, secrets encrypted."""

import base64
import hashlib
import logging
import smtplib

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import known_browser

logger = logging.getLogger(__name__)


def address(name, *args):
    """The full address of a page for a mail: from BASE_URL, because whoever asks chooses the Host header."""
    return settings.BASE_URL + reverse(name, args=args)


def people_at(email):
    """Whose address this is: one person or nobody. One query in either case, where allauth's own look-up gives the difference away."""
    return get_user_model().objects.filter(Exact(Lower("email"), email.lower()))


class AddressBackend(AuthenticationBackend):
    """Knows a person by address and password. A hash is made whether there is such a person or not."""

    def _authenticate_by_email(self, email, password):
        return self._check_password(people_at(email).first(), password)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "Enter the e-mail address and password of your account",
        "too_many_login_attempts": "There have been too many attempts. Wait 5 minutes, or reset your password",
        "rate_limited": "There have been too many attempts. Wait 5 minutes and try again",
        "incorrect_password": "Enter the password you signed in with",
        "enter_current_password": "Enter the password you have now",
        "incorrect_code": "Enter the newest code from your app, or a recovery code that you have not used",
        "duplicate_email": "This is your e-mail address already",
        "account_inactive": "This account is closed",
        "invalid_password_reset": "This link has been used or is too old",
    }

    def is_ajax(self, request):
        """Pages only: nobody gets forms as JSON."""
        return False

    def is_safe_url(self, url):
        """Where to go next: a path of this portal, whatever else ALLOWED_HOSTS lists."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def save_user(self, request, user, form, commit=True):
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit)

    # Guesses

    def count_guess(self, request, email):
        """One guess more of this client, at whosever password or code; refused after the tenth in 5 minutes.

        A browser that knows the account is a client of its own. allauth's counter for clients is wiped whenever a second factor is right, so
        an account of one's own would buy more guesses.
        """
        browser = known_browser.number_for(request, email)
        return self.count(request, action="guess_known" if browser else "guess", key=browser)

    def count_code(self, request, email):
        """One guess more at the codes of an account, from anywhere, or from this browser if it knows the account."""
        return self.count(request, action="login_failed", key=f"code {self._get_login_attempts_cache_key(request, email=email)}")

    def count(self, request, **counter):
        """The use of a counter, to be rolled back if the guess was right."""
        usage = ratelimit.consume(request, app="allauth.account", **counter)
        if not usage:
            raise self.validation_error("too_many_login_attempts")
        return usage

    def pre_authenticate(self, request, **credentials):
        self._guess = self.count_guess(request, credentials.get("email", ""))
        super().pre_authenticate(request, **credentials)

    def _rollback_login_failed_rl_usage(self):
        self._guess.rollback()
        super()._rollback_login_failed_rl_usage()

    def _get_login_attempts_cache_key(self, request, **credentials):
        """An account is one account under whichever of our host names it is tried. A browser that knows it counts apart."""
        email = credentials.get("email", "").lower()
        return f"{email} {known_browser.number_for(request, email)}".rstrip()

    def post_login(self, request, user, **kwargs):
        response = super().post_login(request, user, **kwargs)
        known_browser.remember(request, response, user.email)
        return response

    # Once more

    def get_reauthentication_methods(self, user):
        """Whoever has an app confirms themselves with a code: the password alone could turn the app off."""
        methods = super().get_reauthentication_methods(user)
        return [method for method in methods if method["id"] == "mfa_reauthenticate"] or methods

    # Mail

    def get_email_confirmation_url(self, request, emailconfirmation):
        return address("account_confirm_email", emailconfirmation.key)

    def get_reset_password_from_key_url(self, key):
        return settings.BASE_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"}).replace("UID-KEY", key)

    def send_account_already_exists_mail(self, email):
        self.send_mail("account/email/account_already_exists", email, {"password_reset_url": address("account_reset_password")})

    def send_mail(self, template_prefix, email, context):
        """A mail that cannot be sent is written down, and the page says what it always says: it is the same for every address."""
        ours = {"email": email, "service_name": settings.SERVICE_NAME, "contact": settings.CONTACT_EMAIL, "base_url": settings.BASE_URL}
        message = self.render_mail(template_prefix, email, {**context, "signup_url": address("account_signup"), **ours})
        try:
            message.send()
        except (OSError, smtplib.SMTPException):
            logger.exception("A mail could not be sent: %s", template_prefix)


class MFAAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "unverified_email": "Confirm your e-mail address first: follow the link in the mail we sent you",
        "cannot_generate_recovery_codes": "Set up an app first",
    }

    def encrypt(self, text):
        """Secrets of apps and recovery codes are worth nothing to somebody who has only the database."""
        return ciphers().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return ciphers().decrypt(encrypted_text.encode()).decode()


def ciphers():
    """From SECRET_KEY, and for reading from those before it."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"second factors:" + force_bytes(key)).digest())) for key in keys])


def account_adapter():
    """The adapter of the request being answered."""
    return AccountAdapter(context.request)
