"""What can be measured on a page: faults that axe finds, and what lies beside the screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
# What reaches beyond the right edge of the screen, and is not inside something that scrolls by itself.
BESIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".scroll"))
  .map(one => one.outerHTML.slice(0, 120))"""


def faults(page: Page) -> list[str]:
    """Violations of WCAG 2.2 A and AA, with the element concerned."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def beside(page: Page) -> list[str]:
    """What one would have to scroll sideways for."""
    return list(page.evaluate(BESIDE))
