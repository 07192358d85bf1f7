"""Inventories on pages: checked first, carried out by a press, and never half."""

import io
import re

import pytest

FRESH = "+14165550134"


@pytest.fixture
def olga(browse):
    return browse("Olga")


def send(browser, *rows):
    content = "\n".join(("Number,Organization", *rows)).encode()
    return browser.post("/operator/inventory", data={"file": (io.BytesIO(content), "numbers.csv")})


def test_a_file_is_checked_and_carried_out_once(olga):
    assert "No file was uploaded yet." in olga.get("/operator/inventory").text
    page = send(olga, f"{FRESH},Maple Clinic").location
    shown = olga.get(page).text
    assert re.search(r"Numbers to add.*?1", shown)
    assert "Nothing has been changed yet." in shown
    assert "+1 416 555 0101" in shown, "what the file does not name is listed"
    seen = {"seen": re.search(r'name="seen" value="([^"]*)"', shown)[1]}
    done = olga.post(page, data=seen, follow_redirects=True).text
    assert "Done (claims confirmed: 0, numbers added: 1, dates changed: 0)." in done
    assert "Nothing has been changed yet." not in done
    assert "carried out already" in olga.post(page, data=seen, follow_redirects=True).text
    assert "numbers.csv" in olga.get("/operator/inventory").text


def test_wrong_rows_are_told_with_their_lines_and_nothing_can_be_carried_out(olga):
    page = send(olga, f"{FRESH},Maple Clinic", "12,Maple Clinic", "+14165550135,Nowhere").location
    shown = olga.get(page).text
    assert "Line 3:" in shown
    assert "Line 4:" in shown
    assert "Carry it out" not in shown
    assert "would do something else" in olga.post(page, data={"seen": ""}, follow_redirects=True).text


def test_a_line_is_named_as_editors_number_it(olga):
    """1234, not 1,234: it is no amount."""
    shown = olga.get(send(olga, *[""] * 1232, "12,Maple Clinic").location).text
    assert "Line 1234:" in shown


@pytest.mark.parametrize("file", [{}, {"file": (io.BytesIO(b"%PDF"), "numbers.csv")}], ids=("none", "pdf"))
def test_what_is_no_inventory_is_refused(olga, file):
    answer = olga.post("/operator/inventory", data=file)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def test_nothing_to_do_is_said(olga):
    assert "There is nothing to do" in olga.get(send(olga, "416 555 0101,Maple Clinic").location).text
