"""The pages about carriers name what there is: every kind, and every field of a kind by its label."""

from pathlib import Path

import pytest

from portal.carriers import KINDS

DOCS = Path(__file__).parents[2] / "docs" / "carriers"
PAGES = {page.stem: page.read_text(encoding="utf-8") for page in DOCS.glob("*.md")}
ADDED = {name: kind for name, kind in KINDS.items() if not kind.embedded}


def test_every_kind_stands_in_the_choice():
    assert ADDED
    assert [name for name in ADDED if f"({name}.md)" not in PAGES["README"]] == []


@pytest.mark.parametrize("name", sorted(ADDED.keys() & PAGES.keys()))
def test_the_page_of_a_kind_names_every_field(name):
    assert [field.label for field in ADDED[name].fields if field.label not in PAGES[name]] == []
