"""Rules on the page: made in a form, tried, run, taken back, and run with each new caption."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from pycore.rules import from_json
from tests.browser.accessibility import looked_through
from tests.browser.conftest import PageFactory
from tests.browser.page_steps import (
    WAIT_MS,
    button,
    choose,
    drawing,
    file,
    generate,
    wait_until_running,
)
from tests.browser.test_library import TICK, library_file, open_library

STATE = "#rules-state"


def write_rule(page: Page, word: str, keyword: str) -> None:
    """Add a rule by keyboard alone."""
    page.locator("#rule-new").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("What is looked at")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(word)
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.type(keyword)
    said = f"If the caption contains “{word}”, add the keyword “{keyword}”."
    expect(page.locator("#rule-sentence")).to_have_text(said)
    page.keyboard.press("Enter")
    expect(page.locator(".rule-sentence").last).to_have_text(said)
    expect(page.locator(".rule-edit").last).to_be_focused()


def test_rules_on_the_library_are_tried_run_and_taken_back(
    open_page: PageFactory, tmp_path: Path
) -> None:
    page = open_library(open_page, library_file(tmp_path, 300), 300)
    page.locator("#to-rules").click()
    expect(page.get_by_role("heading", name="Rules", exact=True)).to_be_focused()
    expect(page.get_by_text("There is no rule yet.")).to_be_visible()
    write_rule(page, "dog", "pet")
    page.locator(".rule-edit").click()
    button(page, "Add a condition").click()
    button(page, "Add something to do").click()
    assert looked_through(page) == []
    page.keyboard.press("Escape")
    page.locator("#confirm-yes").click()  # parts were added: they do not go unasked
    expect(page.locator("#rule-form")).to_be_hidden()
    expect(page.locator(".rule-edit")).to_be_focused()

    marks = {
        "if": [{"where": "keyword", "test": "is", "value": "pet"}],
        "then": [{"act": "put into folder", "value": "dogs"}, {"act": "flag"}],
    }
    text = json.dumps({"format": "seesay rules", "version": 1, "rules": [marks]})
    page.locator("#rules-file").set_input_files(file("rules.json", text.encode()))
    expect(page.locator(STATE)).to_contain_text("1 rule added.")
    page.get_by_label("On", exact=True).select_option("The library (300)")
    button(page, "Try").click()
    expect(page.locator(STATE)).to_have_text("Would change 150 of 300 images.", timeout=WAIT_MS)
    expect(page.locator(".rule-count")).to_have_text(["150", "150"])
    expect(page.locator("#rules-examples li").last).to_have_text("and 130 more")
    button(page, "Change 150 images").click()
    expect(page.locator(STATE)).to_have_text("Changed 150 images.")

    page.get_by_role("link", name="Library").click()
    page.get_by_label("Find in the library").fill("pet")
    expect(page.locator("#library-count")).to_have_text("150 of 300 images")
    expect(button(page, "Review 300")).to_be_visible()  # nobody has read their words
    page.get_by_label("Find in the library").fill("")
    page.get_by_text("Filter and sort").click()
    page.get_by_label("Marked by rules").select_option("Exported into dogs/ (150)")
    expect(page.locator("#library-count")).to_have_text("150 of 300 images")
    said = "Automatic, flagged, exported into dogs/"
    expect(page.locator(".tile[data-filled] .tile-state").first).to_have_text(said)
    page.locator(TICK).first.check()
    button(page, "Select all").click()
    button(page, "Remove marks").click()
    expect(page.locator("#library-count")).to_have_text("0 of 300 images")
    page.locator("#shelf-undo").click()
    expect(page.locator("#library-count")).to_have_text("150 of 300 images")
    button(page, "Show all images").click()
    page.get_by_label("Find in the library").fill("pet")
    expect(page.locator("#library-count")).to_have_text("150 of 300 images")
    page.locator("#to-rules").click()
    button(page, "Undo").click()
    expect(page.locator(STATE)).to_have_text("Taken back: 150 images.")
    page.get_by_role("link", name="Library").click()
    expect(page.locator("#library-count")).to_have_text("0 of 300 images")


def test_rules_run_with_each_new_caption_and_go_out_and_in(open_warm_page: PageFactory) -> None:
    page = open_warm_page(path="#rules").page
    wait_until_running(page)
    rule = {
        "if": [{"where": "name", "test": "contains", "value": "sun"}],
        "then": [
            {"act": "add keyword", "value": "sky"},
            {"act": "put into folder", "value": "summer"},
            {"act": "flag"},
        ],
    }
    text = json.dumps({"format": "seesay rules", "version": 1, "rules": [rule]})
    page.locator("#rules-file").set_input_files(file("rules.json", text.encode()))
    expect(page.locator(STATE)).to_contain_text("1 rule added.", timeout=WAIT_MS)
    condition = {"key": "caption", "operator": "kex", "value": "dog"}
    workflow = json.dumps({"tasks": [{"conditions": [condition]}]})
    page.locator("#rules-file").set_input_files(file("workflow.json", workflow.encode()))
    expect(page.locator(".rule-sentence").last).to_have_text(
        "If the caption contains “dog”, flag it."
    )
    page.locator("#rules-file").set_input_files(file("none.json", b"{"))
    expect(page.locator("#rules-problem")).to_have_text("The file of rules is not JSON.")
    page.get_by_label("Run the rules with every new caption").check()
    with page.expect_download() as download:
        button(page, "Export").click()
    assert len(from_json(Path(download.value.path()).read_text("utf-8"))) == 2

    page.reload()
    expect(page.locator(".rule-sentence")).to_have_count(2)
    expect(page.get_by_label("Run the rules with every new caption")).to_be_checked()
    page.get_by_role("link", name="Back to captions").click()
    choose(page, file("sun.png", drawing()))
    generate(page)
    expect(page.locator("#keyword-list")).to_contain_text("sky")
    page.locator("#to-rules").click()
    button(page, "Try").click()
    expect(page.locator(STATE)).to_contain_text("Nothing would change. 1 image looked at.")
