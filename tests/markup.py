"""House rules for pages and parts: what every reader, browser and screen reader may rely on."""

import re
from xml.etree import ElementTree as ET

import html5lib

TITLE = re.compile(r"(Error: )?[A-Z0-9].* · Business Texting")
NAMED = ("aria-label", "aria-labelledby", "title")
HIDDEN = ("hidden", "submit", "button")
UNKIND = re.compile(r"\b(invalid|illegal|forbidden|please|sorry|oops|not a valid)\b", re.IGNORECASE)


def parse(text, *, part=False):
    """The tree of a page, or of a part in a <div>; anything that is not valid HTML fails."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parseFragment(text) if part else parser.parse(text)
    assert [error[1] for error in parser.errors] == []
    return tree


def words(element):
    """What a person reads or hears in an element."""
    labels = (found.get("alt") or found.get("aria-label") or "" for found in element.iter())
    return " ".join("".join([*element.itertext(), *labels]).split())


def every(tree, *tags):
    return [element for element in tree.iter() if element.tag in tags]


def inside(tree, wanted):
    """The elements that hold the wanted one."""
    return [element for element in tree.iter() if element is not wanted and wanted in set(element.iter())]


# --- rules for pages and parts -------------------------------------------------------------------


def ids_are_unique(tree):
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert sorted(ids) == sorted(set(ids))


def references_lead_somewhere(tree):
    ids = {element.get("id") for element in tree.iter()}
    for element in tree.iter():
        for name in ("for", "aria-labelledby", "aria-describedby", "list"):
            assert set((element.get(name) or "").split()) <= ids, (name, element.get(name))
    assert {link.get("href")[1:] for link in every(tree, "a") if link.get("href", "").startswith("#")} <= ids


def fields_have_labels(tree):
    labelled = {label.get("for") for label in every(tree, "label") if words(label)}
    for field in every(tree, "input", "select", "textarea"):
        named = field.get("id") in labelled or any(field.get(name) for name in NAMED)
        assert named or field.get("type") in HIDDEN, ET.tostring(field)


def choices_stand_in_groups(tree):
    for radio in (field for field in every(tree, "input") if field.get("type") == "radio"):
        groups = [group for group in inside(tree, radio) if group.tag == "fieldset"]
        assert groups, "radios stand in a fieldset"
        assert words(every(groups[-1], "legend")[0])


def forms_say_where_they_go(tree):
    for form in every(tree, "form"):
        assert form.get("action"), ET.tostring(form)[:200]
        assert form.get("method", "get") in ("get", "post")
        if form.get("method") == "post":
            token = [field for field in every(form, "input") if field.get("name") == "csrf_token"]
            assert len(token) == 1
            typed = [field for field in every(form, "input", "select", "textarea") if field.get("type") not in HIDDEN]
            picked = all(field.get("type") == "checkbox" and not field.get("aria-describedby") for field in typed)
            assert picked or form.get("novalidate") is not None, "our own words instead of the browser's"
        named = [button for button in every(tree, "button") if button.get("form") == form.get("id", "")]
        assert every(form, "button") or named, "no form without a button"


def nothing_is_inline(tree):
    for element in tree.iter():
        assert not {name for name in element.attrib if name == "style" or name.startswith("on")}, element.attrib
    assert every(tree, "style") == []
    assert [script for script in every(tree, "script") if script.text or not script.get("src")] == []


def links_and_buttons_have_words(tree):
    for element in every(tree, "a", "button", "summary"):
        assert words(element), ET.tostring(element)
    assert all(link.get("href") for link in every(tree, "a"))
    assert all(image.get("alt") is not None for image in every(tree, "img"))


def tables_have_headers(tree):
    for table in every(tree, "table"):
        assert [cell for cell in every(table, "th") if cell.get("scope") == "col"]
        assert all(words(cell) and cell.get("scope") in ("col", "row") for cell in every(table, "th"))


def words_are_kind(tree):
    assert not UNKIND.search(words(tree))


ALL = (
    ids_are_unique, references_lead_somewhere, fields_have_labels, choices_stand_in_groups, forms_say_where_they_go,
    nothing_is_inline, links_and_buttons_have_words, tables_have_headers, words_are_kind,
)

# --- rules for whole pages -----------------------------------------------------------------------


def has_language(tree, signed_in):
    (page,) = every(tree, "html")
    assert page.get("lang") == "en"


def has_one_title_and_heading(tree, signed_in):
    (title,), (heading,) = every(every(tree, "head")[0], "title"), every(tree, "h1")
    assert TITLE.fullmatch(title.text)
    assert words(heading)


def has_landmarks(tree, signed_in):
    (main,) = every(tree, "main")
    assert main.get("id") == "main"
    first = every(tree, "a")[0]
    assert (first.get("href"), words(first)) == ("#main", "Skip to the content")
    assert len(every(tree, "header")) == len(every(tree, "footer")) == 1
    assert bool([nav for nav in every(tree, "nav") if nav.get("aria-label") == "Main"]) == signed_in


def has_one_live_region(tree, signed_in):
    (said,) = (element for element in tree.iter() if element.get("role") == "status")
    assert said.get("id") == "said"


def has_ordered_headings(tree, signed_in):
    levels = [int(heading.tag[1]) for heading in every(tree, "h1", "h2", "h3", "h4")]
    assert all(next_one - one <= 1 for one, next_one in zip([1, *levels], levels, strict=False)), levels


def leads_out_and_home(tree, signed_in):
    buttons = {words(button) for button in every(tree, "button")}
    assert ("Sign out" in buttons) == signed_in
    assert "/" in {link.get("href") for link in every(tree, "a")}


WHOLE = (has_language, has_one_title_and_heading, has_landmarks, has_one_live_region, has_ordered_headings,
         leads_out_and_home)


def look_at(answer, *, signed_in=True):
    """Every rule for one page."""
    tree = parse(answer.get_data(as_text=True))
    for rule in WHOLE:
        rule(tree, signed_in)
    for rule in ALL:
        rule(tree)
    return tree
