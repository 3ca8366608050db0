"""All settings, by environment. A value that is missing or impossible stops the start.

VTASK_ENV is `demo` (default: everything local), `test` or `production`. What is risky in
combination is refused by the system checks in `vtask/checks.py`.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from vtask import embedded
from vtask.beat import BEAT
from vtask.keys import demo_keys
from vtask.observe import logging_config, start_sentry

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VTASK_ENV = env.str("VTASK_ENV", "demo")
if VTASK_ENV not in {"demo", "test", "production"}:
    raise ImproperlyConfigured(f"VTASK_ENV is demo, test or production, not {VTASK_ENV!r}")
IS_PRODUCTION = VTASK_ENV == "production"
IS_TEST = VTASK_ENV == "test"
DEBUG = env.bool("DEBUG", False)

VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var"))).resolve()
PORT = env.int("PORT", 8000)
ALIPAY_PORT = env.int("ALIPAY_PORT", PORT + 1)


# Keys: from the environment; a demo makes its own, the tests have fixed ones.

TEST_KEYS = {
    "SECRET_KEY": "known-to-everybody-and-good-for-tests-only-0123456789",
    "FIELD_KEYS": "a25vd24tdG8tZXZlcnlib2R5LWZvci10ZXN0cy1vbmw=",
    "BLIND_INDEX_KEY": "known-to-everybody-and-good-for-tests-only",
    "ALIPAY_OUT_NO_SECRET": "known-to-everybody-and-good-for-tests-only",
    "METRICS_TOKEN": "known-to-everybody",
}


def key(name: str) -> str:
    """The key of this name; production has no default for it."""
    given = env.str(name, "")
    if given:
        return str(given)
    if IS_PRODUCTION:
        raise ImproperlyConfigured(f"{name} must be set in production")
    return TEST_KEYS[name] if IS_TEST else demo_keys(VAR_DIR)[name]


SECRET_KEY = key("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
FIELD_KEYS: list[str] = [part for part in key("FIELD_KEYS").split(",") if part]
BLIND_INDEX_KEY = key("BLIND_INDEX_KEY")
METRICS_TOKEN = key("METRICS_TOKEN")


# Servers

_PLACE = embedded.place(VAR_DIR)


def database(url: str, *, role: str, pool: int) -> dict[str, Any]:
    """A libpq address as Django's setting. `pool` is the number of connections of a process."""
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    started_with = ["-c idle_in_transaction_session_timeout=120000"]
    if role:
        started_with.append(f"-c role={role}")
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    told: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "PORT": parts.pop("port", ""),
        **{ours: parts.pop(theirs, "") for theirs, ours in names.items()},
        "OPTIONS": {
            **parts,
            "options": " ".join(started_with),
            # How often a connection sends a statement before the server keeps its plan; only
            # `core.database.prepared_cursor` does so. A pooler must know prepared statements.
            "prepare_threshold": 5,
        },
        # After a restart of the database nobody is served over a dead connection, of a pool or not.
        "CONN_HEALTH_CHECKS": True,
    }
    if pool:
        told["OPTIONS"]["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
    return told


def server(name: str, otherwise: str) -> str:
    """The address of a server; only the demo and the tests have servers of their own."""
    given = env.str(name, "")
    if not given and IS_PRODUCTION:
        raise ImproperlyConfigured(f"{name} must be set in production")
    return str(given or otherwise)


DATABASE_URL = server("DATABASE_URL", _PLACE.database_url())
# The role that a process takes on: the running site must not be able to change the books.
DATABASE_ROLE = env.str("DATABASE_ROLE", "")
DATABASES = {
    "default": database(DATABASE_URL, role=DATABASE_ROLE, pool=env.int("DATABASE_POOL", 0))
}
REDIS_URL = server("REDIS_URL", _PLACE.redis_url)
CACHES = {
    "default": {
        "BACKEND": "core.caching.Cache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "vtask",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}


# What the site is made of

INSTALLED_APPS = [
    "vtask.apps.VtaskConfig",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "vtask.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "pghistory",
    "pgtrigger",
    "core.apps.CoreConfig",
    "accounts.apps.AccountsConfig",
    "policy.apps.PolicyConfig",
    "reads.apps.ReadsConfig",
    "settlement.apps.SettlementConfig",
    "merchants.apps.MerchantsConfig",
    "creators.apps.CreatorsConfig",
    "tasks.apps.TasksConfig",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "vtask.middleware.RequestLog",
    "vtask.middleware.OneClock",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "vtask.middleware.PageSecurity",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Closed by default: a view for everybody says so.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "vtask.middleware.RequestUser",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.StaffSecondFactor",
    "accounts.middleware.Preferences",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "vtask.urls"
WSGI_APPLICATION = "vtask.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "core.drawn.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "core.light.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "vtask.pages.page",
                "accounts.web.context.person",
                "tasks.web.notices.bell",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"


# Language and time

LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
# The tests read the source language; people get their browser's, or else Chinese.
LANGUAGE_CODE = "en" if IS_TEST else "zh-hans"
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"


# Files. Nothing that a person uploaded has a public address.

STATIC_URL = "/static/"
STATICFILES_DIRS = [("dist", BASE_DIR / "static" / "dist")]
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(VAR_DIR / "static")))
# The tests serve static files from where they are written.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = IS_TEST
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(VAR_DIR / "media")))
_S3_BUCKET = env.str("S3_BUCKET", "")
_STATIC_STORAGE = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if IS_TEST
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC_STORAGE},
}
if _S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _S3_BUCKET,
            "endpoint_url": env.str("S3_ENDPOINT", "") or None,
            "default_acl": "private",
            "file_overwrite": False,
            "querystring_expire": 60,
        },
    }
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024


