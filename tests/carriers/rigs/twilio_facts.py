"""What Twilio's own description of its interface says about the requests that the portal makes.

Facts of version 2010-04-01: which resources there are, which fields they take, how long and of which form the values
are, and which words may stand in them. They are kept here in our own words, so that every request of every test is
judged without asking anybody.
"""

import re
from urllib.parse import urlsplit

ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
TEXT_ID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
PATH = re.compile(r"/2010-04-01/Accounts/([^/.]+)(/Messages\.json|/Balance\.json|\.json)")
ACCOUNT_STATUSES = {"active", "suspended", "closed"}
TEXT_STATUSES = {"queued", "sending", "sent", "failed", "delivered", "undelivered", "receiving", "received", "accepted",
                 "scheduled", "read", "partially_delivered", "canceled"}


def is_callback(value):
    """An address with a host, without an underscore in the name of the host, of at most 4,000 characters."""
    parts = urlsplit(value)
    named = bool(parts.hostname) and "_" not in parts.hostname
    return named and parts.scheme in {"http", "https"} and len(value) <= 4000


def is_between(least, most):
    return lambda value: bool(re.fullmatch(r"[0-9]{1,6}", value)) and least <= int(value) <= most


def is_day(value):
    return bool(re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])", value))


# Each field that the portal may use, with what its value must be.
CREATE = {
    "To": E164.fullmatch, "From": E164.fullmatch, "MessagingServiceSid": SERVICE.fullmatch,
    "Body": lambda value: 0 < len(value) <= 1600, "StatusCallback": is_callback,
    "ValidityPeriod": is_between(1, 36_000), "SmartEncoded": {"true", "false"}.__contains__,
    "ContentRetention": {"retain", "discard"}.__contains__, "AddressRetention": {"retain", "obfuscate"}.__contains__,
}
LIST = {"To": E164.fullmatch, "From": E164.fullmatch, "DateSent": is_day, "DateSent<": is_day, "DateSent>": is_day,
        "PageSize": is_between(1, 1000), "Page": is_between(0, 999_999)}
# (method, resource): the fields of its form and its query.
RESOURCES = {
    ("POST", "/Messages.json"): (CREATE, {}), ("GET", "/Messages.json"): ({}, LIST),
    ("GET", "/Balance.json"): ({}, {}), ("GET", ".json"): ({}, {}),
}


def find_faults(request):
    """What is wrong with a request, in words; nothing if Twilio's description allows it."""
    found = PATH.fullmatch(request.path)
    if not found or (request.method, found[2]) not in RESOURCES:
        return [f"there is no {request.method} {request.path}"]
    form, query = RESOURCES[request.method, found[2]]
    faults = [] if ACCOUNT.fullmatch(found[1]) else ["the account is none"]
    faults += [] if request.headers.get("authorization", "").startswith("Basic ") else ["nobody signed in"]
    faults += list(_wrong("field", request.form, form)) + list(_wrong("parameter", request.query, query))
    return faults + (list(_missing(request)) if request.method == "POST" else [])


def _wrong(what, given, allowed):
    names = [name for name, _value in given]
    yield from (f"{what} {name} twice" for name in {*names} if names.count(name) > 1)
    for name, value in given:
        if name not in allowed:
            yield f"no {what} {name}"
        elif not allowed[name](value):
            yield f"{what} {name} cannot be {value!r}"


def _missing(request):
    """A text needs a recipient, words, and somebody who sends it."""
    form = dict(request.form)
    if request.headers.get("content-type") != "application/x-www-form-urlencoded":
        yield "no form"
    if "To" not in form or "Body" not in form or not {"From", "MessagingServiceSid"} & form.keys():
        yield "a field is missing"
