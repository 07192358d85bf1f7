"""Forms of operators: what only the provider sets."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Optional

from portal import lengths, wording
from portal.rules import BY_ID
from portal.rules.facts import Campaign, CustomerType, NumberSource, Pstn, QuietRule, Registration
from portal.services.people.locations import first_answer_language
from portal.web.forms import (
    DayField,
    Form,
    VersionField,
    WholeNumberField,
    limit_length,
    make_email_field,
    make_line_field,
    make_quebec_field,
    unify_line_breaks,
)
from portal.web.place_fields import make_country_field, make_zone_field, offer_places

FACTS = ("customer_type", "calling_plan", "add_on", "healthcare", "campaign", "registration", "brand_tier",
         "same_text_most", "keyword_blocks", "quiet_rule")
# The rule that a fact decides; its sentence is the hint.
DECIDES = {
    "customer_type": "customer-type", "calling_plan": "calling-plan", "add_on": "add-on",
    "healthcare": "hipaa-unacknowledged", "campaign": "campaign", "brand_tier": "daily-brand",
    "same_text_most": "repeated", "keyword_blocks": "asks-for-keyword",
    "quiet_rule": "quiet-hours", "pstn": "location-pstn", "source": "number-source",
}
TIERS = tuple(sorted(value for name, value in BY_ID["daily-brand"].limits.items() if name not in ("percent", "hours")))
UNMARKED = "unmarked"
# What most organizations wait for; a new one is asked for it first.
GRANTED = ("calling_plan", "add_on", "campaign")
# Who administers a new organization.
MYSELF, ANOTHER = "myself", "another"


def hint_of_fact(fact: str) -> str:
    """What a fact means, in the words of its rule."""
    rule = BY_ID[DECIDES[fact]]
    return wording.limitation_of_rule(rule, signed_in=True)


def choices_of_enum(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """Every member of an enum by its word, which begins a line here."""
    labels = [(member.value, wording.enum_in_words(member)) for member in kind]
    return [(value, label[:1].upper() + label[1:]) for value, label in labels]


def read_choice(kind: type[StrEnum]) -> Callable[[Any], StrEnum | None]:
    """How a list with an empty choice is read: the enum's member, None for the portal's own setting."""
    return lambda chosen: kind(chosen) if chosen else None


class OrganizationFactsForm(Form):
    """What the provider sets for an organization."""

    customer_type = RadioField(lazy_gettext("Type of customer"), coerce=CustomerType,
                               default=CustomerType.ENTERPRISE)
    calling_plan = BooleanField(lazy_gettext("Calling plan"))
    add_on = BooleanField(lazy_gettext("Add-on"))
    healthcare = BooleanField(lazy_gettext("Healthcare"))
    campaign = SelectField(lazy_gettext("Campaign registration"), coerce=Campaign)
    registration = SelectField(
        lazy_gettext("Texts that need an active campaign"), coerce=read_choice(Registration), description=lazy_gettext(
            "Canada has no registry. As this portal is set, an organization whose locations are all in Canada needs a"
            " campaign only for texts to US numbers."))
    brand_tier = SelectField(lazy_gettext("Brand tier"), coerce=int)
    same_text_most = WholeNumberField(lazy_gettext("Recipients of one wording in 24 hours, at most"), 1, 1000,
                                      default=BY_ID["repeated"].limits["most"])
    keyword_blocks = BooleanField(lazy_gettext("Refuse texts that ask for an opt-out word"), default=True)
    quiet_rule = SelectField(lazy_gettext("In quiet hours"), coerce=read_choice(QuietRule))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.customer_type.choices = choices_of_enum(CustomerType)
        self.campaign.choices = choices_of_enum(Campaign)
        self.registration.choices = [("", gettext("As this portal is set")), *choices_of_enum(Registration)]
        self.quiet_rule.choices = [("", gettext("As this portal is set")), *choices_of_enum(QuietRule)]
        self.brand_tier.choices = [
            (tier, gettext("%(many)s segments a day", many=wording.value_in_words(tier))) for tier in TIERS]
        for fact in FACTS:
            self[fact].description = self[fact].description or hint_of_fact(fact)

    @property
    def facts(self) -> dict[str, Any]:
        """The values by the organization's own names for them."""
        return {fact: self[fact].data for fact in FACTS}


class ChangeOrganizationFactsForm(OrganizationFactsForm):
    """The same for an organization that exists."""

    version = VersionField()

    def renew(self, version: int) -> None:
        """Take the version that is there now, so that saving again is meant to overwrite it."""
        self.version.data, self.version.raw_data = version, None


