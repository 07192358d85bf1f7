"""The demo: a believable portal to look around in, and how to get into it."""

import secrets

from sqlalchemy import select

from portal.config import Settings
from portal.extensions import db, now, writing
from portal.models import PortalMark, User
from portal.services.accounts import demo_people, passwords
from portal.services.upkeep import housekeeping

from . import consents, reports, story
from .cast import DEMO_SIGN_INS
from .diary import Diary

# Short words that nobody misreads when typing them from a terminal.
PASSWORD_WORDS = (
    "amber", "basin", "birch", "brook", "candle", "canyon", "cedar", "clover", "copper", "coral",
    "crane", "delta", "ember", "fern", "field", "flint", "forest", "garden", "ginger", "glacier",
    "harvest", "hazel", "island", "ivory", "jasper", "juniper", "lagoon", "lantern", "linen",
    "marble", "meadow", "mellow", "meteor", "nectar", "oak", "ocean", "olive", "orchard", "otter",
    "pebble", "pepper", "pine", "plum", "prairie", "quartz", "raven", "reed", "river", "saffron",
    "sage", "salmon", "silver", "sparrow", "spruce", "stone", "summit", "thistle", "timber",
    "tulip", "valley", "velvet", "walnut", "willow", "winter",
)
# Invented customers have a provider with a name; the setting of that name still wins.
PROVIDER = "Cisco"
COMMAND = ".venv/bin/flask --app wsgi admin"


def build_demo(settings: Settings) -> str:
    """Fill an empty portal with the demo; returns the accounts and their password, to be printed once."""
    password = settings.demo_password or make_memorable_password()
    hashed = passwords.HASHER.hash(password)
    # First of all: from here on the portal refuses to serve others, even if the rest does not come.
    with writing() as session:
        session.add(PortalMark(name="demo", value=now().isoformat()))
    with Diary(now()) as diary:
        story.tell_story(diary, hashed)
    consents.write_consents(now())
    reports.write_cases(now())
    _offer_people()
    return f"{_accounts()}\nPassword of all demo accounts: {password}"


def make_memorable_password() -> str:
    """A password that can be read off a screen and typed: four words."""
    return "-".join(secrets.choice(PASSWORD_WORDS) for _ in range(4))


def print_welcome(settings: Settings) -> None:
    """Print how to get in: the demo's accounts, or the command that makes the first one."""
    if not passwords.any_account_exists():
        print("There is no account yet. Make yours, the first operator, with:")
        print(f"  {COMMAND} create you@example.com")
    elif housekeeping.is_demo_database():
        print(f"{_accounts()}\n{_about_password(settings)}")


def _offer_people() -> None:
    """Note whom the sign-in page offers."""
    addresses = [one.address for one, _role in DEMO_SIGN_INS]
    found = db.session.execute(select(User.email_key, User.ref).where(User.email_key.in_(addresses)))
    refs = {row.email_key: row.ref for row in found}
    with writing() as session:
        session.add(PortalMark(name=demo_people.PEOPLE_MARK,
                               value=" ".join(refs[one] for one in addresses if one in refs)))


def _accounts() -> str:
    addresses = {one.address: role for one, role in DEMO_SIGN_INS}
    found = db.session.execute(select(User.email_key, User.name).where(User.email_key.in_(addresses)))
    names = {row.email_key: row.name for row in found}
    here = [(address, names[address], role) for address, role in addresses.items() if address in names]
    lines = [f"  {address:20}{name:16}{role}" for address, name, role in here]
    return "\n".join(("Demo accounts:", *lines))


def _about_password(settings: Settings) -> str:
    if _opens(settings.demo_password):
        return "Password of all demo accounts: the one in DEMO_PASSWORD."
    return ("The password was printed when the demo was made; set DEMO_PASSWORD before the first start to"
            f" choose it.\nLost it? This makes a link to choose a new one: {COMMAND} link ada@example.com")


def _opens(password: str) -> bool:
    """Whether the demo was made with this password; it may have been set only afterwards."""
    ada = db.session.scalars(select(User).where(User.email_key == DEMO_SIGN_INS[0][0].address)).first()
    return bool(password) and ada is not None and passwords.check_password(ada, password)
