"""How many things wait for the reader: in the navigation and in the title of every page, and refreshed by one poll.

A count says how many, and never of whom, from whom or what.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from flask import g, request
from flask_babel import gettext, ngettext
from flask_login import current_user
from markupsafe import Markup

from portal.extensions import current_carrier
from portal.marks import N_
from portal.rules import Plural
from portal.rules.sentences import make_plural
from portal.services import waiting
from portal.web.reader import signed_in_user

# What is counted at which entry of the navigation, and the words for one and for several.
COUNTED: Mapping[str, tuple[str, Plural]] = {
    "messaging.show_inbox": ("texts", make_plural(N_("%(shown)s unread text"), N_("%(shown)s unread texts"), "shown")),
    "admin.list_optouts": ("optouts", make_plural(
        N_("%(shown)s opt-out to decide"), N_("%(shown)s opt-outs to decide"), "shown")),
    "admin.list_records": ("requests", make_plural(
        N_("%(shown)s request to decide"), N_("%(shown)s requests to decide"), "shown")),
    "notices.show_notices": ("notices", make_plural(
        N_("%(shown)s notice to confirm"), N_("%(shown)s notices to confirm"), "shown")),
    "operator.cases": ("cases", make_plural(N_("%(shown)s open case"), N_("%(shown)s open cases"), "shown")),
    "operator.restrictions": ("appeals", make_plural(
        N_("%(shown)s appeal to decide"), N_("%(shown)s appeals to decide"), "shown")),
    "operator.claims": ("claims", make_plural(
        N_("%(shown)s number to confirm"), N_("%(shown)s numbers to confirm"), "shown")),
    "operator.list_records_to_decide": ("records", make_plural(
        N_("%(shown)s request to decide"), N_("%(shown)s requests to decide"), "shown")),
    "operator.list_web_requests": ("web_requests", make_plural(
        N_("%(shown)s organization with requests that wait"),
        N_("%(shown)s organizations with requests that wait"), "shown")),
    "operator.list_carriers": ("carriers", make_plural(
        N_("%(shown)s carrier whose texts wait"), N_("%(shown)s carriers whose texts wait"), "shown")),
}
MESSAGES = "messaging.show_inbox"
# What is counted at the links below the page as well, and what the ids of its places end with there.
COUNTED_BELOW, BELOW_PAGE = (MESSAGES,), "-below"
# The header in which a page that polls tells its own title: it may hold a name, which no address may.
TITLE_HEADER = "Page-Title"
LONGEST_TITLE = 2000


@dataclass(frozen=True, slots=True)
class CountBadge:
    """The badge of one entry of the navigation: the id of its place, the count as it is shown, and in words."""

    id: str
    count: int
    shown: str
    words: str


@dataclass(frozen=True, slots=True)
class CountsNews:
    """What a poll brings: the page's own title ("" if it told none), and what is announced ("" for nothing)."""

    title: str
    more: str


def counts_for_reader() -> Mapping[str, int]:
    """By entry of the navigation (view), how many things wait there for the reader, 100 for more than 99.

    Asks the database once in a request, and not at all for strangers.
    """
    if not current_user.is_authenticated:
        return {}
    if "counts" not in g:
        found = waiting.count_waiting(signed_in_user())
        counted = {view: getattr(found, kind) for view, (kind, _words) in COUNTED.items()}
        g.counts = {view: count for view, count in counted.items() if count is not None}
        g.carried = bool(found.carried)
    counts: Mapping[str, int] = g.counts
    return counts


def is_pretending() -> bool:
    """Whether all texts of the reader's organization stay on this machine; for operators, those of all organizations.

    It costs nothing: the statement that counts for every page says it. Strangers are told nothing.
    """
    return bool(counts_for_reader()) and not has_carriers() and not current_carrier().real


def has_carriers() -> bool:
    """Whether texts of the reader's organization may leave by a carrier that an operator added; for operators, those of
    any. It costs nothing either."""
    return bool(counts_for_reader()) and bool(g.carried)


def shown_count(count: int) -> str:
    """A count as a badge shows it: never more than two digits."""
    return f"{waiting.MOST_COUNTED - 1}+" if count >= waiting.MOST_COUNTED else str(count)


def id_of_badge(view: str, end: str = "") -> str:
    """The id of the place of the count at an entry of the navigation; at the link below the page it has an `end`."""
    return f"count-{view.replace('.', '-')}{end}"


def make_count_badge(view: str, count: int, end: str = "") -> CountBadge:
    """The badge of an entry of the navigation, or with an `end` that of the link below the page."""
    _kind, said = COUNTED[view]
    words = ngettext(said.one, said.many, count, shown=shown_count(count)) if count else ""
    return CountBadge(id_of_badge(view, end), count, shown_count(count), words)


def list_count_badges() -> list[CountBadge]:
    """Every badge of the reader's navigation, and those of the links below the page for who only texts."""
    counted = counts_for_reader()
    below = COUNTED_BELOW if counted and not signed_in_user().has_role else ()
    return [*(make_count_badge(view, count) for view, count in counted.items()),
            *(make_count_badge(view, counted[view], BELOW_PAGE) for view in below if view in counted)]


def version_of_counts() -> str:
    """What a page knows of the counts: two pages with the same version show the same."""
    return ".".join(str(count) for count in counts_for_reader().values())


def title_with_count(own: str) -> str:
    """The title of a page with the number of unread texts: "(2) Messages"; the word about an error stays in front."""
    unread, error = counts_for_reader().get(MESSAGES, 0), gettext("Error:") + " "
    title = _plain_title(own)
    if not unread:
        return title
    front = error if title.startswith(error) else ""
    return f"{front}({shown_count(unread)}) {title.removeprefix(front)}"


def title_for_header(own: str) -> str:
    """A page's own title, as a header can carry it."""
    return quote(_plain_title(own))


def _plain_title(own: str) -> str:
    """A title without markup and in one line: templates build it as markup, pages tell it as plain words."""
    return " ".join((own.unescape() if isinstance(own, Markup) else own).split())


def read_page_title() -> str:
    """The own title of the page that asks, as it told it; "" if it told none that could stand there."""
    title = unquote(request.headers.get(TITLE_HEADER, "")[:LONGEST_TITLE])
    return title if title.isprintable() else ""


def more_texts_in_words(version: str) -> str:
    """What is announced where more texts are unread than a page with this version shows, naming nobody; else ""."""
    unread, known = counts_for_reader().get(MESSAGES, 0), version.partition(".")[0]
    if not known.isdecimal() or unread <= int(known[:3]):
        return ""
    return str(ngettext("You have %(shown)s unread text.", "You have %(shown)s unread texts.", unread,
                        shown=shown_count(unread)))
