"""One settings module for every place the program runs in; everything that differs comes from the environment.

Nonsense in the environment stops the program at start-up with a sentence that names the variable.
"""

from __future__ import annotations

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from microcreds.environment import backup_days, dotted, secret_key, storage, store_address, whole
from microcreds.programs import host_api
from microcreds.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

HOME = Path(env.str("MICROCREDS_HOME", default=str(BASE_DIR / "var"))).resolve()
DEBUG = env.bool("DEBUG", default=False)
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
if not BASE_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("BASE_URL must start with http:// or https://")
HTTPS = BASE_URL.startswith("https://")
# Encryption ends at one proxy before us; without it nobody's X-Forwarded-For is believed.
PROXIES = 1 if HTTPS else 0
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES


def _secret_key() -> str:
    """The secret from the environment, else this installation's own file, made by `make run`."""
    key: str = env.str("SECRET_KEY", default="")
    if key:
        return key
    path = HOME / "secret-key"
    if path.exists():
        return path.read_text().strip()
    raise ImproperlyConfigured("SECRET_KEY is not set. Set it, or start with `make run`, which makes one.")


SECRET_KEY = _secret_key()
# Whether the demonstration was loaded into this data directory; pages then say so.
DEMO = (HOME / "demo-password").exists()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "microcreds",
    "reports",
    "notifications",
    "badges",
    "review",
    "submissions",
    "catalog",
    "accounts",
    "journal",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "drf_spectacular",
    "oauth2_provider",
    "rest_framework",
    "rest_framework.authtoken",
]
# The local rooms, from the bottom of the street to the roof.
ROOMS = [
    "journal",
    "accounts",
    "catalog",
    "submissions",
    "review",
    "badges",
    "notifications",
    "reports",
    "microcreds",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "microcreds.middleware.UnchangedMiddleware",
    "django.middleware.common.CommonMiddleware",
    "microcreds.middleware.AddressMiddleware",
    "microcreds.middleware.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "microcreds.middleware.TimeZoneMiddleware",
    "microcreds.middleware.ProblemMiddleware",
]
ROOT_URLCONF = "microcreds.urls"
WSGI_APPLICATION = "microcreds.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "microcreds.context.navigation",
            ],
        },
    },
]

