"""The whole portal, running within a test: web server, background process and database, with real carriers.

Only what stands outside is a stand-in: the message center and Kannel of tests/peers, and servers on loopback.
"""

import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import contextmanager

from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.extensions import db, make_ref
from portal.models import CarrierRecord, Direction, Message, OptOut, Organization, TextState, User
from portal.processes.worker import WorkerThread
from portal.services.carriers import assignments, carrier_records
from portal.services.carriers.carrier_records import CarrierInput
from portal.services.texting import sending
from tests.patience import LONG, wait_for

AREA = "+1647555"
ENDED = {TextState.DELIVERED, TextState.UNDELIVERED, TextState.FAILED, TextState.EXPIRED, TextState.UNKNOWN}


def number_of(ending):
    """The number for which the message center has this outcome."""
    return f"{AREA}21{ending}"


class HookServer:
    """The web server on loopback. `calls` holds (method, address, status) of every request that was answered.

    `refuses`: so many of the next requests are answered with 503 before the portal hears of them.
    """

    def __init__(self):
        self.calls, self.app, self.refuses = [], None, 0
        self._server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=_Quiet)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def _serve(self, environ, start):
        def begin(status, headers, *more):
            self.calls.append((environ["REQUEST_METHOD"], environ["RAW_URI"], int(status[:3])))
            return start(status, headers, *more)

        if self.refuses > 0:
            self.refuses -= 1
            begin("503 later", [("Content-Length", "0")])
            return [b""]
        return self.app(environ, begin)

    def close(self):
        """End; requests that are being answered are."""
        self._server.shutdown()
        self._server.server_close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_given):
        pass

    def log_error(self, *_given):
        pass


class RunningPortal:
    """A portal with its background process, within `with`. Whatever it gives is read anew from the database."""

    def __init__(self, app, hook, people):
        self.app, self.hook, self._people = app, hook, people
        self.worker = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self.stop()

    def start(self):
        """Begin the background process."""
        self.worker = WorkerThread(self.app, self.app.config["SETTINGS"].database.with_suffix(".sock"))
        self.worker.start()

    def stop(self):
        """End the background process in peace."""
        if self.worker:
            self.worker.stop()
            assert not self.worker.is_alive()
            self.worker = None

    @contextmanager
    def inside(self):
        """The application is open, and no transaction stays."""
        with self.app.app_context():
            yield
            db.session.rollback()

    # --- what people do ---------------------------------------------------------------------------

    def add_carrier(self, kind, secrets, settings, name="", **paces):
        """An operator adds a carrier; returns its ref."""
        chosen = carrier_records.find_kind(kind)
        defaults = {one.name: one.default for one in chosen.fields if not one.secret}
        with self.inside():
            typed = CarrierInput(name or kind, {**defaults, **settings}, secrets, **paces)
            return carrier_records.add_carrier(self._olga(), chosen, typed).ref

    def carry_all(self, ref):
        """An operator lets a carrier take whatever is assigned to no other."""
        with self.inside():
            carrier_records.set_default_carrier(self._olga(), self._record(ref), default=True)
        return ref

    def assign(self, organization, ref):
        """An operator lets an organization's texts leave by a carrier."""
        with self.inside():
            found = db.session.scalars(select(Organization).where(Organization.name.startswith(organization))).one()
            assignments.choose_organization_carrier(self._olga(), found, ref)

    def change_carrier(self, ref, secrets, **settings):
        """An operator types other secrets for a carrier, and other settings."""
        with self.inside():
            record = self._record(ref)
            typed = CarrierInput(record.name, {**record.settings, **settings}, secrets, record.pace,
                                 record.number_pace, record.at_once)
            carrier_records.change_carrier(self._olga(), record, record.version, typed)

    def send_scripted(self, endings):
        """Members send a text to each of these scripted numbers, by turns: none sends too many within a minute."""
        return [self.send(number_of(ending), f"Your shoes are ready, {ending}.", ("Uli", "Ben")[place % 2])
                for place, ending in enumerate(endings)]

    def send_many(self, count):
        """Members send a text to each of so many numbers, with "Text 0" and so on in it; returns the references."""
        return [self.send(f"{AREA}{2200 + place}", f"Text {place}", ("Uli", "Ben")[place % 2])
                for place in range(count)]

    def send(self, theirs, body, who="Uli"):
        """A member sends a text; returns its reference."""
        with self.inside():
            user = db.session.get_one(User, self._people[who].id)
            answer = sending.send_text(user, theirs, body, make_ref())
            assert answer.decision.allowed, [reason.id for reason in answer.decision.reasons]
            return db.session.scalars(select(Message.ref).where(
                Message.direction == Direction.OUT, Message.user_id == user.id).order_by(Message.id.desc())).first()

    def may_send(self, theirs, body, who="Uli"):
        """Whether the portal accepts a text."""
        with self.inside():
            user = db.session.get_one(User, self._people[who].id)
            return sending.send_text(user, theirs, body, make_ref()).decision.allowed

    # --- what came of it --------------------------------------------------------------------------

    def carrier(self, ref):
        """The record of a carrier."""
        with self.inside():
            record = self._record(ref)
            db.session.expunge(record)
            return record

    def texts(self, direction=Direction.OUT):
        """All texts of this direction, in their order."""
        with self.inside():
            found = db.session.scalars(select(Message).where(Message.direction == direction).order_by(Message.id)).all()
            db.session.expunge_all()
            return found

    def optouts(self):
        """{number: state} of everybody who is known to want texts or not."""
        with self.inside():
            return {row.theirs: row.state for row in db.session.execute(select(OptOut.theirs, OptOut.state))}

    def outcomes(self):
        """{last two digits of the number: (state, code)} of what members sent."""
        return {one.theirs[-2:]: (one.state.value, one.code) for one in self.texts() if not one.automatic}

    def wait_for_outcomes(self, expected):
        """Wait until what members sent has these states and codes."""
        def differs():
            found = self.outcomes()
            return {ending: (found.get(ending), means) for ending, means in expected.items()
                    if found.get(ending) != means}

        wait_for(lambda: not differs(), lambda: f"what is, and what should be: {differs()}")

    def wait_until_ended(self, refs: Iterable[str], seconds=LONG):
        """Wait until nothing more will become of these texts; returns them."""
        wanted = set(refs)

        def ended():
            found = [one for one in self.texts() if one.ref in wanted]
            return found if all(one.state in ENDED for one in found) else None

        return wait_for(ended, lambda: str(Counter(one.state.value for one in self.texts())), seconds)

    def _olga(self):
        return db.session.get_one(User, self._people["Olga"].id)

    def _record(self, ref):
        return db.session.scalars(select(CarrierRecord).where(CarrierRecord.ref == ref)).one()
