"""The demo's people and places. All of them are invented, and so are their 555-01xx numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.rules.facts import Campaign, CustomerType, Pstn

NEW_APP = "43.2"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody; `own` is their own word about texting, `number` the ten digits of their primary number.

    `claimed` says that only their administrator has said whose number it is.
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
        """Their e-mail address; most have one made from their name."""
        return self.email or ".".join(self.name.casefold().split()) + "@example.com"


@dataclass(frozen=True, slots=True)
class Site:
    """A location and who works there."""

    name: str
    country: str
    time_zone: str
    pstn: Pstn
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """An organization: its first admin works at its first site."""

    name: str
    admin: Person
    sites: tuple[Site, ...]
    free_numbers: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)


OPERATORS = (
    Person("Olga Weiss", email="olga@example.com"),
    Person("Oskar Lind", email="oskar@example.com"),
)

# What people type or paste into a name field, sooner or later.
SCRIPT = "<script>alert(1)</script> O'Neil"
BACKWARDS = "Nora \u202etxet sdrawkcab\u202c Haddad"
LONG = ("Wilhelmina-Alexandra Konstantinopoulou-Featherstonehaugh"
        " von und zu Hohenzollern-Sigmaringen-Oberschwaben Jr.")
FORMULA = "=SUM(A1:A9) Weber"

TORONTO = (
    Person("Uli Brandt", "4165550101", "uli@example.com"),
    Person("Ben Okafor", "4165550102", "ben@example.com"),
    Person("Rita Sandoval", "4165550104", "rita@example.com", auditor=True),
    Person("Grace Kim", "4165550105"),
    Person("Liam Tremblay", "4165550106", app="42.12"),
    Person("Priya Nair", "4165550107"),
    Person("Noah Fraser", "4165550108", app=""),
    Person("Chloe Gagnon", "4165550109"),
    Person("Mateo Silva", "4165550160", app="42.30"),
    Person(FORMULA, "4165550161", "hannah.weber@example.com"),
    Person("Omar Haddad", "4165550162", app=""),
    Person(SCRIPT, "4165550163", "script.oneil@example.com"),
    Person(LONG, "4165550164", "wilhelmina.alexandra@example.com"),
    Person(BACKWARDS, "4165550165", "nora.haddad@example.com"),
    Person("Zoé Lefèvre", "4165550166", "zoe.lefevre@example.com"),
    Person("Amara Nwosu", "4165550167", app="", invited=True),
    Person("Tom Becker", "4165550168", app="", invited=True),
    Person("Victor Lund", "4165550169", app="42.9"),
    Person("Ingrid Solberg", "4165550170", app="41.30"),
    Person("Pavel Novák", "4165550171", "pavel.novak@example.com"),
    Person("Marta Kowalska", "4165550172", own=False),
    Person("Samir Aziz", "4165550173", own=False),
    Person("Julia Roth", "4165550179", app="", invited=True, claimed=True),
    Person("Henry Osei", "4165550174"),
    Person("Diane Marchand", "8335550160"),
    Person("Leo Park", "4165550175"),
    Person("Frank Doyle", "4165550176"),
)
BOSTON = (
    Person("Emily Carter", "6175550160", own=True),
    Person("Jack Sullivan", "6175550161", own=True),
    Person("Sofia Rossi", "6175550162", own=True),
    Person("Daniel Cohen", "6175550163"),
    Person("Olivia Brooks", "6175550164"),
    Person("Ryan O'Brien", "6175550165", "ryan.obrien@example.com"),
    Person("Karen Walsh", "6175550166"),
)
HALIFAX = (
    Person("Fiona MacLeod", "9025550160"),
    Person("Angus Campbell", "9025550161", own=True),
    Person("Beth Landry", "9025550162"),
    Person("Colin Boudreau", "9025550163", app=""),
    Person("Nadia Petrov", app="", invited=True),
)

CUSTOMER = {
    "customer_type": CustomerType.ENTERPRISE, "calling_plan": True, "add_on": True, "healthcare": True,
    "campaign": Campaign.ACTIVE, "brand_tier": 10000,
}
MAPLE = Company(
    "Maple Clinic",
    Person("Ada Keller", "4165550103", "ada@example.com"),
    (
        Site("Toronto", "CA", "America/Toronto", Pstn.PROVIDER, TORONTO),
        Site("Halifax", "CA", "America/Halifax", Pstn.LOCAL_GATEWAY, HALIFAX),
        Site("Boston", "US", "America/New_York", Pstn.PROVIDER, BOSTON),
    ),
    ("4165550177", "4165550178", "6175550167"),
    CUSTOMER,
)
# Everything is in order but the HIPAA notice, which nobody there has confirmed.
HARBOR = Company(
    "Harbor Health",
    Person("Otto Lang", "2065550160", "otto@example.com"),
    (
        Site("Seattle", "US", "America/Los_Angeles", Pstn.PROVIDER, (
            Person("Mia Castellano", "2065550161", "mia@example.com"),
            Person("Ruth Delgado", "2065550162"),
            Person("Peter Yamamoto", "2065550163"),
            Person("Carla Jensen", "2065550164", invited=True),
        )),
    ),
    ("2065550165",),
    {**CUSTOMER, "brand_tier": 2000},
)
# A trial that looks eligible in every way but its type.
BOOKS = Company(
    "Birch & Lane Books",
    Person("Tess Lindgren", "3125550160", "tess.lindgren@example.com"),
    (
        Site("Chicago", "US", "America/Chicago", Pstn.PROVIDER, (
            Person("Walt Erikson", "3125550161"),
            Person("Joy Abara", "3125550162"),
            Person("Ike Romano", "3125550163", app=""),
        )),
    ),
    ("3125550164",),
    {**CUSTOMER, "customer_type": CustomerType.TRIAL, "healthcare": False, "brand_tier": 1000},
)

# Whom to sign in as, and what there is to see.
ROLES = (
    (MAPLE.admin, "administrator of Maple Clinic, where texting is on"),
    (TORONTO[0], "user at Maple Clinic"),
    (TORONTO[1], "user at Maple Clinic"),
    (TORONTO[2], "auditor of Maple Clinic: sees what administrators see, changes nothing"),
    (HARBOR.admin, "administrator of Harbor Health, where the HIPAA notice waits"),
    (HARBOR.sites[0].people[0], "user at Harbor Health"),
    (OPERATORS[0], "operator"),
    (OPERATORS[1], "operator"),
)
