"""Settings of the demo: a university's Wagtail site with wagtail-harassment installed, DEBUG off."""

import os
import secrets
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

SITE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("DEMO_VAR", SITE_DIR / "var"))
VAR_DIR.mkdir(parents=True, exist_ok=True)


def _secret_key() -> str:
    """A key of this checkout's own, made at first use and kept out of version control."""
    path = VAR_DIR / "secret_key"
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()


SECRET_KEY = os.environ.get("SECRET_KEY") or _secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "*").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "university",
    "wagtail_harassment",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.settings",
    "wagtail.contrib.forms",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "wagtail_modeladmin",
    "simple_history",
    "django_tasks_db",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "modelcluster",
    "taggit",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "wagtail_harassment.reporting.middleware.JourneyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "university.middleware.HeadersMiddleware",
    "university.middleware.PublicGZipMiddleware",
    "wagtail_harassment.casework.hosts.CaseHostMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "wagtail_harassment.casework.signing_in.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "wagtail_harassment.casework.noting.middleware.SignedOutMiddleware",
]

ROOT_URLCONF = "university.urls"
WSGI_APPLICATION = "university.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    },
]

DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}", conn_max_age=600, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
            "PRAGMA secure_delete=ON; PRAGMA recursive_triggers=ON;"
        ),
    }

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# English at the front, Welsh under /cy/. The address says which, not the browser.
LANGUAGE_CODE = "en-gb"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("en-gb", "English"), ("cy", "Welsh")]
WAGTAIL_I18N_ENABLED = True
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    # Evidence, encrypted: where no address leads.
    "harassment": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": VAR_DIR / "evidence",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}

# Static files are named after their content: a page's styles are asked for once.
WHITENOISE_MAX_AGE = 3600

CSRF_COOKIE_AGE = None
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 60 * 60
# "no-referrer" would make browsers send "Origin: null" with a form, which Django refuses.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
if os.environ.get("HTTPS") == "1":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60

# Public pages: their own files, and nothing in the markup. The admin's policy is in the middleware.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [NONE],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
        "img-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
    }
}

# To the console, errors only, in one line and its traceback: no addresses of people or pages, and nothing of who
# was on the journey.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_visitors": {"()": "wagtail_harassment.reporting.discretion.WithoutVisitors"}},
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["without_visitors"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        # ``runserver`` writes a line for each request, by a handler of Django's own.
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "wagtail_harassment": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}

WAGTAIL_SITE_NAME = "Northbridge University"
WAGTAILADMIN_BASE_URL = os.environ.get("BASE_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False

EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_HOST, EMAIL_PORT = os.environ.get("EMAIL_HOST", "localhost"), int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = "Northbridge services <services@northbridge.example>"

WAGTAIL_HARASSMENT_KEYRING = os.environ.get("WAGTAIL_HARASSMENT_KEYRING", VAR_DIR / "keyring.json")
WAGTAIL_HARASSMENT_ANCHOR_DIR = VAR_DIR / "anchors"
WAGTAIL_HARASSMENT_HEARTBEAT_TOKEN = os.environ.get("HEARTBEAT_TOKEN", "")
# The second route: "another provider" is a folder here. A real site names another mail server.
WAGTAIL_HARASSMENT_SECOND_ROUTE_ADDRESS = "duty@elsewhere.example"
WAGTAIL_HARASSMENT_SECOND_ROUTE_MAIL = {
    "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
    "OPTIONS": {"file_path": VAR_DIR / "mail-second-route"},
}
WAGTAIL_HARASSMENT_SECOND_ROUTE_WEBHOOK = os.environ.get("SECOND_ROUTE_WEBHOOK", "")
# A virus scanner, where there is one: the address of ClamAV's daemon.
if os.environ.get("CLAMD"):
    WAGTAIL_HARASSMENT_SCANNER = "wagtail_harassment.reporting.evidence.scanning.ClamAV"
    WAGTAIL_HARASSMENT_CLAMD = os.environ["CLAMD"]
WAGTAIL_HARASSMENT_BASE_TEMPLATE = "university/harassment_base.html"
WAGTAIL_HARASSMENT_SERVICE_NAME = "Northbridge services"
WAGTAIL_HARASSMENT_MAIL_FROM = DEFAULT_FROM_EMAIL
# Hosts of the cases' own, such as CASEWORK_HOSTS=cases.localhost: then cases are worked there and nowhere else.
WAGTAIL_HARASSMENT_CASEWORK_HOSTS = [name for name in os.environ.get("CASEWORK_HOSTS", "").split(",") if name]
# The demo's people are asked to set up a second step. On a site that is used they have to.
WAGTAIL_HARASSMENT_REQUIRE_SECOND_FACTOR = os.environ.get("DEMO_REQUIRE_SECOND_FACTOR") == "1"
OTP_TOTP_ISSUER = WAGTAIL_SITE_NAME
# The demo is walked through by scripts that drive a browser. Quick as they are, they load pages; a flood does not.
WAGTAIL_HARASSMENT_FAST_SECONDS = float(os.environ.get("FAST_SECONDS", "0.5"))
WAGTAIL_HARASSMENT_TRUSTED_PROXIES = int(os.environ.get("TRUSTED_PROXIES", "0"))
