"""Whether NUMBER_KEY is the key of the database: a machine with another one would not find whom to leave alone."""

from portal import stored_files
from portal.dialects import upsert
from portal.extensions import current_settings, db, writing
from portal.models import PortalMark

from ..texting import erased_numbers

# Under this name the database holds the eight hex digits that name its key.
KEY_NAME_MARK = "number_key_name"
OTHER_KEY = (
    "NUMBER_KEY is not the key with which this database was begun: set it as it is on the machines that already use the"
    " database, or copy instance/{file} from one of them. With another key, this machine would text numbers that were"
    " erased after they opted out.")


def find_key_flaw() -> str:
    """Why the portal must not run with its NUMBER_KEY, as a sentence; "" if nothing speaks against it.

    The first start notes the name of the key. Where the database is a file of this machine, a key that was lost is
    replaced, unless erased numbers need it.
    """
    if many := erased_numbers.count_lost_hashes():
        return (f"NUMBER_KEY is not the key of {many} erased numbers that opted out: put"
                f" instance/{stored_files.NUMBER_KEY_FILE.name} back from a backup, or set NUMBER_KEY as it was.")
    ours, noted = erased_numbers.number_key_id(), _noted_name()
    if noted != ours and (current_settings().embedded or not noted):
        noted = _note_name(ours)
    return "" if noted == ours else OTHER_KEY.format(file=stored_files.NUMBER_KEY_FILE.name)


def _noted_name() -> str:
    mark = db.session.get(PortalMark, KEY_NAME_MARK)
    return mark.value if mark else ""


def _note_name(name: str) -> str:
    """Note the name; returns what stands there then. Of two machines that start at once, the first one counts."""
    added = upsert(PortalMark).values(name=KEY_NAME_MARK, value=name)
    embedded = current_settings().embedded
    with writing() as session:
        session.execute(added.on_conflict_do_update(index_elements=["name"], set_={"value": name}) if embedded
                        else added.on_conflict_do_nothing(index_elements=["name"]))
    return _noted_name()
