"""What speaks or comes by itself has its place on the page before it has anything to say."""

from __future__ import annotations

import re

from tools.project import ROOT

WEB = ROOT / "web"


def rules(sheet: str) -> dict[str, str]:
    """Declarations of a style sheet by selector, those in media queries included."""
    text = re.sub(r"/\*.*?\*/", "", (WEB / "styles" / sheet).read_text("utf-8"), flags=re.DOTALL)
    return {names.strip(): body for names, body in re.findall(r"([^{}]+)\{([^{}]*)\}", text)}


def test_where_it_looked_is_spoken_where_the_library_shows_an_image() -> None:
    """A live region that is not in the tree before its first words may say nothing of them."""
    styles = rules("library_image.css")
    emptied = [name for name, body in styles.items() if ":empty" in name and "none" in body]
    assert emptied == [".image-side > p:not([role]):empty"]
    assert "min-height" in styles["#image-look-hint"]
    page = (WEB / "index.html").read_text("utf-8")
    assert re.search(r'<p [^>]*id="image-look-hint" role="status">', page)
    assert page.index('id="image-small"') < page.index('id="image-look-words"')  # is not pushed


def test_what_speaks_is_in_the_tree_while_it_says_nothing() -> None:
    """None of these is a live region; those take no room in other ways while they are empty."""
    emptied = {
        name
        for sheet in (WEB / "styles").glob("*.css")
        for names, body in rules(sheet.name).items()
        if "display: none" in body
        for name in names.split(",\n")
        if ":empty" in name
    }
    assert emptied == {
        "#look-hint:empty",
        ".image-side > p:not([role]):empty",
        ".notes:empty",
        ".plate > :empty",
        ".rules-table .rule-count:empty",
    }


def test_what_waits_is_said_in_its_own_place_and_the_button_says_what_for() -> None:
    page = (WEB / "index.html").read_text("utf-8")
    place = re.search(r'<p class="waiting-place">.*</p>', page)
    assert place
    assert '<span id="waiting-note" hidden>' in place[0]
    assert re.search(r'<button [^>]*aria-describedby="waiting-said"', place[0])
    assert "min-height" in rules("library.css")[".waiting-place"]
