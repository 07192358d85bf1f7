"""The demo's people and places. All of them are invented, and so are their 555-01xx numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from portal.rules.facts import Campaign, CustomerType, Pstn
from portal.rules.opening_hours import OpeningHours, OpenSpan
from portal.rules.terms import AnswerLanguage

NEW_APP = "43.2"
ALWAYS_OPEN = OpeningHours()


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person; `own` is their own texting setting, `number` the ten digits of their primary number.

    `claimed`: their administrator entered the number, and no operator has confirmed it.
    """

    name: str
    number: str = ""
    email: str = ""
    app: str = NEW_APP
    own: bool | None = None
    invited: bool = False
    auditor: bool = False
    claimed: bool = False

    @property
    def address(self) -> str:
        """Their email address; most have one made from their name."""
        return self.email or ".".join(self.name.casefold().split()) + "@example.com"


@dataclass(frozen=True, slots=True)
class DemoLocation:
    """A location and who works there, when it is open and in which language it answers."""

    name: str
    country: str
    time_zone: str
    pstn: Pstn
    people: tuple[DemoPerson, ...]
    hours: OpeningHours = ALWAYS_OPEN
    language: AnswerLanguage = AnswerLanguage.KEYWORD


@dataclass(frozen=True, slots=True)
class DemoOrganization:
    """An organization: its first admin works at its first site."""

    name: str
    admin: DemoPerson
    sites: tuple[DemoLocation, ...]
    free_numbers: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)


OPERATORS = (
    DemoPerson("Olga Weiss", email="olga@example.com"),
    DemoPerson("Oskar Lind", email="oskar@example.com"),
)

# What people type or paste into a name field, sooner or later.
SCRIPT_NAME = "<script>alert(1)</script> O'Neil"
BACKWARDS = "Nora \u202etxet sdrawkcab\u202c Haddad"
LONG_NAME = ("Wilhelmina-Alexandra Konstantinopoulou-Featherstonehaugh"
             " von und zu Hohenzollern-Sigmaringen-Oberschwaben Jr.")
FORMULA = "=SUM(A1:A9) Weber"

TORONTO = (
    DemoPerson("Uli Brandt", "4165550101", "uli@example.com"),
    DemoPerson("Ben Okafor", "4165550102", "ben@example.com"),
    DemoPerson("Rita Sandoval", "4165550104", "rita@example.com", auditor=True),
    DemoPerson("Grace Kim", "4165550105"),
    DemoPerson("Priya Nair", "4165550107"),
    DemoPerson("Noah Fraser", "4165550108", app=""),
    DemoPerson("Mateo Silva", "4165550160", app="42.30"),
    DemoPerson(FORMULA, "4165550161", "hannah.weber@example.com"),
    DemoPerson("Omar Haddad", "4165550162", app=""),
    DemoPerson(SCRIPT_NAME, "4165550163", "script.oneil@example.com"),
    DemoPerson(LONG_NAME, "4165550164", "wilhelmina.alexandra@example.com"),
    DemoPerson(BACKWARDS, "4165550165", "nora.haddad@example.com"),
    DemoPerson("Zoé Lefèvre", "4165550166", "zoe.lefevre@example.com"),
    DemoPerson("Amara Nwosu", "4165550167", app="", invited=True),
    DemoPerson("Tom Becker", "4165550168", app="", invited=True),
    DemoPerson("Victor Lund", "4165550169", app="42.9"),
    DemoPerson("Ingrid Solberg", "4165550170", app="41.30"),
    DemoPerson("Pavel Novák", "4165550171", "pavel.novak@example.com"),
    DemoPerson("Marta Kowalska", "4165550172", own=False),
    DemoPerson("Samir Aziz", "4165550173", own=False),
    DemoPerson("Julia Roth", "4165550179", app="", invited=True, claimed=True),
    DemoPerson("Henry Osei", "4165550174"),
    DemoPerson("Diane Marchand", "8335550160"),
    DemoPerson("Leo Park", "4165550175"),
    DemoPerson("Frank Doyle", "4165550176"),
)
MONTREAL = (
    DemoPerson("Chloe Gagnon", "5145550160", "chloe@example.com"),
    DemoPerson("Liam Tremblay", "5145550161", app="42.12"),
)
BOSTON = (
    DemoPerson("Emily Carter", "6175550160", own=True),
    DemoPerson("Jack Sullivan", "6175550161", own=True),
    DemoPerson("Sofia Rossi", "6175550162", own=True),
    DemoPerson("Daniel Cohen", "6175550163"),
    DemoPerson("Olivia Brooks", "6175550164"),
    DemoPerson("Ryan O'Brien", "6175550165", "ryan.obrien@example.com"),
    DemoPerson("Karen Walsh", "6175550166"),
)
HALIFAX = (
    DemoPerson("Fiona MacLeod", "9025550160"),
    DemoPerson("Angus Campbell", "9025550161", own=True),
    DemoPerson("Beth Landry", "9025550162"),
    DemoPerson("Colin Boudreau", "9025550163", app=""),
    DemoPerson("Nadia Petrov", app="", invited=True),
)

