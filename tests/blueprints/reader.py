"""What a person sees of an answer, and how they fill in a form and press its button."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from lxml import html

SKIPPED = ("script", "style", "title", "datalist")


def words(element: Element) -> str:
    """The text of an element, as it is read out."""
    return " ".join("".join(_texts(element)).split())


def _texts(element: Element) -> Iterator[str]:
    if element.tag not in SKIPPED:
        yield element.text or ""
        for child in element:
            yield from _texts(child)
            # Cells and items that stand apart on the page stand apart here.
            yield " " if child.tag in ("td", "th", "li", "dt", "dd", "p", "tr", "button", "option") else ""
            yield child.tail or ""


def _parsed(text: str) -> Element:
    # Quick and forgiving; that the pages are valid HTML is seen to in tests/web/test_pages.py.
    tree: Element = html.document_fromstring(text or "<p></p>")
    return tree


class Seen:
    """A page, or a part of one."""

    def __init__(self, answer: Any, within: Element | None = None) -> None:
        self.answer, self.status = answer, answer.status_code
        self.tree = _parsed(answer.text) if within is None else within

    def all(self, path: str) -> list[Element]:
        """The elements that fit, in ElementTree's own small XPath."""
        return self.tree.findall(f".//{path}")

    @property
    def words(self) -> str:
        """The text of the page's content, or of this part."""
        return words(next(iter(self.all("main")), self.tree))

    @property
    def title(self) -> str:
        """What the browser's tab shows."""
        return "".join(self.all("title")[0].itertext())

    @property
    def heading(self) -> str:
        """The only h1."""
        (heading,) = self.all("h1")
        return words(heading)

    @property
    def said(self) -> str:
        """What the live region announces, without its buttons."""
        places = self.all("*[@id='said']") or self.all("hx-partial[@hx-target='#said']")
        return " ".join(words(one) for one in next(iter(places), Element("div")).iter("p"))

    @property
    def rows(self) -> list[list[str]]:
        """The cells of the tables' bodies."""
        return [[words(cell) for cell in row] for row in self.all("tbody/tr")]

    @property
    def links(self) -> dict[str, str]:
        """Addresses by the words of their links."""
        return {words(link): link.get("href", "") for link in self.all("a[@href]")}

    @property
    def buttons(self) -> list[str]:
        """The words on the buttons of the content."""
        within = next(iter(self.all("main")), self.tree)
        return [words(button) for button in within.iter("button")]

    @property
    def problems(self) -> list[str]:
        """The lines of the error summary."""
        return [words(line) for line in self.all("section[@class='error-summary']//li")]

    def region(self, name: str) -> "Seen":
        """The part that a heading names."""
        for part in self.all("*[@aria-labelledby]"):
            label = self.all(f"*[@id='{part.get('aria-labelledby')}']")
            if label and words(label[0]) == name:
                return Seen(self.answer, part)
        raise AssertionError(f"nothing here is called {name}")

    def form(self, button: str) -> "Form":
        """The form with this button."""
        for form in self.all("form"):
            for one in members_of(form, self.tree):
                if one.tag == "button" and words(one) == button:
                    return Form(form, one, self.tree)
        raise AssertionError(f"there is no button {button} among {self.buttons}")


def members_of(form: Element, tree: Element) -> list[Element]:
    """Everything that belongs to a form: what stands in it, and what names it."""
    return [*(one for one in form.iter() if one.get("form") is None),
            *(one for one in tree.iter() if one.get("form") is not None and one.get("form") == form.get("id"))]


class Form:
    """A form with what its fields hold, about to be sent with one of its buttons."""

    def __init__(self, form: Element, button: Element, tree: Element) -> None:
        self.form, self.members, self.tree, self.action = form, members_of(form, tree), tree, form.get("action", "")
        self.data: dict[str, list[str]] = {}
        for control in self._controls():
            if control.get("type") not in ("checkbox", "radio") or control.get("checked") is not None:
                self.data.setdefault(control.get("name", ""), []).append(self._value(control))
        if button.get("name"):
            self.data.setdefault(button.get("name", ""), []).append(button.get("value", ""))

    def _controls(self) -> list[Element]:
        return [one for one in self.members if one.tag in ("input", "select", "textarea") and one.get("name")]

    @staticmethod
    def _value(control: Element) -> str:
        if control.tag == "select":
            options = list(control.iter("option"))
            chosen = next((one for one in options if one.get("selected") is not None), options[0])
            return chosen.get("value", "")
        # Browsers leave out the line break that a text area begins with.
        return (control.text or "").removeprefix("\n") if control.tag == "textarea" else control.get("value", "")

    def labelled(self, label: str) -> Element:
        """The control with this label."""
        ids = [one.get("for") for one in self.tree.iter("label") if words(one) == label]
        found = [one for one in self._controls() if one.get("id") in ids or one.get("aria-label") == label]
        assert found, f"nothing in the form is labelled {label}"
        return found[0]

    def fill(self, typed: Mapping[str, Any]) -> None:
        """Type into fields, choose options and radios, tick (True) and untick (False), all by label."""
        for label, value in typed.items():
            control = self.labelled(label)
            name, kind = control.get("name", ""), control.get("type")
            if kind == "checkbox":
                there = [one for one in self.data.get(name, []) if one != control.get("value")]
                self.data[name] = [*there, control.get("value", "on")] if value else there
            elif kind == "radio":
                self.data[name] = [control.get("value", "")]
            elif control.tag == "select":
                self.data[name] = [one.get("value", "") for one in control.iter("option") if words(one) == value]
            else:
                self.data[name] = [value]


def look(browser: Any, address: str) -> Seen:
    """Open a page."""
    return Seen(browser.get(address))


def press(browser: Any, seen: Seen, button: str, typed: Mapping[str, Any] | None = None, *,
          part: bool = False) -> Seen:
    """Fill in the form with this button and press it; where the answer leads on, the page there is seen."""
    form = seen.form(button)
    form.fill(typed or {})
    answer = browser.post(form.action, data=form.data, part=part)
    return look(browser, answer.headers["Location"]) if answer.status_code == 303 else Seen(answer)


def switch_of(seen: Seen) -> Element:
    """The switch of a page or a part."""
    (button,) = [one for one in seen.all("button") if one.get("role") == "switch"]
    return button


def turn(browser: Any, seen: Seen, word: str, *, part: bool = False) -> Seen:
    """Ask for on, off or inherit from what was seen, as the switch there or the button for default settings does."""
    switch = switch_of(seen)
    form = next(form for form in seen.all("form") if switch in members_of(form, seen.tree))
    data = {**Form(form, switch, seen.tree).data, "word": [word]}
    answer = browser.post(form.get("action"), data=data, part=part)
    return look(browser, answer.headers["Location"]) if answer.status_code == 303 else Seen(answer)
