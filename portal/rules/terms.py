"""The words of the field that have a fixed set of values; `facts` hands them on with the parts that hold them."""

from enum import StrEnum


class CustomerType(StrEnum):
    """What kind of customer an organization is to the provider."""

    ENTERPRISE = "enterprise"
    ONLINE = "online"
    TRIAL = "trial"


class Pstn(StrEnum):
    """How a location reaches the telephone network."""

    PROVIDER = "provider"
    LOCAL_GATEWAY = "local-gateway"
    OTHER_PROVIDER = "other-provider"
    NOT_SET = "not-set"


class NumberSource(StrEnum):
    """Where an operator says a number comes from; unmarked numbers go by their location."""

    CALLING_PLAN = "calling-plan"
    OTHER = "other"


class Campaign(StrEnum):
    """The state of the 10DLC campaign registration; only an active one may send."""

    NONE = "none"
    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REJECTED = "rejected"


class Registration(StrEnum):
    """The setting that says whose texts need an active campaign."""

    ALL = "all"
    US_RECIPIENTS = "us-recipients"
    NONE = "none"


class BrandCap(StrEnum):
    """What becomes of a text once the day's segments of its brand are used up."""

    WARN = "warn"
    HOLD = "hold"
    BLOCK = "block"


class QuietRule(StrEnum):
    """What becomes of a text during the quiet hours of its recipient."""

    WARN = "warn"
    HOLD = "hold"


class Subject(StrEnum):
    """On what a restriction is placed."""

    NUMBER = "number"
    USER = "user"
    ORGANIZATION = "organization"


class Restraint(StrEnum):
    """What a restriction does."""

    BLOCK = "block"
    THROTTLE = "throttle"


class Cause(StrEnum):
    """Why a restriction was placed, after the help document's own list."""

    FRAUD = "fraud"
    VOLUME = "volume"
    BURST = "burst"
    SPAM = "spam"
    CONTENT = "content"
    UNAUTHORIZED = "unauthorized"
    OTHER = "other"


class Category(StrEnum):
    """What kind of text a reporter reports."""

    SCAM = "scam"
    ADVERTISING = "advertising"
    IGNORED_STOP = "ignored-stop"
    THREATENING = "threatening"
    WRONG_PERSON = "wrong-person"
    OTHER = "something-else"


class Place(str):
    """A US state or Canadian province (ISO 3166-2), or a country, printed as its name in the reader's language."""

    __slots__ = ()


class Country(str):
    """An ISO country code that is printed as the country's name in the reader's language."""

    __slots__ = ()


class AnswerLanguage(StrEnum):
    """The setting of a location that says in which language its automatic answers are."""

    KEYWORD = "keyword"
    FRENCH = "french"
    BOTH = "both"


class ConsentKind(StrEnum):
    """How a person agreed to texts of an organization; Canadian law gives each its own time."""

    EXPRESS = "express"
    PURCHASE = "purchase"
    INQUIRY = "inquiry"
    WROTE_FIRST = "wrote-first"


class NotMeantReason(StrEnum):
    """Why words that may have meant an opt-out did not mean one, as the person chooses who decides about them."""

    OTHER_THING = "other-thing"
    OTHER_PERSON = "other-person"
    JOKE = "joke"
    ASKED_THEM = "asked-them"
