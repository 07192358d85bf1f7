"""What operators do with a case: take it, add a note, decide it, reopen it. The history keeps every view and move."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from portal.extensions import db, now, wake, writing
from portal.marks import N_, StoredWords
from portal.models import Case, CaseEntry, Restriction, User
from portal.rules.cases import REOPEN_WITHIN, CaseState, Move, state_after_move
from portal.rules.facts import Subject

from ..refusals import Clash
from . import restrictions
from .cases import is_case_about
from .intake import weigh_case

AGAIN = timedelta(hours=1)
MOVE_OF_FINDING = {CaseState.UPHELD: Move.UPHOLD, CaseState.NOT_UPHELD: Move.CLEAR, CaseState.DUPLICATE: Move.MERGE}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision about a case: the finding, the original if it is a duplicate, and the restriction of the sender."""

    finding: CaseState
    note: str = ""
    duplicate_of: str = ""
    terms: restrictions.RestrictionTerms | None = None
    subject: Subject = Subject.USER


def note_case_view(me: User, case: Case) -> None:
    """Record in the history that an operator opened a case, at most once an hour."""
    _enter_once(case, me, "seen")


def take_case(me: User, case: Case) -> None:
    """Take a case. Raises Clash for a case about oneself or one that is decided."""
    with writing():
        _move(me, case, Move.ASSIGN)
        case.assigned_id = me.id
        _enter(case, me, "assigned")


def add_case_note(me: User, case: Case, words: str) -> None:
    """Add a note that only operators read. Raises Clash for a case about oneself."""
    with writing():
        _refuse_own(me, case)
        _enter(case, me, "note", words)


def decide_case(me: User, case: Case, verdict: Verdict) -> None:
    """Decide a case and restrict its sender if the verdict says so, in one commit.

    Where nothing was found, restrictions that the portal made because of reports end. Raises Clash for a case about
    oneself, one that another operator has decided, a duplicate of nothing, or an end that cannot be.
    """
    if verdict.terms is not None:
        restrictions.check_restriction_end(verdict.terms.until, now())
    with writing():
        moment = now()
        other = _other(case, verdict.duplicate_of) if verdict.finding is CaseState.DUPLICATE else None
        _move(me, case, MOVE_OF_FINDING[verdict.finding])
        case.closed_at, case.assigned_id = moment, case.assigned_id or me.id
        if other:
            _repeat(case, other)
        _enter(case, me, verdict.finding.value, verdict.note)
        if verdict.finding is CaseState.NOT_UPHELD:
            _set_free(me, case, moment)
        if verdict.terms is not None and verdict.finding is CaseState.UPHELD:
            restrictions.add_restriction(me, verdict.terms, restrictions.scope_of_case(case, verdict.subject), moment,
                                         case)
    wake()


def _repeat(case: Case, other: Case) -> None:
    """Point the duplicates of this case to the other one: in a chain they would never get a decision."""
    mine = or_(Case.id == case.id, Case.duplicate_of_id == case.id)
    db.session.execute(update(Case).where(mine).values(duplicate_of_id=other.id))


def clear_open_cases(me: User, refs: Iterable[str]) -> int:
    """Decide several open cases at once as "did not break the rules"; returns how many."""
    done = 0
    with writing() as session:
        moment = now()
        for case in session.scalars(select(Case).where(Case.ref.in_(list(refs)[:100]))):
            if not is_case_about(case, me) and (state := state_after_move(case.state, Move.CLEAR)):
                case.state, case.closed_at, case.assigned_id = state, moment, case.assigned_id or me.id
                _enter(case, me, CaseState.NOT_UPHELD.value)
                _set_free(me, case, moment)
                done += 1
    wake()
    return done


def _set_free(me: User, case: Case, moment: datetime) -> None:
    """End the automatic restrictions of a case, because the operator found nothing in its reports."""
    found = select(Restriction).where(Restriction.case_id == case.id, Restriction.made_by_id.is_(None))
    for one in db.session.scalars(found).all():
        restrictions.end_restriction_in_transaction(me, one, StoredWords.CASE_CLEARED, moment)


def reopen_decided_case(me: User, case: Case, words: str) -> None:
    """Open a decided case again within 90 days, with a new target; its restrictions stay. Raises Clash."""
    with writing():
        _move(me, case, Move.REOPEN)
        if case.closed_at is not None and case.closed_at < now() - REOPEN_WITHIN:
            raise Clash("", N_("A case can be reopened within %(days)s days."), days=REOPEN_WITHIN.days)
        case.closed_at, case.duplicate_of_id = None, None
        _enter(case, me, "reopened", words)
        weigh_case(case)


def can_reopen_case(case: Case) -> bool:
    """Whether a case is decided and not too long ago."""
    return case.closed_at is not None and case.closed_at >= now() - REOPEN_WITHIN


def note_case_export(me: User, case: Case) -> None:
    """Record in the history that an operator exported a case, at most once an hour."""
    _enter_once(case, me, "exported")


def _enter_once(case: Case, me: User, what: str) -> None:
    lately = select(CaseEntry.id).where(CaseEntry.case_id == case.id, CaseEntry.actor_id == me.id,
                                        CaseEntry.what == what, CaseEntry.at > now() - AGAIN)
    if db.session.scalar(lately.limit(1)) is None:
        with writing():
            _enter(case, me, what)


def _move(me: User, case: Case, move: Move) -> None:
    _refuse_own(me, case)
    state = state_after_move(case.state, move)
    if state is None:
        raise Clash("", N_("This case is open already.") if move is Move.REOPEN else N_(
            "Another operator has decided this case since you opened it. Read what was decided."))
    case.state = state


def _refuse_own(me: User, case: Case) -> None:
    if is_case_about(case, me):
        raise Clash("", N_("This case is about you: another operator handles it."))


def _other(case: Case, ref: str) -> Case:
    found = db.session.scalars(select(Case).where(Case.ref == ref.strip(), Case.id != case.id)).first()
    if found is None:
        raise Clash("duplicate_of", N_("There is no other case with this reference."))
    if found.state is CaseState.DUPLICATE:
        raise Clash("duplicate_of", N_("That case is a duplicate itself. Give the reference of the one it repeats."))
    return found


def _enter(case: Case, me: User | None, what: str, note: str = "") -> CaseEntry:
    entry = CaseEntry(case_id=case.id, at=now(), actor_id=me.id if me else None, what=what, note=note)
    db.session.add(entry)
    db.session.flush()
    return entry
