# ruff: noqa: E501 - one row per address
"""The access matrix: every address × method × viewer with the expected answer.

The six answers stand in the order of `world.VIEWERS`: anonymous, the merchant, another merchant,
the creator, another creator, staff. `login` is a redirect to the login page, 404 is what a person
gets who may not know that the thing exists, 405 a method that the address does not have. A new
address without a row fails the test, and so does a row whose address is gone.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """The answers to GET and POST; `arguments` names what of the world fills the address."""

    get: str
    post: str
    arguments: dict[str, str] = field(default_factory=dict)


# Login, sign-up, e-mail addresses, passwords and second factors: django-allauth's own pages, which
# scope themselves to the person logged in. `test_allauth_pages` tries them as a stranger.
# The answers to GET for anonymous people and for the merchant; "" where the address holds a key.
ALLAUTH: dict[str, str] = {
    "account_change_password": "login 200",
    "account_confirm_email": "",
    "account_confirm_login_code": "login 302",
    "account_email": "login 200",
    "account_email_verification_sent": "200 200",
    "account_inactive": "200 200",
    "account_login": "200 302",
    "account_logout": "302 200",
    "account_reauthenticate": "login 200",
    "account_reset_password": "200 200",
    "account_reset_password_done": "200 200",
    "account_reset_password_from_key": "",
    "account_reset_password_from_key_done": "200 200",
    "account_set_password": "login 302",
    "account_signup": "200 302",
    "mfa_activate_totp": "login 302",
    "mfa_authenticate": "login 302",
    "mfa_deactivate_totp": "login 404",
    "mfa_download_recovery_codes": "login 404",
    "mfa_generate_recovery_codes": "login 302",
    "mfa_index": "login 200",
    "mfa_reauthenticate": "login 302",
    "mfa_view_recovery_codes": "login 404",
}

# fmt: off
MATRIX: dict[str, Row] = {
    "landing": Row("200 302 302 302 302 302", "200 302 302 302 302 302"),
    "rules": Row("200 200 200 200 200 200", "405 405 405 405 405 405"),
    "styleguide": Row("404 404 404 404 404 200", "405 405 405 405 405 405"),
    "healthz": Row("200 200 200 200 200 200", "405 405 405 405 405 405"),
    "readyz": Row("200 200 200 200 200 200", "405 405 405 405 405 405"),
    "metrics": Row("200 200 200 200 200 200", "405 405 405 405 405 405"),
    "ops_clock": Row("login 404 404 404 404 200", "login 404 404 404 404 200"),
    "accounts:preferences": Row("login 200 200 200 200 200", "login 200 200 200 200 200"),
    "accounts:language": Row("405 405 405 405 405 405", "404 404 404 404 404 404"),
    "merchants:agreement": Row("login 200 200 404 404 404", "login 200 200 404 404 404"),
    "merchants:profile": Row("login 200 200 404 404 404", "login 200 200 404 404 404"),
    "merchants:payment-account": Row("login 200 200 404 404 404", "login 200 200 404 404 404"),
    "creators:profile": Row("login 404 404 200 200 404", "login 405 405 405 405 405"),
    "creators:profile-personal": Row("login 404 404 200 200 404", "login 404 404 200 200 404"),
    "creators:channel-new": Row("login 404 404 200 200 404", "login 404 404 200 200 404"),
    "creators:channel": Row("login 404 404 200 404 404", "login 404 404 200 404 404", {"row_id": "row_id"}),
    "creators:channel-remove": Row("login 405 405 405 405 405", "login 404 404 302 404 404", {"row_id": "row_id"}),
    "creators:profile-account": Row("login 404 404 200 200 404", "login 404 404 200 200 404"),
    "creators:payout-account": Row("login 404 404 302 302 404", "login 404 404 302 302 404"),
    "creators:profile-delivery": Row("login 404 404 200 200 404", "login 404 404 200 200 404"),
    "creators:works": Row("login 404 404 200 200 404", "login 405 405 405 405 405"),
    "creators:work-new": Row("login 404 404 200 200 404", "login 404 404 200 200 404"),
    "creators:work": Row("login 404 404 200 404 404", "login 404 404 200 404 404", {"work_id": "work_id"}),
    "creators:work-remove": Row("login 405 405 405 405 405", "login 404 404 302 404 404", {"work_id": "work_id"}),
    "creators:quotes": Row("login 404 404 200 200 404", "login 404 404 200 200 404"),
    "creators:accepting": Row("login 405 405 405 405 405", "login 404 404 302 302 404"),
    "creators:audience": Row("login 404 404 200 200 404", "login 404 404 200 200 404"),
    "tasks:creator": Row("200 200 200 200 200 200", "405 405 405 405 405 405", {"creator_id": "creator_id"}),
    "tasks:choose_creator": Row("login 405 405 405 405 405", "login 302 302 404 404 404", {"creator_id": "creator_id"}),
    "creators:avatar": Row("200 200 200 200 200 200", "405 405 405 405 405 405", {"creator_id": "creator_id"}),
    "creators:work-picture": Row("200 200 200 200 200 200", "405 405 405 405 405 405", {"creator_id": "creator_id", "work_id": "work_id"}),
    "settlement:notice": Row("405 405 405 405 405 405", "400 400 400 400 400 400"),
    "settlement:receipt-checker": Row("200 200 200 200 200 200", "405 405 405 405 405 405"),
    "tasks:home": Row("login 200 200 200 200 404", "login 405 405 405 405 405"),
    "tasks:notices": Row("login 200 200 200 200 404", "login 405 405 405 405 405"),
    "tasks:notice_count": Row("login 200 200 200 200 404", "login 405 405 405 405 405"),
    "tasks:notices_latest": Row("login 200 200 200 200 404", "login 405 405 405 405 405"),
    "tasks:notices_seen": Row("login 405 405 405 405 405", "login 302 302 302 302 404"),
    "tasks:notice_choices": Row("login 200 200 200 200 404", "login 302 302 302 302 404"),
    "tasks:notice": Row("login 302 404 404 404 404", "login 405 405 405 405 405", {"notice_id": "notice_id"}),
    "tasks:tasks": Row("login 200 200 404 404 404", "login 405 405 405 405 405"),
    "tasks:new": Row("login 200 200 404 404 404", "login 200 200 404 404 404"),
    "tasks:task": Row("login 200 404 404 404 404", "login 405 405 405 405 405", {"task_id": "task_id"}),
    "tasks:edit": Row("login 200 404 404 404 404", "login 200 404 404 404 404", {"task_id": "draft_id"}),
    "tasks:delete": Row("login 200 404 404 404 404", "login 302 404 404 404 404", {"task_id": "draft_id"}),
    "tasks:withdraw_task": Row("login 200 404 404 404 404", "login 302 404 404 404 404", {"task_id": "draft_id"}),
    "tasks:autosave_new": Row("login 405 405 405 405 405", "login 200 200 404 404 404"),
    "tasks:autosave": Row("login 405 405 405 405 405", "login 200 404 404 404 404", {"task_id": "draft_id"}),
    "tasks:attach": Row("login 405 405 405 405 405", "login 200 404 404 404 404", {"task_id": "draft_id"}),
    "tasks:attachment": Row("login 200 404 200 404 200", "login 405 405 405 405 405", {"task_id": "task_id", "attachment_id": "attachment_id"}),
    "tasks:detach": Row("login 405 405 405 405 405", "login 302 404 404 404 404", {"task_id": "draft_id", "attachment_id": "draft_attachment_id"}),
    "tasks:creators": Row("login 200 404 404 404 404", "login 302 404 404 404 404", {"task_id": "draft_id"}),
    "tasks:check": Row("login 200 404 404 404 404", "login 200 404 404 404 404", {"task_id": "draft_id"}),
    "tasks:pay": Row("login 200 404 404 404 404", "login 200 404 404 404 404", {"task_id": "unpaid_task_id"}),
    "tasks:waiting": Row("login 200 404 404 404 404", "login 405 405 405 405 405", {"task_id": "unpaid_task_id"}),
    "tasks:cancel_payment": Row("login 405 405 405 405 405", "login 302 404 404 404 404", {"task_id": "unpaid_task_id"}),
    "tasks:orders": Row("login 404 404 200 200 404", "login 405 405 405 405 405"),
    "tasks:statement": Row("login 200 200 404 404 404", "login 405 405 405 405 405"),
    "tasks:earnings": Row("login 404 404 200 200 404", "login 405 405 405 405 405"),
    "tasks:exports": Row("login 200 200 200 200 404", "login 302 302 302 302 404"),
    "tasks:export": Row("login 200 404 404 404 404", "login 405 405 405 405 405", {"export_id": "export_id"}),
    "tasks:export_file": Row("login 200 404 404 404 404", "login 405 405 405 405 405", {"export_id": "export_id"}),
    "tasks:export_again": Row("login 405 405 405 405 405", "login 302 404 404 404 404", {"export_id": "export_id"}),
    "tasks:order": Row("login 200 404 200 404 200", "login 405 405 405 405 405", {"order_id": "order_id"}),
    "tasks:receipt": Row("login 200 404 200 404 200", "login 405 405 405 405 405", {"order_id": "order_id"}),
    "tasks:leave": Row("login 200 404 200 404 200", "login 405 405 405 405 405", {"order_id": "order_id", "delivery_id": "delivery_id"}),
    "tasks:withdraw": Row("login 200 404 404 404 404", "login 200 404 404 404 404", {"order_id": "order_id"}),
    "tasks:offer": Row("login 200 404 200 404 404", "login 200 404 200 404 404", {"order_id": "order_id"}),
    "tasks:accept_price": Row("login 405 405 405 405 405", "login 302 404 302 404 404", {"order_id": "order_id"}),
    "tasks:reject_price": Row("login 405 405 405 405 405", "login 302 404 302 404 404", {"order_id": "order_id"}),
    "tasks:accept": Row("login 404 404 200 404 404", "login 404 404 200 404 404", {"order_id": "order_id"}),
    "tasks:decline": Row("login 404 404 200 404 404", "login 404 404 200 404 404", {"order_id": "order_id"}),
    "tasks:deliver": Row("login 404 404 200 404 404", "login 404 404 200 404 404", {"order_id": "order_id"}),
    "tasks:confirm": Row("login 200 404 404 404 404", "login 302 404 404 404 404", {"order_id": "order_id"}),
    "tasks:review": Row("login 200 404 404 404 404", "login 200 404 404 404 404", {"order_id": "order_id"}),
    "tasks:request_invoice": Row("login 200 404 404 404 404", "login 200 404 404 404 404", {"order_id": "order_id"}),
    "tasks:hand_in_invoice": Row("login 404 404 200 404 404", "login 404 404 200 404 404", {"order_id": "order_id"}),
    "tasks:pay_out": Row("login 404 404 200 404 404", "login 404 404 200 404 404", {"order_id": "order_id"}),
    "tasks:invoice": Row("login 404 404 404 404 404", "login 405 405 405 405 405", {"order_id": "order_id"}),
    "tasks:dispute": Row("login 200 404 404 404 404", "login 200 404 404 404 404", {"order_id": "order_id"}),
    "tasks:bounces": Row("405 405 405 405 405 405", "404 404 404 404 404 404"),
    "tasks:follow": Row("302 302 302 302 302 302", "405 405 405 405 405 405", {"code": "code"}),
    "tasks:report_figures": Row("login 404 404 200 404 404", "login 404 404 200 404 404", {"order_id": "order_id"}),
    "tasks:figures_proof": Row("login 200 404 200 404 200", "login 405 405 405 405 405", {"figures_id": "figures_id"}),
    "tasks:delivery_picture": Row("login 200 404 200 404 200", "login 405 405 405 405 405", {"delivery_id": "delivery_id", "number": "position"}),
    "tasks:dispute_picture": Row("login 200 404 200 404 200", "login 405 405 405 405 405", {"dispute_id": "dispute_id", "number": "position"}),
}
# fmt: on
