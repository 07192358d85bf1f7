"""A believable user export of Control Hub with 20,000 rows, the same at every run, with all traps of such files.

`python -m bench.control_hub_file > users.csv` writes it to look at. People of three offices with the columns of the
real export, one column for each service included; numbers spelled in eight ways; and in some rows what spreadsheets and
people do to such files. The numbers are invented, +1 416 200 0000 and up.
"""

import csv
import io
import random
import sys
from collections import Counter
from collections.abc import Iterator

ROWS, SEED = 20_000, 17
PLACES = ("Toronto", "HALIFAX ", "toronto")
SERVICES = ("Webex Messaging", "Webex Meetings", "Webex Calling Professional", "Webex Calling Standard",
            "Business Texting", "Hybrid Calendar (Google)", "Hybrid Message (Suspended)", "Webex Events (Suspended)",
            "Slido", "Vidcast", "Webex Contact Center", "Webex Webinars 1000")
COLUMNS = ("First Name", "Last Name", "Display Name", "User ID/Email (Required)", "User Status",
           "Days since Last Service Accessed", "Last Service Accessed Time", "Extension", "Phone Number", "Location",
           "Caller ID Number", "Caller ID First Name", "Caller ID Last Name", "Title", "Department", "Manager",
           "Address Type", "Address Street", "Address City", "Address State", "Address Zip Code", "Address Country",
           "Preferred Language", "Time zone", *SERVICES)
FIRST = ("Anna", "Björn", "Chloé", "Dmitri", "Élodie", "Farid", "Grete", "Håkon", "Inés", "Jürgen", "Kofi", "Léa",
         "Malin", "Noor", "Óscar", "Priya", "Quentin", "Rosa", "Søren", "Tamsin", "Ulla", "Vikram", "Wanda", "Zoë")
LAST = ("Müller", "O'Neil", "Nuñez", "Groß", "Lefèvre", "Ångström", "Kowalski", "Okonkwo", "Tran", "MacLeod",
        "de la Cruz", "Señor", "Weiß", "Brandão", "Castellano-Ruiz", "Fitzgerald", "Smith, Jr.", "Łukasik")
SPELLINGS = ("({0}) {1}-{2}", "+1{0}{1}{2}", "{0}{1}{2}", "1 {0} {1} {2}", "1{0}{1}{2}", "{0}.{1}.{2}",
             "+1 {0}-{1}-{2}", "{0}-{1}-{2}")
TITLES = ("Nurse; night shift", 'Head of "Care"', "Clerk,\r\nreception", "=Director", "-", "@desk", "Analyst", "", "")
STREETS = ("12 King St\r\nSuite 4", "100 Queen St W", "5 Barrington St", "")
STATUSES = ("Active", "Active", "Verified", "Not Verified", "Invite Pending", "Inactive", "")
# Every how many rows something is wrong, and what stands in which column then.
FAULTS = {
    211: ("Location", "Atlantis"), 223: ("Phone Number", "1.41697E+10"), 227: ("Phone Number", "123-456-7890"),
    229: ("User ID/Email (Required)", "USER1@example.com"), 233: ("Phone Number", "416 200 0001"),
    239: ("User ID/Email (Required)", ""), 241: ("Location", ""), 251: ("Phone Number", "911"),
    257: ("User ID/Email (Required)", "not an address"),
}


def fault_of_row(row: int) -> str:
    """The column in which something is wrong on purpose in a row, from 1; "" for a good row."""
    return next((column for every, (column, _cell) in FAULTS.items() if row % every == 0), "")


def count_good_rows(rows: int) -> int:
    """How many of the first rows are good."""
    return Counter(map(fault_of_row, range(1, rows + 1)))[""]


def write_export(rows: int = ROWS, encoding: str = "utf-8-sig", separator: str = ",") -> bytes:
    """The file, with the line ends of Windows; the first rows are the same however many there are."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, delimiter=separator)
    writer.writeheader()
    writer.writerows(_people(rows))
    return text.getvalue().encode(encoding)


def _people(rows: int) -> Iterator[dict[str, str]]:
    dice = random.Random(SEED)  # noqa: S311 - nothing secret
    for row in range(1, rows + 1):
        cells = _person(dice, row)
        for every, (column, cell) in FAULTS.items():
            if row % every == 0:
                cells[column] = cell
                break
        yield cells


def _person(dice: random.Random, row: int) -> dict[str, str]:
    first, last = dice.choice(FIRST), dice.choice(LAST)
    address, number = f"user{row}@example.com", ("416", f"{200 + row // 10_000}", f"{row % 10_000:04}")
    return {
        **dict.fromkeys(COLUMNS, ""), **{service: dice.choice(("TRUE", "FALSE")) for service in SERVICES},
        "First Name": first, "Last Name": last, "Display Name": dice.choice((f"{first} {last}", "")),
        "User ID/Email (Required)": dice.choice((address, address.title())), "User Status": dice.choice(STATUSES),
        "Days since Last Service Accessed": str(dice.randrange(90)),
        "Last Service Accessed Time": f"2026-11-{dice.randrange(1, 22):02}T{dice.randrange(24):02}:00:00Z",
        "Extension": str(dice.randrange(1000, 9999)),
        "Phone Number": dice.choice(SPELLINGS).format(*number) if dice.random() < 0.8 or row == 1 else "",
        "Location": dice.choice(PLACES), "Title": dice.choice(TITLES),
        "Department": dice.choice(("Care", "Sales, CA", "IT")),
        "Address Street": dice.choice(STREETS), "Address City": "Toronto", "Address Country": "CA",
        "Preferred Language": dice.choice(("en_US", "en_GB", "fr_CA", "de_DE", "pl_PL", "tlh", "")),
        "Time zone": dice.choice(("America/Toronto", "America/Halifax", "America/Vancouver", "Mars/Olympus_Mons", "")),
    }


if __name__ == "__main__":
    sys.stdout.buffer.write(write_export())
