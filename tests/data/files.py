"""Small files of users, written for one test."""

import csv
import io

EMAIL = "User ID/Email (Required)"


def user_csv(*rows: dict[str, str], encoding: str = "utf-8", separator: str = ",", ending: str = "\r\n") -> bytes:
    """A file with the columns that the rows name: `users({EMAIL: "a@example.com", "Location": "HQ"})`."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="", delimiter=separator, lineterminator=ending)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def table(content: bytes) -> list[dict[str, str]]:
    """A downloaded file, row by row."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
