"""Users from a file: read it, plan what it would do, do it, and write the same file out again.

`decoding` turns bytes into text, `reading` text into lines, `rows` lines into typed rows: they know no
database. `planning` holds the rows against the organization, `writing` carries a plan out, `uploads` keeps the
files in between, `exporting` writes files.
"""

from .columns import ImportColumn
from .decoding import UnreadableFile
from .exporting import error_file, link_file, template_file, user_file
from .link_mail import MailedLinks, mail_links
from .planning import ImportPlan, ImportTerms
from .reading import MOST_COLUMNS, MOST_ROWS
from .rows import RowProblem
from .steps import RowChange, RowOutcome, RowPlan
from .uploads import (
    AlreadyDone,
    CheckedUpload,
    check_upload,
    find_upload,
    give_links,
    import_upload,
    list_recent_uploads,
    store_upload,
)

__all__ = [
    "MOST_COLUMNS",
    "MOST_ROWS",
    "AlreadyDone",
    "CheckedUpload",
    "ImportColumn",
    "ImportPlan",
    "ImportTerms",
    "MailedLinks",
    "RowChange",
    "RowOutcome",
    "RowPlan",
    "RowProblem",
    "UnreadableFile",
    "check_upload",
    "error_file",
    "find_upload",
    "give_links",
    "import_upload",
    "link_file",
    "list_recent_uploads",
    "mail_links",
    "store_upload",
    "template_file",
    "user_file",
]
