"""What can be measured on a page: faults that axe finds, and what lies beside the screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.products import WHOLE

AXE = Axe()
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
# What colors and size decide.
AGAIN = {**RULES, "runOnly": {"type": "rule", "values": [
    "color-contrast", "target-size", "scrollable-region-focusable"]}}
# What reaches beyond the right edge of the screen, and is not inside something that scrolls by itself.
BESIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".scroll"))
  .map(one => one.outerHTML.slice(0, 120))"""


def faults(page: Page, *, again: bool = False) -> list[str]:
    """Violations of WCAG 2.2 A and AA, with the element concerned.

    `again`: the same page in other colors or in another size, so that the rest need not be looked at.
    """
    # Without its stylesheet a page has other colors.
    page.wait_for_load_state()
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.axe_script)
    # At the end of a page what stays at the bottom covers nothing; elsewhere one can scroll, which axe does not know.
    page.evaluate("document.querySelector('.below, .bulk') && scrollTo(0, document.body.scrollHeight)")
    rules = AGAIN if again and not WHOLE else RULES
    found = page.evaluate("rules => axe.run(document, rules)", rules)["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def beside(page: Page) -> list[str]:
    """What one would have to scroll sideways for."""
    return list(page.evaluate(BESIDE))
