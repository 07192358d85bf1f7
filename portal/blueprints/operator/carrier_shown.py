"""What pages about carriers show: one object for each page, without any secret, number or word of a text."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext

from portal.carriers.kinds import CarrierField, CarrierKind
from portal.models import AuditEvent, CarrierRecord, Organization
from portal.services import audit
from portal.services.carriers import assignments, carrier_records, carrier_state, connection
from portal.services.carriers.carrier_state import CarrierState, CarrierVerdict
from portal.services.carriers.refused_calls import has_refused_calls
from portal.wording import log
from portal.wording.carriers import (
    CarrierWords,
    carrier_verdict_in_words,
    failed_texts_in_words,
    short_verdict_in_words,
)

from .carrier_forms import CarrierForm

# Where so many of the reports of a day fit no text, and a kind of carrier has this setting, it is the likely cause.
FITTING_NOTHING, IDS_SETTING = 3, "ids"


@dataclass(frozen=True, slots=True)
class CarrierAlarm:
    """A carrier that does not take its texts, why in a few words, and the tone of them."""

    record: CarrierRecord
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class CarrierLine:
    """One carrier in the list: how it is in a few words, the tone of them, and the name of its kind.

    `refused`: calls to its address were refused lately.
    """

    state: CarrierState
    words: str
    tone: str
    kind: str
    refused: bool


@dataclass(frozen=True, slots=True)
class CarriersPage:
    """All carriers, and those whose texts wait for a person."""

    lines: Sequence[CarrierLine]
    alarms: Sequence[CarrierAlarm]
    default: CarrierRecord | None


@dataclass(frozen=True, slots=True)
class CarrierKindsPage:
    """The kinds of carriers to choose from."""

    kinds: Sequence[CarrierKind]


@dataclass(frozen=True, slots=True)
class NewCarrierPage:
    """The form for a new carrier of one kind."""

    kind: CarrierKind
    form: CarrierForm

    @property
    def errors(self) -> bool:
        """Whether the form was refused; the title says so."""
        return bool(self.form.errors)


@dataclass(frozen=True, slots=True)
class CarrierCard:
    """How one carrier is now: the part that keeps itself fresh. `version` says what it shows, for the next poll.

    `failed` has (why, how many) of the texts of the last day that did not arrive. `proposes_ids`: its reports may fit
    nothing because of how ids are written. `refused`: calls to its address were refused lately.
    """

    state: CarrierState
    words: CarrierWords
    failed: Sequence[tuple[str, int]]
    version: str
    proposes_ids: bool
    slowed: bool
    refused: bool


@dataclass(frozen=True, slots=True)
class CarrierNewsPage:
    """What a poll brings: the card as it is now, and what is announced ("" for nothing)."""

    card: CarrierCard
    told: CarrierWords | None


@dataclass(frozen=True, slots=True)
class CarrierPage:
    """One carrier. `tested` is what came of a look at it; `hook` is where it tells, "" where it does so by its line.

    `both` has (setting, theirs, yours) where another person was faster; `replaced` names the carrier that takes all
    texts now, "" for the pretend one.
    """

    record: CarrierRecord
    kind: str
    card: CarrierCard
    form: CarrierForm
    hook: str
    assigned: Sequence[tuple[Organization, bool, int]]
    history: Sequence[tuple[AuditEvent, str]]
    tested: CarrierWords | None = None
    both: Sequence[tuple[str, str, str]] = ()
    problems: Sequence[str] = field(default=())
    replaced: str = ""

    @property
    def errors(self) -> bool:
        """Whether something was refused; the title says so."""
        return bool(self.form.errors or self.both or self.problems)


def list_carrier_alarms() -> list[CarrierAlarm]:
    """The carriers that do not take their texts."""
    return [describe_alarm(record, verdict) for record, verdict in carrier_state.list_alarming_carriers()]


def describe_alarm(record: CarrierRecord, verdict: CarrierVerdict) -> CarrierAlarm:
    """What is wrong with a carrier, as the first page of operators says it."""
    return CarrierAlarm(record, short_verdict_in_words(verdict), carrier_verdict_in_words(verdict).tone)


def carriers_page() -> CarriersPage:
    """The list as it is now."""
    states = carrier_state.list_carrier_states()
    alarms = [describe_alarm(one.record, one.verdict) for one in states
              if one.record.active and one.verdict in carrier_state.ALARMING]
    return CarriersPage([describe_carrier(one) for one in states], alarms,
                        next((one.record for one in states if one.record.by_default), None))


def describe_carrier(state: CarrierState) -> CarrierLine:
    """One carrier as the list shows it."""
    return CarrierLine(state, short_verdict_in_words(state.verdict), carrier_verdict_in_words(state.verdict).tone,
                       name_of_kind(state.record), has_refused_calls(state.record))


def name_of_kind(record: CarrierRecord) -> str:
    """The name of a carrier's kind; its word in the database where this version of the portal has no other.

    "" where the carrier itself is called so.
    """
    kind = carrier_records.kind_of_record(record)
    name = str(gettext(kind.title)) if kind else record.kind
    return "" if name == record.name else name


def carrier_card(record: CarrierRecord) -> CarrierCard:
    """How a carrier is now."""
    state, kind = carrier_state.read_carrier_state(record), carrier_records.kind_of_record(record)
    proposes = state.reports.fitting_nothing >= FITTING_NOTHING and kind is not None and any(
        one.name == IDS_SETTING for one in kind.fields)
    return CarrierCard(
        state, describe_verdict(state),
        [(failed_texts_in_words(text_state, code), many) for text_state, code, many in state.day.failed],
        carrier_state.version_of_state(record, state.verdict, state.waiting.many), proposes,
        carrier_state.is_slowed(record), has_refused_calls(record))


def describe_verdict(state: CarrierState) -> CarrierWords:
    """How a carrier is, in words; secrets that were never typed are another matter than those that nobody can read."""
    missing = state.verdict is CarrierVerdict.NEEDS_SECRETS and state.record.secrets is None
    return carrier_verdict_in_words("no-secrets" if missing else state.verdict)


def carrier_page(record: CarrierRecord, form: CarrierForm | None = None, *, tested: CarrierWords | None = None,
                 both: Sequence[tuple[str, str, str]] = (), problems: Sequence[str] = ()) -> CarrierPage:
    """The page of a carrier, around a form that was refused or the one that holds what is stored."""
    return CarrierPage(
        record, name_of_kind(record), carrier_card(record),
        form or CarrierForm.of_record(carrier_records.kind_of_record(record), record),
        connection.hook_of_carrier(record), assignments.list_assigned(record),
        carrier_history(record), tested, both, problems, carrier_records.find_default_name())


def carrier_history(record: CarrierRecord, most: int = 20) -> list[tuple[AuditEvent, str]]:
    """The newest events of a carrier, each with its sentence."""
    kind = carrier_records.kind_of_record(record)
    return [(event, carrier_event_in_words(event, kind))
            for event in audit.list_events(None, subject="carrier", ref=record.ref, most=most)]


def carrier_event_in_words(event: AuditEvent, kind: CarrierKind | None) -> str:
    """An event in the reader's language, with the labels of the settings in place of their names."""
    sentence, values, ours = audit.event_sentence(event)
    if "changes" in values:
        settings = {f"setting:{one.name}": one for one in kind.fields} if kind else {}
        values = {**values, "changes": [label_change(settings.get(name), name, told)
                                        for name, *told in values["changes"]]}
    return log.event_in_words(sentence, values, ours)


def label_change(setting: CarrierField | None, name: str, told: Sequence[str]) -> list[str]:
    """One change of the log, [field, was, now], as its reader knows it: with labels where there are some."""
    if setting is None:
        return [name.removeprefix("setting:"), *told]
    offered = {value: str(gettext(words)) for value, words in setting.choices}
    return [setting.label, *(offered.get(value, value) for value in told)]


def compare_carrier_forms(record: CarrierRecord, form: CarrierForm) -> list[tuple[str, str, str]]:
    """What another person stored beside what was typed: (setting, theirs, yours) where they differ, secrets aside."""
    theirs, own = CarrierForm.of_record(form.kind, record), {f.name for one, f in form.own_fields() if one.secret}
    return [(str(mine.label.text), shown_value(theirs[mine.name]), shown_value(mine)) for mine in form
            if mine.name not in own | {"csrf_token", "version"} and shown_value(theirs[mine.name]) != shown_value(mine)]


def shown_value(one: object) -> str:
    """What a field holds, as people read it."""
    data, choices = getattr(one, "data", None), getattr(one, "choices", None) or ()
    if isinstance(data, bool):
        return str(gettext("yes") if data else gettext("no"))
    return str(dict(choices).get(data, data)) if data not in (None, "") else "–"
