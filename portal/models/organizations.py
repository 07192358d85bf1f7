"""Organizations, their locations and their numbers."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.dialects import key_type
from portal.extensions import make_ref, now
from portal.rules.facts import Campaign, CustomerType, NumberSource, Pstn, QuietRule, Registration
from portal.rules.numbers import NumberKind
from portal.rules.terms import AnswerLanguage

from . import Model, Moment, choice_type, rows_where


class Organization(Model):
    """A customer of the provider. `registration` and `quiet_rule` are empty where operators left them to the portal."""

    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    name: Mapped[str] = mapped_column(String(lengths.ORGANIZATION_NAME))
    name_key: Mapped[str] = mapped_column(key_type(lengths.ORGANIZATION_NAME), index=True)
    reply_name: Mapped[str] = mapped_column(String(lengths.REPLY_NAME), default="")
    help_contact: Mapped[str] = mapped_column(String(lengths.HELP_CONTACT), default="")
    customer_type: Mapped[CustomerType] = mapped_column(choice_type(CustomerType), default=CustomerType.ENTERPRISE)
    calling_plan: Mapped[bool] = mapped_column(default=False)
    add_on: Mapped[bool] = mapped_column(default=False)
    healthcare: Mapped[bool] = mapped_column(default=False)
    campaign: Mapped[Campaign] = mapped_column(choice_type(Campaign), default=Campaign.NONE)
    brand_tier: Mapped[int] = mapped_column(default=2000)
    same_text_most: Mapped[int] = mapped_column(default=25, server_default="25")
    registration: Mapped[Registration | None] = mapped_column(choice_type(Registration))
    quiet_rule: Mapped[QuietRule | None] = mapped_column(choice_type(QuietRule, "quiet_rule"))
    keyword_blocks: Mapped[bool] = mapped_column(default=True, server_default=true())
    # Whether texts that nobody reads are answered; None as long as no administrator has said: then healthcare decides.
    answers_unread: Mapped[bool | None]
    consent_required: Mapped[bool] = mapped_column(default=False, server_default=false())
    mailing_address: Mapped[str] = mapped_column(String(lengths.MAILING_ADDRESS), default="", server_default="")
    telephone: Mapped[str] = mapped_column(String(lengths.PUBLIC_TELEPHONE), default="", server_default="")
    privacy_contact: Mapped[str] = mapped_column(String(lengths.PRIVACY_CONTACT), default="", server_default="")
    # Which carrier its texts leave by; None where operators leave that to the portal.
    carrier_id: Mapped[int | None] = mapped_column(ForeignKey("carriers.id"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def answers_unread_texts(self) -> bool:
        """Whether texts that nobody reads are answered: as an administrator said, or else in healthcare."""
        return self.healthcare if self.answers_unread is None else self.answers_unread


class Location(Model):
    """A site of an organization."""

    __tablename__ = "locations"
    __table_args__ = (UniqueConstraint("organization_id", "name_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str] = mapped_column(String(lengths.LOCATION_NAME))
    name_key: Mapped[str] = mapped_column(key_type(lengths.LOCATION_NAME))
    country: Mapped[str] = mapped_column(String(lengths.COUNTRY_CODE))
    time_zone: Mapped[str] = mapped_column(String(lengths.TIME_ZONE))
    pstn: Mapped[Pstn] = mapped_column(choice_type(Pstn), default=Pstn.NOT_SET)
    answer_language: Mapped[AnswerLanguage] = mapped_column(
        choice_type(AnswerLanguage), default=AnswerLanguage.KEYWORD, server_default=AnswerLanguage.KEYWORD.value)
    # It was here before there was such a setting, may be in Quebec, and nobody has chosen.
    asks_language: Mapped[bool] = mapped_column(default=False, server_default=false())
    # As `rules.opening_hours` writes them; "" where the location is always open.
    opening_hours: Mapped[str] = mapped_column(String(lengths.OPENING_HOURS), default="", server_default="")
    version: Mapped[int] = mapped_column(default=1)


class Number(Model):
    """A phone number of an organization; `user_id` is the user whose primary number it is, if any.

    A released number keeps its organization: people who got texts from it may still answer STOP. `review` marks
    those that an administrator brought before numbers were confirmed, until an operator has looked at them.

    The organization has it from the day `from_on` to the day before `until_on`; without a day there is no such end. A
    number that has left may have a second row, of the organization that has it now; no two hold it on the same day.
    """

    __tablename__ = "numbers"
    __table_args__ = (UniqueConstraint("e164", "organization_id"),
                      Index("ix_numbers_free", "organization_id", "user_id", "e164"),
                      Index("ix_numbers_list", "organization_id", "e164"),
                      Index("ix_numbers_review", "e164", **rows_where("review = 1", "review")),
                      Index("ix_numbers_own_carrier", "organization_id", "carrier_id",
                            **rows_where("carrier_id IS NOT NULL")))

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    e164: Mapped[str] = mapped_column(String(lengths.E164_NUMBER))
    kind: Mapped[NumberKind] = mapped_column(choice_type(NumberKind, "kind"))
    source: Mapped[NumberSource | None] = mapped_column(choice_type(NumberSource))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), unique=True)
    review: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Which carrier its texts leave by; None where it is the organization's. And before when it sends nothing more.
    carrier_id: Mapped[int | None] = mapped_column(ForeignKey("carriers.id"))
    free_at: Mapped[datetime | None] = mapped_column(Moment)
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]


class Claim(Model):
    """A number that an administrator typed or imported for a user and that no operator has confirmed.

    The user neither sends nor receives with it, and several organizations may claim one number. `source`
    is where an operator who imported it said that it comes from; `by_id` is empty for the command line.
    """

    __tablename__ = "claims"
    __table_args__ = (UniqueConstraint("organization_id", "e164"), Index("ix_claims_list", "e164", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    e164: Mapped[str] = mapped_column(String(lengths.E164_NUMBER))
    kind: Mapped[NumberKind] = mapped_column(choice_type(NumberKind, "kind"))
    source: Mapped[NumberSource | None] = mapped_column(choice_type(NumberSource))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class RefusedAddress(Model):
    """An address typed or imported for a new user, which a person in another organization has.

    `upload_id` is the file that it stood in, if any. `looked_at` is when an operator has looked at it: from then on it
    counts no more.
    """

    __tablename__ = "refused_addresses"
    __table_args__ = (Index("ix_refused_addresses_counted", "organization_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    email: Mapped[str] = mapped_column(String(lengths.EMAIL_ADDRESS))
    email_key: Mapped[str] = mapped_column(key_type(lengths.EMAIL_ADDRESS))
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("uploads.id"))
    looked_at: Mapped[datetime | None] = mapped_column(Moment)
