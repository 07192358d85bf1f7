"""Import users: check a file, import what is right, take the errors and the links home."""

import csv
import io
import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# Milliseconds that work behind a page may take on a busy machine.
PATIENTLY = 120_000

FILE = """\
Display Name,User ID/Email (Required),Phone Number,Location,Texting
Nia Brook,nia@example.com,(416) 555-0180,Toronto,ON
Tom Vale,tom@example.com,,Atlantis,
Uli Brandt,uli@example.com,,,OFF
"""


def downloaded(page, button):
    with page.expect_download() as saved:
        button.click()
    return list(csv.DictReader(io.StringIO(saved.value.path().read_text(encoding="utf-8-sig"))))


def test_a_file_is_checked_then_imported(sit_down):
    ada = sit_down("Ada")
    ada.goto("/admin/import")
    file = {"name": "users.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    ada.get_by_label("CSV file").set_input_files(file)
    ada.get_by_role("button", name="Check file").click()
    content = ada.get_by_role("main")
    expect(ada.get_by_role("heading", level=1)).to_have_text("What this file would do")
    expect(content).to_contain_text("Nothing has been changed yet.")
    expect(content).to_contain_text("There is no location Atlantis.")

    ada.get_by_role("button", name="Import", exact=True).click()

    expect(ada.get_by_role("status")).to_have_text("Imported: 1 new, 1 changed, 1 left out.")
    wrong, = downloaded(ada, ada.get_by_role("link", name="Download error file"))
    assert wrong["Display Name"] == "Tom Vale"
    assert wrong["Error"].startswith("There is no location Atlantis.")
    link, = downloaded(ada, ada.get_by_role("button", name="Download sign-in links"))
    assert "/welcome/" in "".join(link.values())
    ada.goto("/admin/users?texting=own-setting&search=uli@")
    expect(ada.get_by_role("row").nth(1)).to_contain_text("Off set for this user")


MANY = "Display Name,User ID/Email (Required),Location\n" + "".join(
    f"Person {n},person{n}@example.com,Toronto\n" for n in range(6000))


def test_a_large_file_is_imported_behind_a_bar_that_moves_and_undone_again(sit_down):
    """Whoever leaves the page finds the bar again."""
    ada = sit_down("Ada")
    ada.goto("/admin/import")
    ada.get_by_label("CSV file").set_input_files(
        {"name": "many.csv", "mimeType": "text/csv", "buffer": MANY.encode()})
    ada.get_by_role("button", name="Check file").click()
    ada.get_by_role("button", name="Import", exact=True).click()
    bar = ada.get_by_role("progressbar", name="Users from the file are being imported")
    expect(bar).to_have_attribute("max", "6000", timeout=PATIENTLY)
    seen = {bar.get_attribute("value")}
    ada.goto("/admin/import")
    expect(ada.get_by_role("row", name="many.csv")).to_contain_text(re.compile("of 6,000|6,000 new"))
    ada.get_by_role("link", name="many.csv").click()
    ada.wait_for_function("seen => !document.querySelector('progress[id^=import]')"
                          " || !seen.includes(document.querySelector('progress[id^=import]').getAttribute('value'))",
                          arg=sorted(seen), timeout=PATIENTLY)
    expect(ada.get_by_role("heading", level=1)).to_have_text("What was imported", timeout=PATIENTLY)
    expect(ada.get_by_role("main")).to_contain_text("6,000", timeout=PATIENTLY)
    ada.get_by_role("button", name="Undo the import").click(timeout=PATIENTLY)
    expect(ada.get_by_role("main")).to_contain_text("Undone: 6,000 restored", timeout=PATIENTLY)
