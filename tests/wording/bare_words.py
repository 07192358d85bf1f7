"""What a page says outside the brackets of the pseudo-locale and is no data: it was never translated."""

import re
from collections.abc import Collection, Iterable
from html.parser import HTMLParser

from .pseudo import CLOSE, LANGUAGE, OPEN

# Read as one with what stands around them; all other elements begin anew.
INLINE = frozenset({"a", "abbr", "b", "bdi", "br", "em", "i", "img", "kbd", "mark", "small", "span", "strong", "sub",
                    "sup", "svg", "time", "use", "wbr"})
VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})
# Nobody reads these; what stands in <code> is typed or copied as it is.
UNREAD = frozenset({"script", "style", "code"})
SAID = ("title", "aria-label", "aria-description", "aria-valuetext", "aria-roledescription", "alt", "placeholder",
        "label", "summary", "hx-confirm", "hx-prompt")
BUTTONS = ("submit", "button", "reset")
UNREAD_META = ("viewport", "color-scheme", "htmx-config")
# Names, which are the same in every language; each with where it comes from.
NAMES = (
    "Business Texting",  # the product
    "English", "Deutsch", "Polski", "Français",  # languages by their own names
    "Twilio", "Bandwidth", "Telnyx", "Kannel", "SMPP",  # carriers
    "UTC",  # a time zone
)
LETTER = re.compile(r"[^\W\d_]")
# The same for every reader: an address on the web, a moment in a file.
AS_IT_IS = r"https?://\S+|\d{4}-\d\d-\d\dT[\d:.+]+"


def outside(text: str) -> tuple[str, bool]:
    """What stands outside the brackets, with a bar for each pair of them; and whether every bracket is closed."""
    depth, found = 0, []
    for char in text:
        depth += (char == OPEN) - (char == CLOSE)
        if depth < 0:
            return text, False
        found.append("|" if char == CLOSE else char if not depth else "")
    return "".join(found), depth == 0


class Data:
    """What may stand outside: names, numbers and texts that people typed."""

    def __init__(self, values: Iterable[str], names: Collection[str] = ()) -> None:
        """`names` are so many that they are known as a whole only, not within other words."""
        known = {" ".join(one.split()) for one in (*values, *NAMES)}
        longest = sorted((re.escape(one) for one in known if LETTER.search(one)), key=len, reverse=True)
        self._known = re.compile(rf"(?<![^\W_])(?:{AS_IT_IS}|{'|'.join(longest)})(?![^\W_])")
        self._names = names

    def bare_words(self, text: str) -> str:
        """What is neither in brackets nor data; "" where nothing is left that has a letter."""
        text = " ".join(text.split())
        rest, closed = outside(text)
        if not closed:
            return f"a bracket is missing: {text}"
        return rest.strip(" |") if any(map(self._is_bare, rest.split("|"))) else ""

    def _is_bare(self, piece: str) -> bool:
        return bool(LETTER.search(piece)) and piece.strip(" ().,:·") not in self._names and bool(
            LETTER.search(self._known.sub("", piece)))


class PageReader(HTMLParser):
    """The texts of a page or of a part, each as a whole, and those of its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._flow = ""
        self.feed(page)
        self.close()
        self._end_flow()

    @property
    def _unread(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element after the other, with what its attributes say."""
        said = {name: value or "" for name, value in attrs}
        other = said.get("lang", LANGUAGE).split("-")[0] != LANGUAGE
        if tag not in INLINE:
            self._end_flow()
        self._flow += " "
        unread = self._unread or tag in UNREAD or other
        if not unread:
            self._read_attributes(tag, said)
        if tag not in VOID:
            self._open.append((tag, unread))

    def handle_endtag(self, tag: str) -> None:
        """Its text is whole."""
        while self._open and tag in [name for name, _unread in self._open]:
            name, _unread = self._open.pop()
            if name == tag:
                break
        self._flow += " "
        if tag not in INLINE:
            self._end_flow()

    def handle_data(self, data: str) -> None:
        """A piece of text."""
        if not self._unread:
            self._flow += data

    def _end_flow(self) -> None:
        if self._flow.strip():
            self.texts.append(self._flow)
        self._flow = ""

    def _read_attributes(self, tag: str, said: dict[str, str]) -> None:
        self.texts += [said[name] for name in SAID if name in said]
        if tag == "input" and said.get("type") in BUTTONS:
            self.texts.append(said.get("value", ""))
        if tag == "meta" and "name" in said and said["name"] not in UNREAD_META:
            self.texts.append(said.get("content", ""))


def bare_words_of_page(page: str, data: Data) -> list[str]:
    """What a page or part says outside the brackets and is no data."""
    return [bare for text in PageReader(page).texts if (bare := data.bare_words(text))]
