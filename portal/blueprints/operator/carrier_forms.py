"""Forms about carriers. Each kind of carrier has fields of its own; its secrets are typed and never shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, Field, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from portal import lengths
from portal.carriers.kinds import CarrierField, CarrierKind
from portal.models import CarrierRecord
from portal.services.carriers.carrier_records import PACE_LIMITS, CarrierInput
from portal.services.carriers.carrier_state import needs_secrets
from portal.services.carriers.typed_settings import judge_secrets, judge_settings
from portal.services.refusals import Clash
from portal.web.forms import (
    Form,
    VersionField,
    WholeNumberField,
    limit_length,
    make_line_field,
    strip_value,
    unify_line_breaks,
)
from portal.web.typed_fields import SECRET_PREFIX

from .forms import ChosenNumbersForm

# What stands before the names of the kind's own fields.
SETTING = "setting-"
# How the fields of a kind look whose words are for machines.
PLAIN_LOOKS = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
LOOKS: Mapping[str, dict[str, str]] = {
    "address": {"inputmode": "url"}, "port": {"inputmode": "numeric"}, "number": {"inputmode": "numeric"},
}


def make_carrier_field(one: CarrierField) -> tuple[str, Any]:
    """The name and the field of a form for one setting or secret of a carrier."""
    label, hint, limit = lazy_gettext(one.label), lazy_gettext(one.hint) if one.hint else "", limit_length(one.longest)
    shared: dict[str, Any] = {"description": hint, "default": one.default}
    if one.secret:
        return SECRET_PREFIX + one.name, PasswordField(label, [limit], filters=[strip_value], description=hint,
                                                      render_kw={**PLAIN_LOOKS, "autocomplete": "new-password"})
    if one.kind == "switch":
        return SETTING + one.name, BooleanField(label, **shared)
    if one.kind == "choice":
        return SETTING + one.name, SelectField(label, **shared)
    if one.longest > lengths.OTHER_LINE:
        return SETTING + one.name, TextAreaField(label, [limit], filters=[unify_line_breaks, strip_value],
                                                 render_kw={**PLAIN_LOOKS, "rows": 4}, **shared)
    return SETTING + one.name, StringField(label, [limit], filters=[strip_value],
                                           render_kw={**PLAIN_LOOKS, **LOOKS.get(one.kind, {})}, **shared)


class CarrierForm(Form):
    """A carrier of one kind: its name, the fields of the kind, and how fast texts may leave by it.

    `new`: no secrets are stored, because it is about to be added or they were emptied, so they are needed.
    """

    name = make_line_field(lazy_gettext("Name"), lazy_gettext("Enter a name."), lengths.CARRIER_TITLE)
    pace = WholeNumberField(
        lazy_gettext("Texts a second, at most"), *PACE_LIMITS["pace"], validators=[Optional()],
        description=lazy_gettext("Empty: as fast as the carrier takes them."))
    number_pace = WholeNumberField(
        lazy_gettext("Segments a second from one number, at most"), *PACE_LIMITS["number_pace"],
        validators=[Optional()], description=lazy_gettext(
            "Empty: as fast as the carrier takes them. US carriers often take 1 from an ordinary number."))
    at_once = WholeNumberField(
        lazy_gettext("Texts on their way at once, at most"), *PACE_LIMITS["at_once"], validators=[Optional()],
        description=lazy_gettext("Empty: as many as suit this kind of carrier. After a crash it may be unclear of so"
                                 " many texts whether they were sent."))
    version = VersionField(default=0)

    def __init__(self, kind: CarrierKind | None = None, *, new: bool = False, **named: Any) -> None:
        self.fields, self.new = kind.fields if kind else (), new
        self.kind = kind
        # WTForms makes its fields from this list; here each kind adds its own, in the order of the page.
        name, *rest = self._unbound_fields
        own = [make_carrier_field(one) for one in sorted(self.fields, key=lambda one: one.secret)]
        self._unbound_fields: list[Any] = [name, *own, *rest]
        super().__init__(**named)
        for one, field in self.own_fields():
            if isinstance(field, SelectField):
                field.choices = [(value, gettext(words)) for value, words in one.choices]

    @classmethod
    def of_record(cls, kind: CarrierKind | None, record: CarrierRecord) -> "CarrierForm":
        """The form as a carrier is now, without its secrets."""
        return cls(kind, new=needs_secrets(record), formdata=None, data={
            "name": record.name, "version": record.version, **{name: getattr(record, name) for name in PACE_LIMITS},
            **{SETTING + name: value for name, value in record.settings.items()}})

    def own_fields(self) -> list[tuple[CarrierField, Field]]:
        """The fields of the kind in its order, each with what it is about."""
        return [(one, self[(SECRET_PREFIX if one.secret else SETTING) + one.name]) for one in self.fields]

    @property
    def typed(self) -> CarrierInput:
        """What was typed."""
        settings = {one.name: _plain_value(field.data) for one, field in self.own_fields() if not one.secret}
        secrets = {one.name: field.data or "" for one, field in self.own_fields() if one.secret}
        return CarrierInput(self.name.data or "", settings, secrets, self.pace.data, self.number_pace.data,
                            self.at_once.data)

    def validate(self, extra_validators: Any = None) -> bool:
        """As every form, and what the kind's own fields hold, so that everything wrong is said at once."""
        super().validate(extra_validators)
        if self.kind:
            typed = self.typed
            secrets = judge_secrets(self.kind, typed.typed_secrets) if self.new else []
            self.refuse([*judge_settings(self.kind, typed.settings), *secrets])
        return not self.errors

    def refuse(self, clashes: Sequence[Clash]) -> None:
        """Say at the fields what is wrong with them, unless they say something already."""
        for one in clashes:
            field = next((prefix + one.field for prefix in ("", SETTING, SECRET_PREFIX)
                          if prefix + one.field in self._fields), "")
            if not field or not self[field].errors:
                self.clash(field, one.sentence, one.values)

    @property
    def has_typed_secrets(self) -> bool:
        """Whether secrets were typed that the page will not show again."""
        return bool(self.typed.typed_secrets)

    def renew(self, version: int) -> None:
        """Take the version that is there now, so that saving again is meant to overwrite it."""
        self.version.data, self.version.raw_data = version, None


def _plain_value(data: Any) -> str:
    """What a field holds as the settings of a carrier have it: "1" or "" for something to tick."""
    return ("1" if data else "") if isinstance(data, bool) else data or ""


def choices_of_carriers(records: Sequence[CarrierRecord], other: str) -> list[tuple[str, str]]:
    """The carriers to choose from, after the choice of none of them."""
    return [("", other), *((one.ref, one.name) for one in records)]


class OrganizationCarrierForm(Form):
    """By which carrier an organization's texts leave."""

    carrier = SelectField(lazy_gettext("Carrier"))

    def __init__(self, records: Sequence[CarrierRecord] = (), **named: Any) -> None:
        super().__init__(**named)
        self.carrier.choices = choices_of_carriers(records, gettext("As the portal is set"))


class NumberCarrierForm(ChosenNumbersForm):
    """By which carrier the texts of the chosen numbers leave."""

    number_carrier = SelectField(lazy_gettext("Carrier of the chosen numbers"))

    def __init__(self, records: Sequence[CarrierRecord] = (), **named: Any) -> None:
        super().__init__(**named)
        self.number_carrier.choices = choices_of_carriers(records, gettext("As their organization"))
