"""What people have typed, and what the portal has drawn by lot: the data that pages show as they are."""

import csv
from collections.abc import Iterator

from flask import Flask
from sqlalchemy import select

from portal.extensions import db
from portal.marks import StoredWords
from portal.models import Inventory, UploadContent
from portal.web.reader import list_zone_names
from portal.wording.stored import KEYS_OF_EARLIER_ENGLISH

# Columns, in whatever table, that hold what a person typed, a name that a browser or a file has, or a reference.
TYPED = frozenset({
    "name", "reply_name", "help_contact", "mailing_address", "telephone", "privacy_contact", "email", "browser",
    "actor_name", "subject_name", "done_by", "said_by", "secrets_by", "app_version",
    "proof", "reason", "note", "lifted_note", "said", "answer", "words", "body", "file_name", "ref", "token",
})
# The portal's own words in these columns are no data.
OURS = frozenset({*map(str, StoredWords), *KEYS_OF_EARLIER_ENGLISH})


def typed_words(app: Flask) -> set[str]:
    """Everything that was typed into the database of the application."""
    with app.app_context():
        return {value for value in [*_columns(), *_files()] if value and value not in OURS}


def _columns() -> Iterator[str]:
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if column.name in TYPED and column.type.python_type is str:
                yield from db.session.scalars(select(column).distinct())


def _files() -> Iterator[str]:
    """The cells of uploaded files, but for their headings."""
    for kind in (UploadContent, Inventory):
        for content in db.session.scalars(select(kind.content).where(kind.content.is_not(None))):
            for row in list(csv.reader(content.decode().splitlines()))[1:]:
                yield from row


ZONES = frozenset(zone.replace("_", " ") for zone in list_zone_names())
# Also as lists name them: "Tell City, Indiana" for "America/Indiana/Tell City".
ZONE_NAMES = ZONES | {", ".join(reversed(zone.split("/")[1:])) for zone in ZONES}
