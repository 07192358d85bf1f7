"""The pages about carriers name what there is: every kind, and every field of a kind by its label."""

from pathlib import Path

import pytest

from portal.carriers import KINDS

DOCS = Path(__file__).parents[2] / "docs" / "carriers"
PAGES = {page.stem: page.read_text(encoding="utf-8") for page in DOCS.glob("*.md")}
TEMPLATES = "".join(page.read_text(encoding="utf-8") for page in
                    (DOCS.parents[1] / "portal" / "templates" / "operator").glob("*carrier*.html"))
# What the pages about carriers tell people to press or to look at.
NAMED = ("Add carrier", "Test connection", "Where the carrier tells what came", "Set carrier", "Choose carrier",
         "Take all texts", "Reports that fit nothing")
ADDED = {name: kind for name, kind in KINDS.items() if not kind.embedded}


def test_every_kind_stands_in_the_choice():
    assert ADDED
    assert [name for name in ADDED if f"({name}.md)" not in PAGES["README"]] == []


@pytest.mark.parametrize("words", NAMED)
def test_what_the_pages_name_is_called_so_in_the_portal(words):
    assert f'_("{words}")' in TEMPLATES
    assert any(words in page for page in PAGES.values())


@pytest.mark.parametrize("name", sorted(ADDED.keys() & PAGES.keys()))
def test_the_page_of_a_kind_names_every_field(name):
    assert [field.label for field in ADDED[name].fields if field.label not in PAGES[name]] == []
