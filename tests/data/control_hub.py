"""An invented user export of Control Hub, as believable as it is faulty, and the same on every run.

`python -m tests.data.control_hub > users.csv` writes it to look at. Every number is from the range that
is kept free for stories (555-01XX), every address ends in example.com.
"""

import csv
import io
import random
import sys
from dataclasses import dataclass, field

SERVICES = (
    "Webex Messaging", "Webex Meetings", "Webex Calling Professional", "Webex Calling Standard",
    "Business Texting", "Hybrid Calendar (Google)", "Hybrid Message (Suspended)", "Webex Events (Suspended)",
    "Slido", "Vidcast",
)
COLUMNS = (
    "First Name", "Last Name", "Display Name", "User ID/Email (Required)", "User Status",
    "Days since Last Service Accessed", "Last Service Accessed Time", "Extension", "Phone Number", "Location",
    "Caller ID Number", "Caller ID First Name", "Caller ID Last Name", "Title", "Department", "Manager",
    "Address Type", "Address Street", "Address City", "Address State", "Address Zip Code", "Address Country",
    "Preferred Language", "Time zone", *SERVICES,
)
FIRST = ("Anna", "Björn", "Chloé", "Dmitri", "Élodie", "Farid", "Grete", "Håkon", "Inés", "Jürgen", "Kofi", "Léa",
         "Malin", "Noor", "Óscar", "Priya", "Quentin", "Rosa", "Søren", "Tamsin", "Ulla", "Vikram", "Wanda", "Zoë")
LAST = ("Müller", "O'Neil", "Nuñez", "Groß", "Lefèvre", "Ångström", "Kowalski", "Okonkwo", "Tran", "MacLeod",
        "de la Cruz", "Señor", "Weiß", "Brandão", "Castellano-Ruiz", "Fitzgerald")
AREAS = ("416", "647", "905", "902", "613", "604", "514", "403")
SPELLINGS = ("({area}) {office}-{line}", "+1{area}{office}{line}", "{area}{office}{line}", "1 {area} {office} {line}",
             "1{area}{office}{line}", "{area}.{office}.{line}", "+1 {area}-{office}-{line}", "{area}-{office}-{line}")
LANGUAGES = ("en_US", "en_GB", "fr_CA", "de_DE", "pl_PL", "")
ZONES = ("America/Toronto", "America/Halifax", "America/Vancouver", "Mars/Olympus_Mons", "")
STATUSES = ("Active", "Verified", "Not Verified", "Invite Pending", "Inactive", "")

# Every how many rows something is wrong, and what.
FAULTS = {
    23: "unknown-location", 29: "spreadsheet", 31: "no-area-code", 37: "duplicate-address", 41: "duplicate-number",
    43: "no-address", 47: "no-location",
}


@dataclass
class Line:
    """A row of the file, and what is wrong with it on purpose ("" for nothing)."""

    cells: dict[str, str]
    fault: str = ""
    e164: str = ""


@dataclass
class Book:
    """The rows of a file."""

    lines: list[Line] = field(default_factory=list)

    def of(self, fault: str) -> list[Line]:
        """The rows with this fault; "" for the good ones."""
        return [line for line in self.lines if line.fault == fault]

    def write(self, encoding: str = "cp1252", separator: str = ";") -> bytes:
        """The file, with the line ends of Windows."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, COLUMNS, delimiter=separator)
        writer.writeheader()
        writer.writerows(line.cells for line in self.lines)
        return text.getvalue().encode(encoding)


def book(many: int = 320, locations: tuple[str, ...] = ("Toronto", "HALIFAX ")) -> Book:
    """`many` rows about people whom nobody knows yet, who work at these locations."""
    dice, made = random.Random(20), Book()
    for index in range(1, many + 1):
        line = _person(dice, index, locations)
        line.fault = next((fault for every, fault in FAULTS.items() if index % every == 0), "")
        _spoil(line, made)
        made.lines.append(line)
    return made


def _person(dice: random.Random, index: int, locations: tuple[str, ...]) -> Line:
    first, last = dice.choice(FIRST), dice.choice(LAST)
    parts = {"area": AREAS[index % len(AREAS)], "office": "555", "line": f"01{(index // len(AREAS) + 10) % 100:02}"}
    address = f"user{index}@example.com"
    cells = dict.fromkeys(COLUMNS, "") | {service: dice.choice(("TRUE", "FALSE")) for service in SERVICES} | {
        "First Name": first, "Last Name": last, "Display Name": dice.choice((f"{first} {last}", "")),
        "User ID/Email (Required)": dice.choice((address, address.title())),
        "User Status": dice.choice(STATUSES),
        "Days since Last Service Accessed": str(dice.randrange(90)),
        "Last Service Accessed Time": f"2026-11-{dice.randrange(1, 22):02}T08:00:00Z",
        "Extension": str(dice.randrange(1000, 9999)),
        "Phone Number": dice.choice(SPELLINGS).format(**parts) if dice.random() < 0.8 else "",
        "Location": dice.choice(locations),
        "Title": dice.choice(("Nurse; night shift", 'Head of "Care"', "Clerk,\r\nreception", "=Director", "")),
        "Address Street": dice.choice(("12 King St\r\nSuite 4", "")),
        "Preferred Language": dice.choice(LANGUAGES), "Time zone": dice.choice(ZONES),
    }
    e164 = "+1{area}{office}{line}".format(**parts) if cells["Phone Number"] else ""
    return Line(cells, e164=e164)


def _spoil(line: Line, before: Book) -> None:
    """Put the fault in; the first user gets none, because there is no earlier one to repeat."""
    cells, good = line.cells, before.of("")
    numbered = [one for one in good if one.e164]
    wrong = {
        "unknown-location": {"Location": "Atlantis"},
        "spreadsheet": {"Phone Number": "1.41697E+10"},
        "no-area-code": {"Phone Number": "123-456-7890"},
        "duplicate-address": {"User ID/Email (Required)": good[-1].cells["User ID/Email (Required)"].upper()
                              if good else ""},
        "duplicate-number": {"Phone Number": numbered[-1].e164.removeprefix("+") if numbered else ""},
        "no-address": {"User ID/Email (Required)": ""},
        "no-location": {"Location": ""},
    }
    cells.update(wrong.get(line.fault, {}))


if __name__ == "__main__":
    sys.stdout.buffer.write(book().write())
