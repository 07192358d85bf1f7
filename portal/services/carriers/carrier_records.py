"""Carriers that operators add and change. Secrets go in and never come out again.

The kind of a carrier never changes. Where an address or an account name changes, the old secrets are emptied unless
new ones come with the change: nobody may lead them to a machine of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exists, select, text, update

from portal import carriers
from portal.carriers.kinds import CarrierKind, FieldKind
from portal.extensions import db, make_ref, now, wake, writing
from portal.marks import N_
from portal.models import Arrival, CarrierRecord, HandOver, Message, Receipt, User
from portal.models.messages import WAITING_CONDITION

from .. import audit
from ..audit import EventSubject
from ..names import key_of_name
from ..refusals import Changed, Clash
from .assignments import forget_ways_of_texts, is_carrier_assigned
from .carrier_secrets import decrypt_secrets, encrypt_secrets
from .desk import UnusableCarrier, make_live_carrier
from .typed_settings import WrongSettings, judge_secrets, judge_settings

# So every list of carriers fits on one page.
MOST_CARRIERS = 50
# The least and the most that can be typed: texts a second, segments a second from one number, texts on their way.
PACE_LIMITS: Mapping[str, tuple[int, int]] = {"pace": (1, 1000), "number_pace": (1, 100), "at_once": (1, 100)}
# Of a value that is longer, such as a certificate, the audit log keeps the beginning.
LOGGED_VALUE = 60
_TYPE_AGAIN = N_("The address or the account has changed, or the stored secrets cannot be read, so every secret has to"
                 " be typed again.")


@dataclass(frozen=True, slots=True)
class CarrierInput:
    """What an operator typed for a carrier: settings by the names of the kind's fields, and new secrets by theirs.

    A secret that is missing or empty was not typed. Of the paces and `at_once`, None leaves it to the kind.
    """

    name: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    pace: int | None = None
    number_pace: int | None = None
    at_once: int | None = None

    @property
    def typed_secrets(self) -> dict[str, str]:
        """The secrets that were typed."""
        return {name: value for name, value in self.secrets.items() if value}


def list_kinds() -> list[CarrierKind]:
    """The kinds of carriers that an operator can add, by their titles."""
    return sorted((kind for kind in carriers.KINDS.values() if not kind.embedded), key=lambda kind: kind.title)


def find_kind(name: str) -> CarrierKind:
    """A kind of carrier that an operator can add. Raises LookupError for any other."""
    return next((kind for kind in list_kinds() if kind.name == name), None) or _raise_lookup(name)


def _raise_lookup(name: str) -> CarrierKind:
    raise LookupError(f"No operator can add a carrier of the kind {name}.")


def kind_of_record(record: CarrierRecord) -> CarrierKind | None:
    """The kind of a carrier; None where this version of the portal does not know it any more."""
    return carriers.KINDS.get(record.kind)


def list_carriers() -> Sequence[CarrierRecord]:
    """All carriers by name; there are at most `MOST_CARRIERS`."""
    return sorted(db.session.scalars(select(CarrierRecord)), key=lambda one: (key_of_name(one.name), one.id))


def find_carrier_for_operator(ref: str) -> CarrierRecord:
    """A carrier, for operators; 404 when there is none."""
    found: CarrierRecord = db.one_or_404(select(CarrierRecord).where(CarrierRecord.ref == ref))
    return found


def find_default_name() -> str:
    """The name of the carrier that takes what is assigned to no other; "" for the pretend one."""
    return db.session.scalar(select(CarrierRecord.name).where(CarrierRecord.by_default)) or ""


def subject_of_carrier(record: CarrierRecord) -> EventSubject:
    """A carrier as the audit log keeps it; its events belong to no organization."""
    return EventSubject("carrier", None, record.ref, record.name)


def add_carrier(actor: User, kind: CarrierKind, typed: CarrierInput) -> CarrierRecord:
    """Add a carrier; nothing leaves by it before it carries by default or is assigned. Raises WrongSettings."""
    clashes = [*judge_settings(kind, typed.settings), *judge_secrets(kind, typed.typed_secrets), *_judge_paces(typed)]
    if clashes:
        raise WrongSettings(*clashes)
    record = CarrierRecord(
        ref=make_ref(), kind=kind.name, settings=dict(typed.settings), secrets=encrypt_secrets(typed.typed_secrets),
        secrets_at=now(), secrets_by=actor.name, name=typed.name,
        **{name: getattr(typed, name) for name in PACE_LIMITS})
    _try_out(record)
    with writing() as session:
        _check_name(typed.name)
        session.add(record)
        session.flush()
        _record(actor, "carrier-added", record)
    return record


def _judge_paces(typed: CarrierInput) -> list[Clash]:
    told = ((name, getattr(typed, name), least, most) for name, (least, most) in PACE_LIMITS.items())
    return [Clash(name, N_("Enter a whole number from %(least)s to %(most)s."), least=least, most=most)
            for name, value, least, most in told if value is not None and not least <= value <= most]


def _try_out(record: CarrierRecord) -> None:
    """Settings that fit one by one may still not fit together: only the carrier itself knows."""
    try:
        make_live_carrier(record)
    except UnusableCarrier:
        raise WrongSettings(Clash("", N_("The carrier cannot work with these settings. Compare each of them with what"
                                         " the carrier gave you."))) from None


def _check_name(name: str, besides: int = 0) -> None:
    others = [one for one in list_carriers() if one.id != besides]
    if any(key_of_name(one.name) == key_of_name(name) for one in others):
        raise WrongSettings(Clash("name", N_("A carrier of this name exists already.")))
    if not besides and len(others) >= MOST_CARRIERS:
        raise WrongSettings(Clash("", N_("There are %(most)s carriers already. Remove one that was never used."),
                                  most=MOST_CARRIERS))


def _record(actor: User, action: str, record: CarrierRecord, **details: Any) -> None:
    audit.record_events(actor, [(action, subject_of_carrier(record), details)])


# --- changes -------------------------------------------------------------------------------------


def change_carrier(actor: User, record: CarrierRecord, version: int, typed: CarrierInput) -> None:
    """Change a carrier. Secrets that were not typed stay, unless an address or an account changes: then all go.

    Raises WrongSettings, or Changed when the carrier is newer than `version`.
    """
    kind = kind_of_record(record) or find_kind(record.kind)
    secrets, action = _secrets_after(record, kind, typed)
    wanted = {"name": typed.name, "settings": dict(typed.settings), "secrets": secrets,
              **{name: getattr(typed, name) for name in PACE_LIMITS}}
    clashes = [*judge_settings(kind, typed.settings), *_judge_paces(typed)]
    if clashes:
        raise WrongSettings(*clashes)
    if decrypt_secrets(secrets) is not None:
        _try_out(CarrierRecord(ref=record.ref, kind=record.kind, **wanted))
    with writing():
        if record.version != version:
            raise Changed
        _check_name(typed.name, record.id)
        _write_change(actor, record, kind, wanted, action)
    wake()


def _secrets_after(record: CarrierRecord, kind: CarrierKind, typed: CarrierInput) -> tuple[bytes | None, str]:
    """The secrets to store, encrypted, and the action of the audit log for that ("" where they stay as they are)."""
    new, moves = typed.typed_secrets, _is_elsewhere(record, kind, typed)
    if not new:
        return (None, "carrier-secrets-emptied") if moves else (record.secrets, "")
    kept = {} if moves else decrypt_secrets(record.secrets) or {}
    clashes = judge_secrets(kind, {**kept, **new}, _TYPE_AGAIN)
    if clashes:
        raise WrongSettings(*clashes)
    return encrypt_secrets({**kept, **new}), "carrier-secrets"


def _is_elsewhere(record: CarrierRecord, kind: CarrierKind, typed: CarrierInput) -> bool:
    """Whether the secrets would go to another place or belong to another account than they did."""
    return any(one.secret for one in kind.fields) and any(
        one.account and record.settings.get(one.name, "") != typed.settings.get(one.name, "") for one in kind.fields)


def _write_change(actor: User, record: CarrierRecord, kind: CarrierKind, wanted: Mapping[str, Any],
                  action: str) -> None:
    changes = list_carrier_changes(record, kind, wanted)
    if not changes and not action:
        return
    for name, value in wanted.items():
        setattr(record, name, value)
    if action:
        typed = action == "carrier-secrets"
        record.secrets_at, record.secrets_by = (now(), actor.name) if typed else (None, "")
        _record(actor, action, record)
    if changes:
        _record(actor, "carrier-changed", record, changes=changes)
    record.version += 1
    # What the carrier did not accept may be put right now: the next text tells.
    record.fault_code, record.fault_at = "", None
    record.refused_calls, record.refused_since, record.refused_at = 0, None, None


def list_carrier_changes(record: CarrierRecord, kind: CarrierKind, wanted: Mapping[str, Any]) -> list[list[str]]:
    """[field, was, now] of every value but secrets that differs, as the audit log keeps them; a setting of the kind
    stands as "setting:" and its name.
    """
    plain = [[name, str(getattr(record, name) or ""), str(wanted[name] or "")] for name in ("name", *PACE_LIMITS)]
    typed = [[f"setting:{one.name}", *(_logged_value(one.kind, held.get(one.name, ""))
                                       for held in (record.settings, wanted["settings"]))]
             for one in kind.fields if not one.secret]
    return [change for change in (*plain, *typed) if change[1] != change[2]]


def _logged_value(kind: FieldKind, value: str) -> str:
    if kind is FieldKind.SWITCH:
        return str(bool(value))
    return value if len(value) <= LOGGED_VALUE else f"{value[:LOGGED_VALUE]}…"


def set_carrier_active(actor: User, record: CarrierRecord, *, active: bool) -> None:
    """Turn a carrier on or off. While it is off, its texts wait, and it can still tell what became of earlier ones."""
    with writing():
        if record.active != active:
            record.active, record.version = active, record.version + 1
            record.fault_code, record.fault_at = "", None
            _record(actor, "carrier-on" if active else "carrier-off", record)
    wake()


def set_default_carrier(actor: User, record: CarrierRecord, *, default: bool) -> None:
    """Let a carrier take what is assigned to no other, in place of the one that did; or let it do so no longer.

    Where none carries by default, the pretend carrier takes those texts.
    """
    with writing() as session:
        if record.by_default == default:
            return
        session.execute(update(CarrierRecord).where(CarrierRecord.by_default).values(by_default=False))
        session.refresh(record)
        record.by_default = default
        forget_ways_of_texts()
        _record(actor, "carrier-default" if default else "carrier-default-ended", record)
    wake()


def remove_carrier(actor: User, record: CarrierRecord) -> None:
    """Remove a carrier that no text ever went to and that nothing is assigned to. Raises Clash for any other."""
    with writing() as session:
        if is_carrier_used(record):
            raise Clash("", N_("This carrier has carried texts, so it stays. Turn it off instead."))
        if record.by_default or is_carrier_assigned(record):
            raise Clash("", N_("Texts leave by this carrier. Assign another one first."))
        _record(actor, "carrier-removed", record)
        session.delete(record)


def is_carrier_used(record: CarrierRecord) -> bool:
    """Whether any text went to a carrier or came from it."""
    asked: Iterable[Any] = (
        exists().where(Message.carrier == record.ref, Message.carrier_id != ""),
        exists().where(text(WAITING_CONDITION), Message.route == record.ref),
        exists().where(Arrival.carrier == record.ref),
        exists().where(Receipt.carrier == record.ref, Receipt.message_id.is_(None)),
        # Without an index: a carrier is removed once.
        exists().where(HandOver.carrier == record.ref))
    return any(db.session.scalar(select(one)) for one in asked)
