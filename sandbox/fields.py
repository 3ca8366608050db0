"""The business fields of each method: required, length, enumeration, as in fields.json."""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from sandbox import errors, money, times

_ID = re.compile(r"[A-Za-z0-9_]+")
_NOT_IN_SUBJECT = re.compile(r"[/=&]")


@dataclass(frozen=True)
class Method:
    """What is known of one method."""

    name: str
    id_field: str
    argument_error: str
    system_error: str
    certificates: bool
    any_of: list[list[str]]
    exclusive: list[list[str]]
    errors: list[str]
    fields: dict[str, dict[str, Any]]
    response: list[str]

    @property
    def response_key(self) -> str:
        """Return the name under which the answer's content stands."""
        return self.name.replace(".", "_") + "_response"


@cache
def methods() -> dict[str, Method]:
    """Return all methods by name."""
    text = resources.files(__package__).joinpath("fields.json").read_text(encoding="utf-8")
    return {name: _method(name, table) for name, table in json.loads(text)["methods"].items()}


def _method(name: str, table: dict[str, Any]) -> Method:
    return Method(name=name, id_field=table.pop("id"), **table)


def check(method: Method, biz: dict[str, Any]) -> None:
    """Raise the method's argument error when the content breaks its table."""
    _no_empty_values(method, biz)
    try:
        _check_fields(method.fields, biz)
        _check_groups(method, biz)
    except ValueError as problem:
        raise errors.refused(method.argument_error, str(problem)) from problem


def _no_empty_values(method: Method, content: dict[str, Any]) -> None:
    # An optional field that is sent empty is answered as a system error.
    for name, value in content.items():
        if value in ("", None):
            raise errors.refused(method.system_error, f"{name} is empty")
        if isinstance(value, dict):
            _no_empty_values(method, value)


def _check_fields(table: dict[str, dict[str, Any]], content: dict[str, Any]) -> None:
    for name in content:
        if name not in table:
            raise ValueError(f"unknown field {name}")
    for name, rule in table.items():
        if name in content:
            _check_value(name, rule, content[name])
        elif rule.get("required"):
            raise ValueError(f"missing field {name}")


def _check_value(name: str, rule: dict[str, Any], value: Any) -> None:
    kind = rule.get("kind", "text")
    if kind in ("object", "list"):
        _check_nested(name, rule, value)
        return
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a string")  # noqa: TRY004 (one way of refusing)
    if "max" in rule and len(value) > rule["max"]:
        raise ValueError(f"{name} is longer than {rule['max']}")
    if "enum" in rule and value not in rule["enum"]:
        raise ValueError(f"{name} must be one of {', '.join(rule['enum'])}")
    _check_kind(name, kind, rule, value)


def _check_nested(name: str, rule: dict[str, Any], value: Any) -> None:
    if not isinstance(value, dict if rule["kind"] == "object" else list):
        raise ValueError(f"{name} must be a JSON {rule['kind']}")  # noqa: TRY004 (the same)
    if "fields" in rule:
        _check_fields(rule["fields"], value)


def _check_kind(name: str, kind: str, rule: dict[str, Any], value: str) -> None:
    if kind == "id" and not _ID.fullmatch(value):
        raise ValueError(f"{name} may hold letters, digits and underscores only")
    if kind == "subject" and _NOT_IN_SUBJECT.search(value):
        raise ValueError(f"{name} may not hold / = &")
    if kind == "timeout":
        times.timeout(value)
    if kind == "yuan" and not rule["min_fen"] <= money.fen(value) <= rule["max_fen"]:
        raise ValueError(f"{name} is out of range")


def _check_groups(method: Method, biz: dict[str, Any]) -> None:
    for names in method.any_of:
        if not any(name in biz for name in names):
            raise ValueError(f"one of {', '.join(names)} is required")
    for names in method.exclusive:
        if sum(name in biz for name in names) > 1:
            raise ValueError(f"{' and '.join(names)} exclude each other")