class NewOrganizationForm(OrganizationFactsForm):
    """A new organization with its first location, numbers and admin.

    `may_join`: the operator can be its administrator; `granted`: what the provider grants is ticked at first.
    """

    name = make_line_field(lazy_gettext("Name of the organization"),
                           lazy_gettext("Enter the name of the organization."), lengths.ORGANIZATION_NAME)
    location_name = make_line_field(lazy_gettext("Name of the location"),
                                    lazy_gettext("Enter the name of the location."), lengths.LOCATION_NAME)
    country = make_country_field()
    time_zone = make_zone_field()
    in_quebec = make_quebec_field()
    pstn = SelectField(lazy_gettext("PSTN connection"), coerce=Pstn, default=Pstn.PROVIDER)
    administrator = RadioField(lazy_gettext("Who administers it?"), default=ANOTHER)
    admin_name = make_line_field(lazy_gettext("Name of the administrator"), lazy_gettext("Enter the person's name."),
                                 lengths.USER_NAME)
    admin_email = make_email_field(lazy_gettext("Email address of the administrator"),
                                   lazy_gettext("Enter the person's email address."))
    numbers = TextAreaField(
        lazy_gettext("Numbers"), [limit_length(lengths.NEW_NUMBERS)], filters=[unify_line_breaks],
        render_kw={"rows": 3, "autocomplete": "off", "inputmode": "tel"}, description=lazy_gettext(
            "One in each line, with area code. The administrator gets the first, to text from. More can be added later."
        ))
    turn_on = BooleanField(lazy_gettext("Turn texting on for everybody there"), default=True)

    def __init__(self, *given: Any, may_join: bool = False, granted: bool = False, **named: Any) -> None:
        first = {} if self.is_submitted() else {
            "calling_plan": granted, "add_on": granted, "campaign": Campaign.ACTIVE if granted else Campaign.NONE,
            "administrator": MYSELF if may_join else ANOTHER}
        super().__init__(*given, data=first, **named)
        self.may_join = may_join
        offer_places(self)
        self.pstn.choices = choices_of_enum(Pstn)
        self.pstn.description = hint_of_fact("pstn")
        self.administrator.choices = [
            *([(MYSELF, gettext("I administer it myself"))] if may_join else []),
            (ANOTHER, gettext("Another person"))]
        for fact in GRANTED:
            self[fact].description = ""
        if self.joins:
            # Nothing is asked of a person whom nobody is to name.
            self.admin_name.validators = self.admin_email.validators = (Optional(),)

    @property
    def joins(self) -> bool:
        """Whether the operator administers the organization, on the same account."""
        return self.administrator.data == MYSELF and self.may_join

    @property
    def organization(self) -> dict[str, Any]:
        """The organization's values by its own names for them."""
        return {"name": self.name.data, **self.facts}

    @property
    def location(self) -> dict[str, Any]:
        """The first location's values by its own names for them."""
        return {"name": self.location_name.data, "country": self.country.data, "time_zone": self.time_zone.data,
                "pstn": self.pstn.data, "answer_language": first_answer_language(bool(self.in_quebec.data))}

    @property
    def admin(self) -> tuple[str, str] | None:
        """Name and email address of the first admin; None where that is the operator."""
        return None if self.joins else (self.admin_name.data or "", self.admin_email.data or "")


class LocationPstnForm(Form):
    """How a location reaches the telephone network; one page holds many, so each has its own prefix."""

    pstn = SelectField(lazy_gettext("PSTN connection"), coerce=Pstn)

    @classmethod
    def at(cls, place: Any, **named: Any) -> "LocationPstnForm":
        """The form of one location."""
        return cls(obj=place, prefix=f"at-{place.ref}-", **named)

    def is_at(self, place: Any) -> bool:
        """Whether this is the form of that location."""
        return bool(self._prefix == f"at-{place.ref}-")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.pstn.choices = choices_of_enum(Pstn)


class NewNumberForm(Form):
    """A number for an organization to assign."""

    number = make_line_field(lazy_gettext("Number"), lazy_gettext("Enter a number."), lengths.TYPED_NUMBER, type="tel")


class ChosenNumbersForm(Form):
    """Numbers chosen in the list."""

    numbers = SelectMultipleField(
        lazy_gettext("Numbers"), [DataRequired(lazy_gettext("Choose at least one number in the list."))],
        validate_choice=False)


class NumberDatesForm(ChosenNumbersForm):
    """The days on which the chosen numbers come and leave."""

    from_on = DayField(lazy_gettext("Come on"), description=lazy_gettext("Empty: they are here already."))
    until_on = DayField(lazy_gettext("Leave on"), description=lazy_gettext(
        "The first day on which nobody texts with them. Empty: they stay."))


class NumberSourceForm(ChosenNumbersForm):
    """Where the chosen numbers come from."""

    source = SelectField(lazy_gettext("Mark the chosen numbers as"))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.source.choices = [*choices_of_enum(NumberSource), (UNMARKED, gettext("Not marked"))]

    @property
    def mark(self) -> NumberSource | None:
        """What was chosen."""
        return None if self.source.data == UNMARKED else NumberSource(self.source.data)
