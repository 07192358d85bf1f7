"""Mail to operators: once when something goes wrong, and once when it is good again.

A timer runs this in a process of its own (`flask doctor --mail`), because the worker cannot tell that it is silent,
nor the web server that it is down. The letter says what was found and what to do: no texts, numbers or secrets.
"""

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from portal.extensions import current_settings, db, draw_letters, now, writing
from portal.models import AccountState, PortalMark, User

from ..letters import connect_mail_server, hand_over_letter, write_letter
from .health import Health, HealthFinding, print_moment

# What comes and goes is told once: it counts as good only after it has been good for so long.
GOOD_AFTER = timedelta(minutes=15)
_PREFIX = "alarm "


class UnsentAlarm(Exception):
    """No operator got the letter; the next run tries again."""


@dataclass(frozen=True, slots=True)
class AlarmState:
    """Since when operators know that something is wrong, and since when it has been good again, if it is."""

    since: datetime
    good: datetime | None = None


def mail_alarms(findings: Mapping[str, HealthFinding]) -> int:
    """Write to all operators what is newly wrong and what has been good again for a quarter of an hour.

    Returns how many letters the mail server took: 0 without news. Raises UnsentAlarm.
    """
    held = _read_alarms()
    kept = _next_alarms(held, findings, now())
    begun, over = sorted(kept.keys() - held.keys()), sorted(held.keys() - kept.keys())
    sent = _send(_subject(begun, over), _words(findings, held, begun, over)) if begun or over else 0
    _store_alarms(held, kept)
    return sent


def _next_alarms(held: Mapping[str, AlarmState], findings: Mapping[str, HealthFinding],
                 moment: datetime) -> dict[str, AlarmState]:
    """What operators know after this run; what was not looked at stays as it was."""
    kept = dict(held)
    for name, one in findings.items():
        state = held.get(name)
        if one.health is Health.WRONG:
            kept[name] = AlarmState(state.since if state else moment)
        elif state and state.good and moment - state.good >= GOOD_AFTER:
            del kept[name]
        elif state:
            kept[name] = AlarmState(state.since, state.good or moment)
    return kept


def _read_alarms() -> dict[str, AlarmState]:
    """What operators were told, by the name of the check."""
    rows = db.session.scalars(select(PortalMark).where(PortalMark.name.startswith(_PREFIX))).all()
    found = {row.name.removeprefix(_PREFIX): AlarmState(*map(datetime.fromisoformat, row.value.split()))
             for row in rows}
    db.session.rollback()
    return found


def _store_alarms(held: Mapping[str, AlarmState], kept: Mapping[str, AlarmState]) -> None:
    if kept == held:
        return
    with writing() as session:
        session.execute(delete(PortalMark).where(PortalMark.name.startswith(_PREFIX)))
        session.add_all(PortalMark(name=_PREFIX + name, value=" ".join(
            moment.isoformat() for moment in (state.since, state.good) if moment)) for name, state in kept.items())


def _subject(begun: list[str], over: list[str]) -> str:
    parts = [f"{what}: {', '.join(names)}" for what, names in (("wrong", begun), ("good again", over)) if names]
    return f"[{current_settings().service}] {'; '.join(parts)}"


def _words(findings: Mapping[str, HealthFinding], held: Mapping[str, AlarmState],
           begun: list[str], over: list[str]) -> str:
    lines = [f"{current_settings().portal_url} at {print_moment(now())}."]
    for name in begun:
        lines += ["", f"Wrong: {name}", findings[name].found, f"What to do: {findings[name].remedy}"]
    for name in over:
        lines += ["", f"Good again: {name}, wrong since {print_moment(held[name].since)}"]
    lines += ["", "`flask doctor` on the portal's machine says more. You get this because you are an operator; you get",
              "no other letter about the same thing until it is good again.", ""]
    return "\n".join(lines)


def _send(subject: str, words: str) -> int:
    """Send one letter to each operator. Raises UnsentAlarm if the server takes none."""
    addresses = db.session.scalars(select(User.email).where(
        User.has_role, User.operator, User.account != AccountState.DEACTIVATED).order_by(User.id)).all()
    db.session.rollback()
    if not addresses:
        raise UnsentAlarm("There is no operator to write to: flask admin create EMAIL.")
    name = f"alarm-{draw_letters(12)}"
    drafts = [write_letter(address, subject, words, f"{name}-{number}") for number, address in enumerate(addresses)]
    try:
        with connect_mail_server() as server:
            taken = sum(hand_over_letter(server, letter) for letter in drafts if letter)
    except (OSError, smtplib.SMTPException) as error:
        raise UnsentAlarm(f"The mail server took no letter ({type(error).__name__}).") from error
    if not taken:
        raise UnsentAlarm("The mail server took no letter.")
    return taken
