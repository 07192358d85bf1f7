"""A person at the portal in a language of their own, who never meets an English word that the portal can translate."""

import re
from functools import cache, lru_cache

from playwright.sync_api import Locator, Page, expect

from tests.browser.said import list_sentences, locale_of_browser, say_in

# Every text that is seen or read out, but what people have written: names, texts, and words of another language. The
# portal's own name stands at the end of every title, in the bar, and on the pages of strangers.
SEEN = """() => {
  const theirs = "[lang]:not(html), [hreflang], .brand, bdi, code, .body, script, style"
  const title = document.title.split(" · "), portal = title.pop()
  const found = new Set(title)
  for (const one of document.querySelectorAll("body *")) {
    if (one.closest(theirs) || !(one.checkVisibility() || one.matches("option, optgroup"))) continue
    for (const name of ["aria-label", "title", "placeholder", "alt", "label", "data-label"])
      found.add(one.getAttribute(name) || "")
    const own = [...one.childNodes].filter(part => part.nodeType === 3).map(part => part.data.trim())
    if (own.some(words => words)) [...own, one.textContent].forEach(words => found.add(words))
  }
  if (!document.body.matches(".inside")) found.delete(portal)
  return [...found].map(words => words.replace(/\\s+/g, " ").trim()).filter(words => words)
}"""


class Person:
    """Who names what they press and read by its English words, and finds it in their own language."""

    def __init__(self, page: Page, language: str) -> None:
        self.page, self.language, self.said = page, language, say_in(language)

    def go(self, address: str) -> None:
        self.page.goto(address)

    def find(self, role: str, name: str, where: str = "main") -> Locator:
        """What is named so in a part of the page."""
        return self.page.locator(where).get_by_role(role, name=self.said(name), exact=True).first

    def press(self, name: str, role: str = "button", where: str = "main") -> None:
        found = self.find(role, name, where)
        found.wait_for()
        self.look()
        found.click()

    def follow(self, name: str, where: str = "main") -> None:
        self.press(name, "link", where)

    def visit(self, name: str) -> None:
        """By the menu of the portal."""
        self.follow(name, "nav")

    def fill(self, **values: str) -> None:
        """`fill(Email_address="...")`"""
        for label, value in values.items():
            field = self.field(label.replace("_", " "))
            field.wait_for()
            field.fill(value)

    def choose_place(self, country: str, zone: str) -> None:
        """A country by its code, and one of the zones that it brings by its name in the data of time zones."""
        self.page.locator("#zones").evaluate("old => old.dataset.old = 'yes'")
        self.field("Country").select_option(country)
        expect(self.page.locator("#zones[data-old]")).to_have_count(0)
        self.field("Time zone").select_option(zone)

    def field(self, label: str) -> Locator:
        return self.page.locator("main").get_by_label(self.said(label), exact=True)

    def reads(self, *sentences: str, within: Locator | None = None) -> None:
        """These stand on the page, in its language."""
        for sentence in sentences:
            expect(within or self.page.locator("main")).to_contain_text(self.wording(sentence))
        self.look()

    def wording(self, sentence: str) -> str | re.Pattern[str]:
        """How the language says it, as a part of more."""
        said = self.said(sentence)
        return said if isinstance(said, str) else re.compile(said.pattern[1:-1])

    def look(self) -> None:
        """Look at all of the page."""
        self.page.wait_for_load_state()
        expect(self.page.locator("html")).to_have_attribute("lang", locale_of_browser(self.language))
        if self.language != "en":
            english = [seen for seen in self.page.evaluate(SEEN) if is_english(self.language, seen)]
            assert english == [], f"English on {self.page.url}: {english}"


@cache
def is_english(language: str, seen: str) -> bool:
    """Whether this is a sentence of the portal that the language says in other words."""
    return seen not in list_wordings(language) and any(
        one.is_said_by(seen) and not any(form.fullmatch(seen) for form in one.patterns)
        for one in list_sentences(language) if one.longest in seen)


@lru_cache
def list_wordings(language: str) -> frozenset[str]:
    """All that the language says without a value in it."""
    return frozenset(form for one in list_sentences(language) for form in one.forms)
