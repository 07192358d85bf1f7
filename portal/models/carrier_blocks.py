"""Blocks of carriers: one of our numbers cannot text one outside number."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import now

from . import Model, Moment


class CarrierBlock(Model):
    """A carrier refused a text from this number to `theirs` because it got a STOP; in force until their START to it."""

    __tablename__ = "carrier_blocks"
    __table_args__ = (UniqueConstraint("organization_id", "theirs", "number_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    number_id: Mapped[int] = mapped_column(ForeignKey("numbers.id"))
    theirs: Mapped[str] = mapped_column(String(lengths.OUTSIDE_NUMBER))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