# Who comes in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.PeopleBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if IS_TEST:
    # A hundred times faster; that argon2 is first elsewhere has its own test.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": "accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.web.forms.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if IS_PRODUCTION else "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[vtask] "
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # seconds
# Bad passwords for one account are counted by axes, see below.
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip"}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_PRODUCTION else "http"
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "vtask"

# allauth limits by address and account; axes counts bad passwords and locks out with 429.
AXES_FAILURE_LIMIT = 7
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "accounts.lockout.login_name"
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_CALLABLE = "vtask.pages.too_many"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True
AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", 0)

# Transport, cookies, headers

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
if not IS_PRODUCTION:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, "localhost", "127.0.0.1", "[::1]"]
SITE_URL = env.str("SITE_URL", "") or f"http://127.0.0.1:{PORT}"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
if env.bool("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PRODUCTION
SECURE_HSTS_PRELOAD = IS_PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A cookie named __Host- is bound to this host, path / and https; plain http cannot set one.
_COOKIE_PREFIX = "__Host-" if IS_PRODUCTION else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}session"
SESSION_COOKIE_SECURE = IS_PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
CSRF_FAILURE_VIEW = "vtask.pages.form_refused"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "vtask.pages.form_refused"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"


# The payment gateway

ALIPAY_GATEWAY_URL = env.str("ALIPAY_GATEWAY_URL", "")
if not ALIPAY_GATEWAY_URL:
    if IS_PRODUCTION:
        raise ImproperlyConfigured("ALIPAY_GATEWAY_URL must be set in production")
    ALIPAY_GATEWAY_URL = f"http://127.0.0.1:{ALIPAY_PORT}/gateway.do"
ALIPAY_APP_ID = env.str("ALIPAY_APP_ID", "") or ("2021000000000001" if not IS_PRODUCTION else "")
# The platform's own account (2088…): it receives captures and pays out.
ALIPAY_SELLER_ID = env.str("ALIPAY_SELLER_ID", "") or (
    "2088000000000001" if not IS_PRODUCTION else ""
)
# The product that the contract with Alipay names for freezes.
ALIPAY_PREAUTH_PRODUCT = env.str("ALIPAY_PREAUTH_PRODUCT", "PRE_AUTH")
ALIPAY_KEYS_DIR = Path(env.str("ALIPAY_KEYS_DIR", str(VAR_DIR / "alipay")))
ALIPAY_NOTIFY_URL = env.str("ALIPAY_NOTIFY_URL", "") or f"{SITE_URL}/settlement/notice/"
ALIPAY_OUT_NO_SECRET = key("ALIPAY_OUT_NO_SECRET")
# How long a freeze may last by contract; the local Alipay allows a year (V12 in full).
FREEZE_MAX_DAYS = env.int("FREEZE_MAX_DAYS", 365)
# The demo's clock can be moved forward, to watch ten days pass in a minute.
CLOCK_MOVABLE = env.bool("CLOCK_MOVABLE", not IS_PRODUCTION)
# What only tests do to real processes: die at a named place (settlement/crash.py), and let the
# waits of gateway operations pass faster by this factor.
CRASH_AT = env.str("CRASH_AT", "")
TIME_COMPRESSION = env.int("TIME_COMPRESSION", 1)
if IS_PRODUCTION and (CRASH_AT or TIME_COMPRESSION != 1):
    raise ImproperlyConfigured("CRASH_AT and TIME_COMPRESSION are for tests only")


# Content security policy: scripts and styles come from files of this site and nowhere else.

_GATEWAY = urlsplit(ALIPAY_GATEWAY_URL)
# Paying is a form whose answer may lead on to the cashier.
CASHIER_ORIGINS = env.list("CASHIER_ORIGINS", default=[f"{_GATEWAY.scheme}://{_GATEWAY.netloc}"])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *CASHIER_ORIGINS],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
# The admin's own pages (Alpine.js) evaluate expressions and set styles; all else stays closed.
ADMIN_CONTENT_SECURITY_POLICY = {
    "script-src": [SELF, UNSAFE_EVAL, NONCE],
    "style-src": [SELF, UNSAFE_INLINE],
    "form-action": [SELF],
}
ADMIN_PATH = "/admin/"
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
)


# Work in the background. The rows are the queue: a message is a courtesy and may be lost.

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace(
    "?db=", "?virtual_host="
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_DEFAULT_QUEUE = "vtask"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = BEAT
# A dead broker must not delay a page: one try of 2 s at most, then the beat finds the row.
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    "visibility_timeout": 3600,
    "max_retries": 0,
}


# Mail

EMAIL_HOST = env.str("EMAIL_HOST", "")
EMAIL_PORT = env.int("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", True)
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
if IS_TEST:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
elif not EMAIL_HOST:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR_DIR / "mail")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "vtask <no-reply@localhost>")
EMAIL_TIMEOUT = 10
# Who tells us that a message came back sends this along; without it there is no such address.
MAIL_BOUNCE_SECRET = env.str("MAIL_BOUNCE_SECRET", "")


# What is watched

LOG_LEVEL = env.str("LOG_LEVEL", "WARNING" if IS_TEST else "INFO")
LOGGING = logging_config(LOG_LEVEL)
SENTRY_DSN = env.str("SENTRY_DSN", "")
if SENTRY_DSN:
    start_sentry(SENTRY_DSN, VTASK_ENV)
PROMETHEUS_EXPORT_MIGRATIONS = False

# The admin's texts; its frame is composed in vtask/admin_site.py, its colours in core/admin.css.
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "vtask",
    "SITE_HEADER": _("vtask operations"),
    "DASHBOARD_CALLBACK": "vtask.ops.dashboard",
}
