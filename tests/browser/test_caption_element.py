"""``<seesay-caption>`` on a page of the site's origin, with the tiny random model."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.api_page import api_site, isolated, opened, run, started
from tests.browser.conftest import OpenPage

__all__ = ["api_site", "isolated", "opened", "started"]  # fixtures

ICON = "../icons/icon-192.png"


@pytest.fixture
def page(opened: OpenPage) -> Page:
    """Return a page that knows the element, which uses the captioner that is up."""
    run(
        opened.page,
        """
        const { SeesayCaptionElement } = await import("../embed/caption_element.mjs");
        SeesayCaptionElement.captioner = window.started;
        const main = document.createElement("main");
        document.body.replaceChildren(main);
        window.told = [];
        for (const kind of ["input", "change", "seesay-caption", "seesay-error"]) {
          main.addEventListener(kind, ({ type }) => told.push(type));
        }
        """,
    )
    return opened.page


def show(page: Page, html: str) -> None:
    page.evaluate(
        "(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", html
    )


def values(page: Page) -> object:
    """What a form would send."""
    return page.evaluate("[...new FormData(document.querySelector('form'))]")


def values_of(page: Page) -> object:
    """What the field and the image say."""
    return page.evaluate("[document.querySelector('seesay-caption').value, lost.alt]")


def test_a_draft_fills_the_field_the_form_and_the_image(page: Page) -> None:
    show(page, f'<img id="one" src="{ICON}"><form><seesay-caption for="one" name="alt"/></form>')
    field = page.get_by_role("textbox", name="Alternative text")
    expect(field).to_have_value("")
    page.get_by_role("button", name="Describe").click()
    expect(field).not_to_have_value("")
    draft = field.input_value()
    expect(page.locator("#one")).to_have_attribute("alt", draft)
    assert values(page) == [["alt", draft]]
    assert page.evaluate("told") == ["seesay-caption"]

    field.fill("An eye in a bubble")
    expect(page.locator("#one")).to_have_attribute("alt", "An eye in a bubble")
    field.blur()
    assert page.evaluate("told") == ["seesay-caption", "input", "change"]
    page.evaluate("document.querySelector('form').reset()")
    assert values(page) == [["alt", ""]]


def test_words_that_were_there_stay(page: Page) -> None:
    show(
        page,
        f"""
        <img id="said" src="{ICON}" alt="The logo"><img id="decorative" src="{ICON}" alt="">
        <img id="silent" src="{ICON}">
        <form>
          <seesay-caption for="said" name="said" auto></seesay-caption>
          <seesay-caption for="decorative" name="decorative" auto></seesay-caption>
          <seesay-caption for="silent" name="silent" auto></seesay-caption>
        </form>
        """,
    )
    # The last of them is the only one that asks.
    expect(page.locator("#silent")).to_have_attribute("alt", re.compile("."))
    silent = page.locator("#silent").get_attribute("alt")
    assert values(page) == [["said", "The logo"], ["decorative", ""], ["silent", silent]]
    assert page.evaluate("told") == ["seesay-caption"]


def test_what_goes_wrong_is_said_and_the_next_try_may_work(opened: OpenPage, page: Page) -> None:
    opened.watch.ignored.append("404")
    show(page, '<img id="lost" src="nowhere.png"><seesay-caption for="lost" required/>')
    page.get_by_role("button", name="Describe").click()
    expect(page.get_by_role("status")).to_contain_text("answered 404")
    field = page.locator("seesay-caption")
    assert field.evaluate("(element) => element.matches(':invalid')")
    page.locator("#lost").evaluate(f"(image) => {{ image.src = '{ICON}'; }}")
    page.get_by_role("button", name="Describe").click()
    expect(page.get_by_role("status")).to_be_empty()
    assert field.evaluate("(element) => element.matches(':valid')")
    field.evaluate("(element) => element.setAttribute('for', 'nobody')")
    page.get_by_role("button", name="Describe").click()
    expect(page.get_by_role("status")).to_contain_text("no image to describe")
    assert page.evaluate("told") == ["seesay-error", "seesay-caption", "seesay-error"]
    page.locator("seesay-caption").evaluate(
        """(element) => {
          const result = { caption: "I cannot tell what this photograph shows", confidence: 0 };
          element.constructor.captioner = { caption: async () => result };
          element.setAttribute("for", "lost");
          element.value = "";
        }"""
    )
    page.get_by_role("button", name="Describe").click()
    expect(page.get_by_role("status")).to_contain_text("The model cannot tell")
    assert values_of(page) == ["", ""]
