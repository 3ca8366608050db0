"""Private values as lists show them: enough to recognise, too little to use."""

DOTS = "***"


def mask_name(name: str) -> str:
    """ "王小明" is "王***"."""
    name = name.strip()
    return f"{name[0]}{DOTS}" if name else ""


def mask_phone(phone: str) -> str:
    """ "13812345678" is "138***78"; short numbers show nothing."""
    phone = phone.strip()
    return _ends(phone, 3, 2)


def mask_email(email: str) -> str:
    """ "someone@example.com" is "s***@example.com"."""
    name, at, host = email.strip().rpartition("@")
    return f"{name[:1]}{DOTS}{at}{host}" if at else _ends(email.strip(), 1, 0)


def mask_account(logon_id: str) -> str:
    """A payment account's login: an e-mail address or a phone number."""
    return mask_email(logon_id) if "@" in logon_id else mask_phone(logon_id)


def _ends(text: str, first: int, last: int) -> str:
    if not text:
        return ""
    if len(text) < 2 * (first + last):
        return DOTS
    return f"{text[:first]}{DOTS}{text[len(text) - last :]}"
