"""How many callers rang in, half hour by half hour."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from dialer.db.base import Base, UtcDateTime


class InboundArrival(Base):
    """Callers who rang in at one PBX in one half hour, and for how much of it an engine listened."""

    __tablename__ = "inbound_arrival"

    pbx: Mapped[str] = mapped_column(String(60), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    callers: Mapped[int]
    seen_s: Mapped[float]