DATABASES = {
    "default": env.db_url("DATABASE_URL", default="postgresql://microcreds@127.0.0.1:5432/microcreds")
}
if "postgresql" not in DATABASES["default"]["ENGINE"]:
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database (postgresql://…).")
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# The planner's default is for spinning disks: with it, common search words walk the table instead of the index.
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    "options": "-c random_page_cost=1.1",
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
if not REDIS_URL.startswith(("redis://", "rediss://", "unix://", "redis+socket://")):
    raise ImproperlyConfigured("REDIS_URL must start with redis://, rediss:// or unix://.")
CACHES = {
    "default": {"BACKEND": "microcreds.cache.PatientRedisCache", "LOCATION": REDIS_URL},
    # Whole pages of the catalogue, in each worker's own memory, under a stamp that says when they changed.
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "TIMEOUT": 3600,
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}

# --- Celery -----------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 360,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "max_retries": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
# What follows from one of ten thousand entries written at once goes last, and so do the mails that come of it.
CELERY_TASK_INHERIT_PARENT_PRIORITY = True
# Drawing a video takes minutes; mails, badges and checks do not wait behind it.
CELERY_TASK_ROUTES = {
    "submissions.tasks.preview": {"queue": "media"},
    "submissions.tasks.heal_previews": {"queue": "media"},
    "microcreds.tasks.export": {"queue": "media"},
}
CELERY_BEAT_SCHEDULE = SCHEDULE
JOURNAL_WIRING = "microcreds.wiring.WIRING"

# --- People -----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/my/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Microcreds"

# --- Words ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
# A language is offered when all of our own texts are there in it; otherwise pages would be a mixture.
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# --- Files ------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGE_URL = env.str("STORAGE_URL", default=f"file://{HOME / 'files'}")

STORAGES = {
    "default": storage(STORAGE_URL),
    "staticfiles": {"BACKEND": "microcreds.staticfiles.ManifestStorage"},
}
# Where bytes lie until they were checked; shared by the web server and the workers.
INCOMING_DIR = Path(env.str("INCOMING_DIR", default=str(HOME / "incoming")))


def _delivery(how: str) -> str:
    """Who hands a file to the reader; only we can open sealed ones, so the others need a store they can read."""
    store = environ.urlparse(STORAGE_URL).scheme
    known = {"app": True, "s3": store == "s3"}
    if how.startswith("accel:/") and how.endswith("/") and len(how) > 8:
        known[how] = store == "file"
    if how not in known:
        raise ImproperlyConfigured("DELIVERY must be app, s3 or accel:/internal-prefix/")
    if not known[how]:
        raise ImproperlyConfigured("DELIVERY: accel needs STORAGE_URL=file:///…, and s3 needs s3://…")
    return how


EVIDENCE_KEY = secret_key("EVIDENCE_KEY", env.str("EVIDENCE_KEY", default=""))
DELIVERY = _delivery(env.str("DELIVERY", default="app"))
BACKUP_DAYS = backup_days(env.str("BACKUP_DAYS", default="30"))
# Where browsers send large files by themselves, past us; empty: they do not.
STORE_ADDRESS = store_address(STORAGE_URL)
UPLOAD_MAX_BYTES = whole("UPLOAD_MAX_BYTES", env.str("UPLOAD_MAX_BYTES", default=f"{4 * 1024**3}"), 1024**4)
SUBMISSION_MAX_BYTES = whole(
    "SUBMISSION_MAX_BYTES", env.str("SUBMISSION_MAX_BYTES", default=f"{20 * 1024**3}"), 1024**5
)
DAILY_MAX_BYTES = whole("DAILY_MAX_BYTES", env.str("DAILY_MAX_BYTES", default=f"{20 * 1024**3}"), 1024**5)
UPLOAD_DAYS = whole("UPLOAD_DAYS", env.str("UPLOAD_DAYS", default="7"), 365)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024**2
FILE_UPLOAD_PERMISSIONS = 0o600
CLAMD_URL = env.str("CLAMD_URL", default="")
if CLAMD_URL and not CLAMD_URL.startswith(("tcp://", "unix://")):
    raise ImproperlyConfigured("CLAMD_URL must be tcp://host:port or unix:///path.")
FFMPEG = env.str("FFMPEG", default="")
# The W3C's conformance suites talk to it; it signs what anybody sends, so it is off.
VC_API = env.bool("VC_API", default=False)
# Key files of an installation from before keys were rows; they are taken over once.
SIGNING_KEYS = Path(env.str("SIGNING_KEYS", default=str(HOME / "keys")))
SIGNING_SECRET = secret_key("SIGNING_SECRET", env.str("SIGNING_SECRET", default=""))
# What makes and holds issuers' private keys: see badges/providers.py.
KEY_PROVIDER = dotted("KEY_PROVIDER", env.str("KEY_PROVIDER", default="badges.providers.LocalProvider"))

# --- Mail -------------------------------------------------------------------------------------------------
MAIL = env.email_url("EMAIL_URL", default=f"filemail:///{HOME / 'mail'}")
EMAIL_BACKEND: str = MAIL["EMAIL_BACKEND"]
EMAIL_FILE_PATH = "/" + str(MAIL["EMAIL_FILE_PATH"]).lstrip("/")
EMAIL_HOST: str = MAIL["EMAIL_HOST"] or "localhost"
EMAIL_PORT: int = MAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER: str = MAIL["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD: str = MAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = bool(MAIL.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(MAIL.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Microcreds <no-reply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- API --------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.parsing.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "accounts.pagination.KeysetPagination",
    "PAGE_SIZE": 24,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.ScopedRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": "120/min",
        "user": "1200/min",
        "sign-in": "10/min",
        "verify": "30/min",
        "person": "12/min",
        "ask": "20/hour",
        "stop": "30/hour",
        "register": "20/hour",
        "token": "60/min",
        "import": "60/min",
    },
    "NUM_PROXIES": PROXIES,
    "EXCEPTION_HANDLER": "accounts.problems.handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Microcreds",
    "DESCRIPTION": "Browse micro-credentials, submit evidence, review it, and verify badges.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SCHEMA_PATH_PREFIX_TRIM": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "ENUM_NAME_OVERRIDES": {
        "SubmissionState": "submissions.models.Submission.State",
        "EnrolmentState": "submissions.models.Enrolment.State",
        "AssignmentState": "review.models.Assignment.State",
        "AwardState": "badges.models.Award.State",
        "AwardOrigin": "badges.models.Award.Origin",
        "NoteKind": "review.models.Note.Kind",
        "CheckOutcome": ["ok", "failed", "unknown"],
    },
}

OAUTH2_PROVIDER = host_api(BASE_URL)
# Programs on a person's own machine answer at http://127.0.0.1 (RFC 8252); our own registration refuses every other plain address.
SILENCED_SYSTEM_CHECKS = ["oauth2_provider.W008"]

# --- Safety -----------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "microcreds.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],  # listening to what one has just recorded
        "font-src": [SELF],
        "connect-src": [SELF, *([STORE_ADDRESS] if STORE_ADDRESS else [])],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
