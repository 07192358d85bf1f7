"""Files that were uploaded: users and opt-outs to import, and inventories of numbers."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import make_ref, now

from . import Model, Moment, choice_type, rows_where


class UploadState(StrEnum):
    """How far an uploaded file of users is. A background process checks long files, imports all, and undoes imports."""

    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    UNDOING = "undoing"
    UNDONE = "undone"


class RowOutcome(StrEnum):
    """What the import does with a row. `CONFLICT`: the record changed after the dry run was shown."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"
    CONFLICT = "conflict"


class RowUndone(StrEnum):
    """What Undo did with a row: the user has the old values again, was closed again, or was left as others made them.
    """

    RESTORED = "restored"
    CLOSED = "closed"
    LEFT = "left"


class ContentState(StrEnum):
    """Whether an uploaded file is still there. `UNREADABLE`: it is, and could not be read when it was checked again."""

    KEPT = "kept"
    UNREADABLE = "unreadable"
    ERASED = "erased"


WORKING_STATES = (UploadState.IMPORTING, UploadState.UNDOING)
# Conditions of indexes, which SQLite uses only for a question that says the same.
WORKING_UPLOADS, CLOSED_ROWS = "state IN ('importing', 'undoing')", "undone = 'closed'"
UNCHECKED_UPLOADS = "state = 'checking' AND NOT opt_outs AND content_state = 'kept'"


class Upload(Model):
    """An uploaded file between its dry run and its end; its `UploadContent` goes after seven days, or for newer files.

    `size` is that of the content in bytes, also once it has gone.
    `done` holds the counts once the file was imported, and the ids of users who were created.

    Of a file with users, `checked` says how it was read and what it would do, `seal` stands for all of that, and each
    row is an `ImportRow` for as long as the content. `total` rows are to be checked, imported or undone, and `cursor`
    says how many of them are done: each step of the work stores both the users and the cursor in one commit.
    `begun_by_id` is who ordered the last of check, import and Undo, and `as_operator` whether with an operator's
    rights. While a file is checked, `checked_at` is the check's last sign of life.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        Index("ix_uploads_work", "id", **rows_where(WORKING_UPLOADS)),
        Index("ix_uploads_unchecked", "id", **rows_where(UNCHECKED_UPLOADS)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    file_name: Mapped[str] = mapped_column(String(lengths.FILE_NAME))
    content_state: Mapped[ContentState] = mapped_column(choice_type(ContentState), default=ContentState.KEPT,
                                                        server_default="kept")
    size: Mapped[int] = mapped_column(default=0, server_default="0")
    imported_at: Mapped[datetime | None] = mapped_column(Moment)
    # It holds opt-outs; otherwise users.
    opt_outs: Mapped[bool] = mapped_column(default=False, server_default=false())
    done: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    links_given: Mapped[bool] = mapped_column(default=False)
    state: Mapped[UploadState] = mapped_column(choice_type(UploadState), default=UploadState.CHECKING,
                                               server_default="checking")
    checked: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    checked_at: Mapped[datetime | None] = mapped_column(Moment)
    seal: Mapped[str] = mapped_column(String(lengths.HEX_HASH), default="", server_default="")
    total: Mapped[int] = mapped_column(default=0, server_default="0")
    cursor: Mapped[int] = mapped_column(default=0, server_default="0")
    begun_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    as_operator: Mapped[bool] = mapped_column(default=False, server_default=false())
    undone_at: Mapped[datetime | None] = mapped_column(Moment)


class UploadContent(Model):
    """The bytes of an uploaded file, apart from its `Upload`: with every change of a row SQLite writes it all anew."""

    __tablename__ = "upload_contents"

    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id"), primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRow(Model):
    """One row of an uploaded file of users: what it would do or did, and what it takes to undo that.

    `position` is its place in the work, where a user gives a number up before another one gets it; `together` says
    that it is imported in one commit with the row before. Rows that are not imported come last. `asked` is the row as
    it was read, `mark` a hash of what it would do, `said` what there is to say about it: its problems if it is left
    out, else its changes. `before` holds the values that it has replaced. `leaver`: the person is inactive in the file
    and active here.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        Index("ix_import_rows_outcome", "upload_id", "outcome", "line"),
        Index("ix_import_rows_leavers", "upload_id", "line", **rows_where("leaver")),
        Index("ix_import_rows_undone", "upload_id", "undone", "line", **rows_where("undone IS NOT NULL")),
        Index("ix_import_rows_closed", "user_id", **rows_where(CLOSED_ROWS)),
    )

    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int]
    outcome: Mapped[RowOutcome] = mapped_column(choice_type(RowOutcome))
    together: Mapped[bool] = mapped_column(default=False)
    leaver: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(String(lengths.USER_NAME))
    email: Mapped[str] = mapped_column(String(lengths.EMAIL_ADDRESS))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    mark: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    said: Mapped[list[Any]] = mapped_column(JSON, default=list)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    undone: Mapped[RowUndone | None] = mapped_column(choice_type(RowUndone))


class Inventory(Model):
    """An uploaded list of the numbers that the provider gave to organizations; `content` goes after seven days.

    `done` holds the counts once it was carried out.
    """

    __tablename__ = "inventories"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime] = mapped_column(Moment, default=now)
    file_name: Mapped[str] = mapped_column(String(lengths.FILE_NAME))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    done: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
