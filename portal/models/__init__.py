"""The tables. They inherit from `Model`; `Moment` and `choice_type` are types of their columns."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import DateTime, Enum, TypeDecorator, text

from portal import lengths
from portal.extensions import Base, db

if TYPE_CHECKING:

    class Model(Base):
        """db.Model, for the type checker, which cannot see through it."""

        __abstract__ = True
else:
    Model = db.Model

Choice = TypeVar("Choice", bound=StrEnum)


def _as_it_is(value: Any) -> Any:
    return value


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no zone, so it is put on again when read."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuses a moment without a zone rather than guess one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def result_processor(self, dialect: Any, coltype: object) -> Callable[[Any], datetime | None]:
        """Puts on the zone that was taken off.

        SQLAlchemy would rather have `process_result_value`, with three calls for each value; a page reads two hundred.
        """
        read: Callable[[Any], Any] = self.impl_instance.result_processor(dialect, coltype) or _as_it_is
        return lambda value: value and read(value).replace(tzinfo=UTC)


def choice_type(kind: type[Choice], name: str = "") -> Enum:
    """A column that holds one value of an enum, as its word, checked by the database.

    `name` is that of the check, for enums that are called otherwise by now.
    """
    words: Callable[[type[StrEnum]], list[str]] = lambda enum: [member.value for member in enum]  # noqa: E731
    return Enum(kind, native_enum=False, create_constraint=True, values_callable=words, length=lengths.ENUM_WORD,
                name=name or kind.__name__.lower(), validate_strings=True)


def rows_where(condition: str, on_postgresql: str = "") -> dict[str, Any]:
    """For an index of some rows only: which ones, in SQL, and where a truth value is asked, in PostgreSQL's."""
    return {"sqlite_where": text(condition), "postgresql_where": text(on_postgresql or condition)}


from .answers import UnreadAnswer  # noqa: E402 - the tables need what stands above
from .audit import AuditEvent  # noqa: E402
from .carrier_blocks import CarrierBlock  # noqa: E402
from .carriers import ArrivedPart, CarrierRecord, HandOver  # noqa: E402
from .consents import ConsentEnding, ConsentRecord  # noqa: E402
from .decisions import OptOutDecision  # noqa: E402
from .drafts import KeptDraft  # noqa: E402
from .imports import (  # noqa: E402
    CLOSED_ROWS,
    UNCHECKED_UPLOADS,
    WORKING_STATES,
    WORKING_UPLOADS,
    ContentState,
    ImportRow,
    Inventory,
    RowOutcome,
    RowUndone,
    Upload,
    UploadContent,
    UploadState,
)
from .left_owners import LEAVING  # noqa: E402, F401 - the tables get their triggers
from .long_changes import ChangeStage, LongChange, LongChangeUser  # noqa: E402
from .messages import (  # noqa: E402
    Arrival,
    ArrivalOutcome,
    BrandDay,
    CallReason,
    Conversation,
    Direction,
    Message,
    OptOut,
    OptOutSource,
    OptOutState,
    Receipt,
    TextState,
    WebAsk,
)
from .organizations import Claim, Location, Number, Organization, RefusedAddress  # noqa: E402
from .people import AccountState, Acknowledgement, KeptForm, SignInLink, SignInSession, User  # noqa: E402
from .profile_counts import ProfileCount  # noqa: E402
from .quarter_counts import QuarterCount  # noqa: E402
from .records import RecordsConcern, RecordsRequest, RetentionHold, StandIn  # noqa: E402
from .reports import Case, CaseEntry, Evidence, Report  # noqa: E402
from .restrictions import Appeal, Restriction  # noqa: E402
from .settings import PortalMark, Setting, TokenBucket  # noqa: E402
from .undos import UndoKind, UndoOffer  # noqa: E402
from .user_facts import FACTS_ANEW, facts_of_user  # noqa: E402

__all__ = [
    "CLOSED_ROWS",
    "FACTS_ANEW",
    "UNCHECKED_UPLOADS",
    "WORKING_STATES",
    "WORKING_UPLOADS",
    "AccountState",
    "Acknowledgement",
    "Appeal",
    "Arrival",
    "ArrivalOutcome",
    "ArrivedPart",
    "AuditEvent",
    "BrandDay",
    "CallReason",
    "CarrierBlock",
    "CarrierRecord",
    "Case",
    "CaseEntry",
    "ChangeStage",
    "Claim",
    "ConsentEnding",
    "ConsentRecord",
    "ContentState",
    "Conversation",
    "Direction",
    "Evidence",
    "HandOver",
    "ImportRow",
    "Inventory",
    "KeptDraft",
    "KeptForm",
    "Location",
    "LongChange",
    "LongChangeUser",
    "Message",
    "Model",
    "Moment",
    "Number",
    "OptOut",
    "OptOutDecision",
    "OptOutSource",
    "OptOutState",
    "Organization",
    "PortalMark",
    "ProfileCount",
    "QuarterCount",
    "Receipt",
    "RecordsConcern",
    "RecordsRequest",
    "RefusedAddress",
    "Report",
    "Restriction",
    "RetentionHold",
    "RowOutcome",
    "RowUndone",
    "Setting",
    "SignInLink",
    "SignInSession",
    "StandIn",
    "TextState",
    "TokenBucket",
    "UndoKind",
    "UndoOffer",
    "UnreadAnswer",
    "Upload",
    "UploadContent",
    "UploadState",
    "User",
    "WebAsk",
    "choice_type",
    "facts_of_user",
    "rows_where",
]
