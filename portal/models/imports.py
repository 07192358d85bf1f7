"""Files that were uploaded: users and opt-outs to import, and inventories of numbers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import make_ref, now

from . import Model, Moment


class Upload(Model):
    """An uploaded file between its dry run and its end; `content` goes after seven days, or for newer files.

    `size` is that of the content in bytes, also once it has gone.
    `done` holds the counts once the file was imported, and the ids of users who were created.
    """

    __tablename__ = "uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    file_name: Mapped[str] = mapped_column(String(lengths.FILE_NAME))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    size: Mapped[int] = mapped_column(default=0, server_default="0")
    imported_at: Mapped[datetime | None] = mapped_column(Moment)
    # It holds opt-outs; otherwise users.
    opt_outs: Mapped[bool] = mapped_column(default=False, server_default=false())
    done: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    links_given: Mapped[bool] = mapped_column(default=False)


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
