"""Every setting of the portal, read from the environment (and from .env beside manage.py). See .env.example."""

import secrets
from email.utils import formataddr
from pathlib import Path
from urllib.parse import urlsplit

import environ
import jinja2
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"
VAR.mkdir(exist_ok=True)

env = environ.Env()
env.read_env(BASE_DIR / ".env")

# Where and how it runs ------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
BASE_URL = env.str("BASE_URL", default=f"http://127.0.0.1:{env.str('PORT', default='8000')}").rstrip("/")
try:
    _base = urlsplit(BASE_URL)
except ValueError:
    _base = urlsplit("")
LOCAL = _base.hostname in ("127.0.0.1", "localhost", "::1")  # one person's machine, nobody else reaches it
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if LOCAL else [_base.hostname or ""])


def local_key(name):
    """A key of one person's own portal: made at the first start, kept in var/."""
    path = VAR / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = env.str("SECRET_KEY", default="") or (local_key("secret-key") if LOCAL else "")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # keys before this one, so that changing it signs nobody out
SUPPRESSION_KEY = env.str("SUPPRESSION_KEY", default="") or (local_key("suppression-key") if LOCAL else "")  # for good: see bulletin/addresses.py


def refuse_an_unsafe_deployment():
    """Where others can reach the portal, a careless setting is an error before the first request, and says what to set."""
    if _base.scheme not in ("http", "https") or not _base.hostname:
        raise ImproperlyConfigured(f"BASE_URL is {BASE_URL!r}: set it to the portal's full address, such as https://impact.example.nhs.uk")
    if LOCAL:
        return
    if _base.scheme != "https":
        raise ImproperlyConfigured(f"BASE_URL is {BASE_URL!r}: set it to an https:// address, since other people reach this portal over a network.")
    if len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("SECRET_KEY is missing or shorter than 50 characters: set it to a long random text, and keep it out of the repository.")
    if len(SUPPRESSION_KEY) < 50:
        raise ImproperlyConfigured(
            "SUPPRESSION_KEY is missing or shorter than 50 characters: set it to a long random text of its own and never change it, since the list of those "
            "who want no mail can only be read with it."
        )
    if DEBUG:
        raise ImproperlyConfigured("DEBUG is on, which shows settings and code to strangers: set DEBUG=0.")
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS holds '*', which lets anyone forge links: set it to the portal's host names.")


refuse_an_unsafe_deployment()

# Who operates it (the header, footer and policy pages say so) ---------------------------------------------------------

SERVICE_NAME = env.str("SERVICE_NAME", default="NHS IMPACT portal")
OPERATOR = env.str("OPERATOR", default="the person running this copy of the portal")
CONTROLLER = env.str("CONTROLLER", default=OPERATOR)
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="portal@example.org")
NHS_IDENTITY = env.bool("NHS_IDENTITY", default=False)  # Frutiger from the NHS's font host: NHS organisations only
INDEXABLE = env.bool("INDEXABLE", default=not LOCAL)  # may search engines list it?

# What it is made of ---------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django_tasks_db",  # before impact_portal, which takes its page out of the admin
    "impact_portal",
    "bulletin",
    "assessments",
    "resources",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.forms",
    "django_filters",
    "simple_history",
    "import_export",
    "django_tasks",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.humanize",
    "accounts",  # after allauth, whose rows it takes out of the admin
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "impact_portal.body_limit.BodyLimitMiddleware",  # before whatever reads a body
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "impact_portal.compression.CompressionMiddleware",
    "accounts.private.PrivatePagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.KeptTextMiddleware",
    "accounts.private.SignedInMiddleware",
    "accounts.mfa.SecondFactorMiddleware",
    "accounts.door.OrganisationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

ROOT_URLCONF = "impact_portal.urls"
WSGI_APPLICATION = "impact_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "impact_portal.jinja.environment",
            "undefined": jinja2.ChainableUndefined,  # the official macros need it
            "trim_blocks": True,
            "lstrip_blocks": True,
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates" / "dtl"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

FORM_RENDERER = "impact_portal.forms.NHSRenderer"

# The database ---------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR / 'portal.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a deferred transaction that reads, then writes, fails at once when another writes
        "timeout": 20,
        "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={env.str('SQLITE_SYNCHRONOUS', default='FULL')}; PRAGMA recursive_triggers=ON;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=8), "timeout": 5}
    DATABASES["default"]["CONN_MAX_AGE"] = 0

CATALOGUE_POLL_SECONDS = env.float("CATALOGUE_POLL_SECONDS", default=0.5)  # how soon a process notices a curator's change