WEEKDAYS = OpeningHours(OpenSpan(time(8), time(17)), OpenSpan(time(9), time(12)))
CUSTOMER = {
    "customer_type": CustomerType.ENTERPRISE, "calling_plan": True, "add_on": True, "healthcare": True,
    "campaign": Campaign.ACTIVE, "brand_tier": 10000,
}
# Maple Clinic gets one number in ten days, another one leaves in nine, and one has left.
COMING_NUMBER, LEAVING_NUMBER, GONE_NUMBER = "4165550178", "4165550162", "6175550167"
MAPLE = DemoOrganization(
    "Maple Clinic",
    DemoPerson("Ada Keller", "4165550103", "ada@example.com"),
    (
        DemoLocation("Toronto", "CA", "America/Toronto", Pstn.PROVIDER, TORONTO),
        DemoLocation("Halifax", "CA", "America/Halifax", Pstn.LOCAL_GATEWAY, HALIFAX),
        DemoLocation("Boston", "US", "America/New_York", Pstn.PROVIDER, BOSTON),
        DemoLocation("Montréal", "CA", "America/Toronto", Pstn.PROVIDER, MONTREAL, WEEKDAYS, AnswerLanguage.BOTH),
    ),
    ("4165550177", COMING_NUMBER, GONE_NUMBER),
    {**CUSTOMER, "reply_name": "Maple Clinic", "help_contact": "+1 416 555 0100",
     "mailing_address": "12 King Street West\nToronto ON  M5H 1A1", "telephone": "+1 416 555 0100",
     "privacy_contact": "privacy@maple.example"},
)
# Everything is in order but the HIPAA notice, which nobody there has confirmed.
HARBOR = DemoOrganization(
    "Harbor Health",
    DemoPerson("Otto Lang", "2065550160", "otto@example.com"),
    (
        DemoLocation("Seattle", "US", "America/Los_Angeles", Pstn.PROVIDER, (
            DemoPerson("Mia Castellano", "2065550161", "mia@example.com"),
            DemoPerson("Ruth Delgado", "2065550162"),
            DemoPerson("Peter Yamamoto", "2065550163"),
            DemoPerson("Carla Jensen", "2065550164", invited=True),
        ), WEEKDAYS),
    ),
    ("2065550165",),
    {**CUSTOMER, "brand_tier": 2000},
)
# A trial that looks eligible in every way but its type.
BOOKS = DemoOrganization(
    "Birch & Lane Books",
    DemoPerson("Tess Lindgren", "3125550160", "tess.lindgren@example.com"),
    (
        DemoLocation("Chicago", "US", "America/Chicago", Pstn.PROVIDER, (
            DemoPerson("Walt Erikson", "3125550161"),
            DemoPerson("Joy Abara", "3125550162"),
            DemoPerson("Ike Romano", "3125550163", app=""),
        )),
    ),
    ("3125550164",),
    {**CUSTOMER, "customer_type": CustomerType.TRIAL, "healthcare": False, "brand_tier": 1000},
)

# Whom to sign in as, and what there is to see.
DEMO_SIGN_INS = (
    (MAPLE.admin, "administrator of Maple Clinic, where texting is on"),
    (TORONTO[0], "user at Maple Clinic"),
    (TORONTO[1], "user at Maple Clinic"),
    (TORONTO[2], "auditor of Maple Clinic: sees what administrators see, changes nothing"),
    (HARBOR.admin, "administrator of Harbor Health, where the HIPAA notice waits"),
    (HARBOR.sites[0].people[0], "user at Harbor Health"),
    (MONTREAL[0], "user at Maple Clinic in Montréal, where texts are answered in French and English"),
    (OPERATORS[0], "operator"),
    (OPERATORS[1], "operator"),
)
