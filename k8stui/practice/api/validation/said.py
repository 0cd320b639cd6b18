"""How mistakes are said: reasons and sentences of the API's field errors, and checks that all kinds share."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.core.units import parse_quantity
from k8stui.practice.api.encode import encode

Cause = tuple[str, str, str]
"""Reason, field and message of one mistake, as a Status lists it."""

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = rf"({_QUALIFIED})?"
_PERCENT = r"[0-9]+%"
_ENDS = "and must start and end with an alphanumeric character"
_PORT_NAME = re.compile(r"[-a-z0-9]+")
_ENV_NAME = re.compile(r"[ -<>-~]+")
_LARGEST = (1 << 31) - 1
LABEL_LENGTH = 63
SUBDOMAIN_LENGTH = 253


def shown(value: Any) -> str:
    """A value as a message shows it."""
    return encode(value).decode()


def invalid(field: str, value: Any, why: str) -> Cause:
    """A value that breaks a rule."""
    return "FieldValueInvalid", field, f"Invalid value: {shown(value)}: {why}"


def required(field: str, why: str = "") -> Cause:
    """A value that is missing."""
    return "FieldValueRequired", field, f"Required value{': ' + why if why else ''}"


def unsupported(field: str, value: Any, choices: Iterable[str]) -> Cause:
    """A value that is none of the possible ones."""
    listed = ", ".join(f'"{choice}"' for choice in choices)
    return "FieldValueNotSupported", field, f"Unsupported value: {shown(value)}: supported values: {listed}"


def duplicate(field: str, value: Any, why: str = "") -> Cause:
    """A value that stands there twice."""
    return "FieldValueDuplicate", field, f"Duplicate value: {shown(value)}{': ' + why if why else ''}"


def forbidden(field: str, why: str) -> Cause:
    """A value that may not be there."""
    return "FieldValueForbidden", field, f"Forbidden: {why}"


def unknown(field: str, value: Any) -> Cause:
    """A name of something that is not there."""
    return "FieldValueNotFound", field, f"Not found: {shown(value)}"


def one_of(field: str, value: Any, choices: Iterable[str], *, listed: Iterable[str] = ()) -> Iterator[Cause]:
    """See that a value, if any, is one of some; ``listed`` is the order in which a message lists them."""
    if value is not None and value not in choices:
        yield unsupported(field, value, listed or choices)


def _why(words: str, example: str, pattern: str) -> str:
    return f"{words} (e.g. {example}, regex used for validation is '{pattern}')"


def _matching(field: str, text: str, pattern: str, limit: int, why: str) -> Iterator[Cause]:
    if len(text) > limit:
        yield invalid(field, text, f"must be no more than {limit} characters")
    if not re.fullmatch(pattern, text):
        yield invalid(field, text, why)


def label(field: str, text: str) -> Iterator[Cause]:
    """See that a text is an RFC 1123 label."""
    words = f"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', {_ENDS}"
    why = _why(words, "'my-name',  or '123-abc'", _LABEL)
    yield from _matching(field, text, _LABEL, LABEL_LENGTH, why)


def subdomain(field: str, text: str) -> Iterator[Cause]:
    """See that a text is an RFC 1123 subdomain."""
    words = (
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
        f"{_ENDS}"
    )
    yield from _matching(field, text, _SUBDOMAIN, SUBDOMAIN_LENGTH, _why(words, "'example.com'", _SUBDOMAIN))


def label_1035(field: str, text: str) -> Iterator[Cause]:
    """See that a text is an RFC 1035 label, which does not start with a digit."""
    words = (
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
        "start with an alphabetic character, and end with an alphanumeric character"
    )
    why = _why(words, "'my-name',  or 'abc-123'", _LABEL_1035)
    yield from _matching(field, text, _LABEL_1035, LABEL_LENGTH, why)


def qualified(field: str, text: str) -> Iterator[Cause]:
    """See that a text is a qualified name, such as ``example.com/name``."""
    prefix, slash, name = text.rpartition("/")
    words = f"name part must consist of alphanumeric characters, '-', '_' or '.', {_ENDS}"
    why = _why(words, "'MyName',  or 'my.name',  or '123-abc'", _QUALIFIED)
    if slash and not prefix:
        yield invalid(field, text, "prefix part must be non-empty")
    elif slash and not re.fullmatch(_SUBDOMAIN, prefix):
        for _, _, message in subdomain(field, prefix):
            yield invalid(field, text, f"prefix part {message.partition(': ')[2].partition(': ')[2]}")
    if not name:
        yield invalid(field, text, "name part must be non-empty")
    elif len(name) > LABEL_LENGTH:
        yield invalid(field, text, f"name part must be no more than {LABEL_LENGTH} bytes")
    if not re.fullmatch(_QUALIFIED, name):
        yield invalid(field, text, why)


def label_value(field: str, text: str) -> Iterator[Cause]:
    """See that a text may be the value of a label."""
    if len(text) > LABEL_LENGTH:
        yield invalid(field, text, f"must be no more than {LABEL_LENGTH} bytes")
    if not re.fullmatch(_VALUE, text):
        words = (
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
            f"{_ENDS}"
        )
        yield invalid(field, text, _why(words, "'MyValue',  or 'my_value',  or '12345'", _VALUE))


def labels(field: str, found: Any) -> Iterator[Cause]:
    """See that a map may be labels."""
    for key, value in found.items() if isinstance(found, dict) else ():
        yield from qualified(field, key)
        yield from label_value(field, str(value))


def selector(field: str, found: Any) -> Iterator[Cause]:
    """See that a LabelSelector makes sense."""
    if not isinstance(found, dict):
        return
    yield from labels(f"{field}.matchLabels", found.get("matchLabels"))
    for number, term in enumerate(found.get("matchExpressions") or ()):
        at, operator, values = f"{field}.matchExpressions[{number}]", term.get("operator"), term.get("values")
        if operator in ("In", "NotIn"):
            if not values:
                yield required(f"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'")
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                yield forbidden(
                    f"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                )
        else:
            yield invalid(f"{at}.operator", operator or "", "not a valid selector operator")
        yield from qualified(f"{at}.key", str(term.get("key") or ""))


def port(field: str, value: Any) -> Iterator[Cause]:
    """See that a number may be a port."""
    if not isinstance(value, int) or not 1 <= value <= 65_535:
        yield invalid(field, value, "must be between 1 and 65535, inclusive")


def port_name(field: str, text: str) -> Iterator[Cause]:
    """See that a text is an IANA service name."""
    if len(text) > 15:
        yield invalid(field, text, "must be no more than 15 characters")
    if not _PORT_NAME.fullmatch(text):
        yield invalid(field, text, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    elif not re.search("[a-z]", text):
        yield invalid(field, text, "must contain at least one letter (a-z)")
    if "--" in text:
        yield invalid(field, text, "must not contain consecutive hyphens")
    if text[:1] == "-" or text[-1:] == "-":
        yield invalid(field, text, "must not begin or end with a hyphen")


def port_or_name(field: str, value: Any) -> Iterator[Cause]:
    """See that a value is a port, or the name of one."""
    yield from port_name(field, value) if isinstance(value, str) else port(field, value)


def not_negative(at: str, found: JsonObject, *names: str) -> Iterator[Cause]:
    """See that some numbers of an object, where they are, are not below zero."""
    for name in names:
        value = found.get(name)
        if isinstance(value, int) and value < 0:
            yield invalid(f"{at}.{name}", value, "must be greater than or equal to 0")


def positive(field: str, value: Any) -> Iterator[Cause]:
    """See that a number, if there is one, is at least one."""
    if isinstance(value, int) and not 1 <= value <= _LARGEST:
        yield invalid(field, value, f"must be between 1 and {_LARGEST}, inclusive")


def amount(field: str, value: Any, *, whole: bool = True) -> Iterator[Cause]:
    """See that a value is a number not below zero, or a percentage; ``whole`` is at most 100%."""
    if isinstance(value, str):
        if not re.fullmatch(_PERCENT, value):
            words = "a valid percent string must be a numeric string followed by an ending '%'"
            yield invalid(field, value, _why(words, "'1%',  or '93%'", _PERCENT))
        elif whole and int(value[:-1]) > 100:
            yield invalid(field, value, "must not be greater than 100%")
    elif isinstance(value, int) and value < 0:
        yield invalid(field, value, "must be greater than or equal to 0")


def quantity(field: str, value: Any) -> Iterator[Cause]:
    """See that a quantity is not below zero."""
    if (number(value) or 0) < 0:
        yield invalid(field, str(value), "must be greater than or equal to 0")


def number(value: Any) -> float | None:
    """A quantity as a number; None when there is none."""
    return None if value is None else parse_quantity(str(value))


def env_name(field: str, text: str) -> Iterator[Cause]:
    """See that a text may name an environment variable."""
    if not _ENV_NAME.fullmatch(text):
        why = "must consist only of printable ASCII characters other than '='"
        yield invalid(field, text, f"a valid environment variable name {why}")


def address(field: str, text: str) -> Iterator[Cause]:
    """See that a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        yield invalid(field, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")


def block(field: str, text: str) -> Iterator[Cause]:
    """See that a text is a CIDR block."""
    try:
        found = "/" in text and ipaddress.ip_network(text, strict=False)
    except ValueError:
        found = False
    if not found:
        yield invalid(field, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")


def config_keys(field: str, found: Any) -> Iterator[Cause]:
    """See that the keys of a ConfigMap or Secret may be names of files."""
    pattern = r"[-._a-zA-Z0-9]+"
    for key in found if isinstance(found, dict) else ():
        if len(key) > SUBDOMAIN_LENGTH:
            yield invalid(f"{field}[{key}]", key, f"must be no more than {SUBDOMAIN_LENGTH} characters")
        elif not re.fullmatch(pattern, key):
            words = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
            example = "'key.name',  or 'KEY_NAME',  or 'key-name'"
            yield invalid(f"{field}[{key}]", key, _why(words, example, pattern))
        elif key in (".", "..") or key.startswith(".."):
            yield invalid(f"{field}[{key}]", key, "must not be '.' or start with '..'")