# People ---------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.adapter.AddressBackend"]  # one, so that one guess costs one hash
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/your-work/"
LOGOUT_REDIRECT_URL = "/accounts/login/"  # a private page, which can say that it is done
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.passwords.NotCommon"},
    {"NAME": "accounts.passwords.NotLikeThePerson", "OPTIONS": {"user_attributes": ("email", "name")}},
]
PASSWORD_RESET_TIMEOUT = 3600

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_TEMPLATE_EXTENSION = "jinja"  # allauth's pages are ours: templates/account, mfa and usersessions
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False  # mail scanners follow links
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up, and no other
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # so that nobody's guessing can keep the real person out; a second factor is still asked
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # asks the database nothing, as for an unknown address
ACCOUNT_CHANGE_EMAIL = True  # one address each; the new one replaces it when confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{SERVICE_NAME}: "
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_FORMS = {
    "login": "accounts.sign_in.SignInForm",
    "signup": "accounts.sign_in.SignUpForm",
    "reset_password": "accounts.sign_in.ResetForm",
    "reset_password_from_key": "accounts.sign_in.NewPasswordForm",
    "change_password": "accounts.sign_in.ChangePasswordForm",
    "set_password": "accounts.sign_in.SetPasswordForm",
    "add_email": "accounts.sign_in.NewAddressForm",
    "reauthenticate": "accounts.sign_in.PasswordAgainForm",
}
ACCOUNT_RATE_LIMITS = {  # how many, in how long, for whom: the key is the account's address
    "login": "30/m/ip",
    "login_failed": "10/5m/key",
    "guess": "10/5m/ip",  # ours, for passwords and codes alike: see accounts/adapter.py
    "guess_known": "10/5m/key",  # the same, of a browser in which the account has signed in before
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/5m/key",
    "reset_password_from_key": "20/m/ip",
    "confirm_email": "1/m/key",
    "lost_link": "20/h/ip",  # ours: see assessments/lost_link.py
}
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs in with one; without it, whoever has an app could never change their address
MFA_TOTP_ISSUER = SERVICE_NAME
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_FORMS = {
    "authenticate": "accounts.sign_in.CodeForm",
    "reauthenticate": "accounts.sign_in.CodeAgainForm",
    "activate_totp": "accounts.sign_in.FirstCodeForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# Counters of attempts: in the database, so that they hold over processes and restarts
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},  # at the default of 300, a flood of addresses would push counters out
    }
}

# Mail -----------------------------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=formataddr((SERVICE_NAME, CONTACT_EMAIL)))
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_FOLDER = VAR / "mail"
MAIL_IS_LOCAL = not env.str("EMAIL_URL", default="")  # written to var/mail/ and sent to nobody
EMAIL_BACKEND = "accounts.mail.FolderBackend"
EMAIL_TIMEOUT = 10  # seconds: a mail server that hangs must not hang the page
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
if EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "accounts.mail.ServerBackend"  # the same, but a restored copy of the database mails nobody
MAIL_HOME = Path(env.str("MAIL_HOME", default=str(VAR / "mail-home")))  # never part of a backup: see accounts/mail.py

# Work in the background: see impact_portal/management/commands/worker.py ----------------------------------------------

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "slow"]}}

LINK_CHECKS = env.bool("LINK_CHECKS", default=not LOCAL)  # the one thing here that goes out to other sites

# Files of resources: ours escape formulas themselves; this is for a format of the library's own ------------------------

IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

# Words, dates ---------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "impact_portal.formats"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# Files: nhsuk-frontend's stylesheet names /assets/..., so that is where static files live -----------------------------

STATIC_URL = "/assets/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "impact_portal.nhsuk.NHSUKFrontendFinder",
]
NHSUK_DIST = BASE_DIR / "node_modules" / "nhsuk-frontend" / "dist" / "nhsuk"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "impact_portal.nhsuk.PortalStaticFilesStorage",
    },
}
WHITENOISE_MAX_AGE = 3600

# What a browser may do with our pages ---------------------------------------------------------------------------------

_font_host = ["https://assets.nhs.uk"] if NHS_IDENTITY else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # the stylesheet's own icons are data: images
        "font-src": ["'self'", *_font_host],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else 2 * 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL
SECURE_HSTS_PRELOAD = not LOCAL
SECURE_REDIRECT_EXEMPT = [r"^health$"]
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SESSION_ENGINE = "accounts.sessions"
SESSION_IDLE_SECONDS = 60 * env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_COOKIE_AGE = 3600 * env.int("SESSION_HOURS", default=12)
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
SESSION_COOKIE_SECURE = True  # browsers treat 127.0.0.1 as safe, so this holds there too
SESSION_COOKIE_NAME = "__Host-sessionid"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None  # until the browser closes
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "impact_portal.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# Checks that do not apply here, each with its reason ------------------------------------------------------------------

SILENCED_SYSTEM_CHECKS: list[str] = []

# What is written down -------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"private_links": {"()": "impact_portal.logs.PrivateLinks"}},
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["private_links"]},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django": {"handlers": []},  # Django's own handlers mask nothing; all go to the root's
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
    },
}
