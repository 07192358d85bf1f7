"""Users from a file: read it, plan what it would do, do it, and write the same file out again.

`decoding` turns bytes into text, `reading` text into lines, `rows` lines into typed rows: they know no
database. `planning` holds the rows against the organization, `checks` keeps the plan (`stored_rows`, in the order of
`work_order`), ordered by `check_work`, and `import_work` carries it out by `writing`, a thousand rows in a commit.
`undo_work` takes it back (`reversed_rows`, from `replaced_values`); `long_imports` says what is in work. Both read and
write users by `known_people`. `uploads` keeps the files in between and `kept_files` reads them again, `results` reads
what became of their rows, `exporting` writes files.
"""

from portal.models import RowOutcome, UploadState

from .check_work import check_next_upload, check_waiting_upload, find_waiting_upload, order_check
from .checks import AlreadyDone, check_upload
from .columns import ImportColumn
from .decoding import UnreadableFile
from .exporting import error_file, link_file, template_file, user_file
from .import_work import OtherWork
from .link_mail import MailedLinks, mail_links
from .long_imports import find_file_in_work, order_import, order_undo, step_file, work_on_imports
from .planning import ImportPlan, ImportTerms
from .reading import MOST_COLUMNS, MOST_ROWS
from .rows import RowProblem
from .steps import RowChange, RowPlan
from .undo_work import can_be_undone
from .uploads import find_upload, give_links, list_recent_uploads, store_upload

__all__ = [
    "MOST_COLUMNS",
    "MOST_ROWS",
    "AlreadyDone",
    "ImportColumn",
    "ImportPlan",
    "ImportTerms",
    "MailedLinks",
    "OtherWork",
    "RowChange",
    "RowOutcome",
    "RowPlan",
    "RowProblem",
    "UnreadableFile",
    "UploadState",
    "can_be_undone",
    "check_next_upload",
    "check_upload",
    "check_waiting_upload",
    "error_file",
    "find_file_in_work",
    "find_upload",
    "find_waiting_upload",
    "give_links",
    "link_file",
    "list_recent_uploads",
    "mail_links",
    "order_check",
    "order_import",
    "order_undo",
    "step_file",
    "store_upload",
    "template_file",
    "user_file",
    "work_on_imports",
]
