"""The fields in which people write down that somebody agreed to texts; members and administrators have them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext, pgettext
from wtforms import SelectField, StringField

from portal import lengths, wording
from portal.rules.facts import ConsentKind
from portal.services.refusals import Clash
from portal.services.texting import consents
from portal.services.texting.consents import ConsentSaid
from portal.web import reader
from portal.web.forms import Form, limit_length, strip_value, tidy_value


def list_consent_choices() -> list[tuple[str, str]]:
    """The ways to agree that people write down, as options."""
    return [("", str(pgettext("list", "Choose"))),
            *((kind.value, wording.enum_in_words(kind)) for kind in consents.WRITTEN_KINDS)]


class ConsentFields:
    """How they agreed, on which day, and what proves it. Part of a form that may be about something else as well."""

    consent_kind = SelectField(lazy_gettext("How did they agree?"), choices=list_consent_choices, default="")
    consent_day = StringField(lazy_gettext("On which day?"), filters=[strip_value],
                              render_kw={"type": "date", "autocomplete": "off"})
    consent_proof = StringField(lazy_gettext("What proves it?"), [limit_length(lengths.CONSENT_PROOF)],
                                filters=[tidy_value], render_kw={"autocomplete": "off"})


def is_consent_filled(form: Any) -> bool:
    """Whether anything was filled in."""
    return bool(form.consent_kind.data or form.consent_day.data or form.consent_proof.data)


def is_consent_posted() -> bool:
    """Whether this request posts anything in these fields, for which a form has to be made."""
    return any(request.form.get(name) for name in ("consent_kind", "consent_day", "consent_proof"))


def read_consent_fields(form: Any) -> ConsentSaid | None:
    """What was written down, in a form that was validated; None with errors at the fields where something is wrong."""
    kind = next((one for one in consents.WRITTEN_KINDS if one.value == form.consent_kind.data), None)
    given_at = _read_day(form.consent_day.data or "")
    for field, right, problem in (
            (form.consent_kind, kind, gettext("Choose how they agreed.")),
            (form.consent_day, given_at, _name_day_problem(form.consent_day.data)),
            (form.consent_proof, form.consent_proof.data, gettext("Say where and how they agreed."))):
        if not right and not field.errors:
            field.errors = [problem]
    if form.errors or kind is None or given_at is None:
        return None
    return ConsentSaid(kind, given_at, form.consent_proof.data)


def _name_day_problem(typed: str | None) -> str:
    """Browsers show an empty field in an order of their own; the one that counts is named where a day was typed."""
    if not typed:
        return str(gettext("Choose the day on which they agreed."))
    return str(gettext("Enter the day as year-month-day, such as 2026-03-31."))


def _read_day(typed: str) -> datetime | None:
    """The beginning of a day in the reader's zone, in UTC; None for what is no day or far from now."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return datetime.combine(day, time(), reader.zone_of_reader()).astimezone(UTC) if 2000 <= day.year <= 2999 else None


def store_consent_fields(form: Any, record: Callable[[ConsentSaid], object]) -> bool:
    """Hand what was written down to `record`; False with errors in the form where it was not taken."""
    form.validate()
    said = read_consent_fields(form)
    if said is None:
        return False
    try:
        record(said)
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
        return False
    return True


def fill_consent_fields(kind: ConsentKind, given_at: datetime, proof: str) -> dict[str, str]:
    """The values of the fields for a consent that is written down."""
    day = given_at.astimezone(reader.zone_of_reader()).date()
    return {"consent_kind": kind.value, "consent_day": day.isoformat(), "consent_proof": proof}


class NewConsentForm(ConsentFields, Form):
    """A consent of a number that is known already."""
