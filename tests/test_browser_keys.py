"""The chat in a browser by keys, and on a narrow page: where the keys go, and what is seen."""

from browsing import QUESTION, SCROLLS, SETTLED, Reader, needs_chromium
from selenium.webdriver.common.keys import Keys

pytestmark = needs_chromium

OPENS_SIDEBAR = '[data-testid="stExpandSidebarButton"]'

# Whether nothing can be reached by keys that lies outside of the page.
REACHED_UNSEEN = """
const reached = document.querySelectorAll("button, input, textarea, summary, [tabindex='0']");
return ![...reached].some((one) => {
  const place = (one.closest("label") ?? one).getBoundingClientRect();
  return one.checkVisibility({ visibilityProperty: true }) && place.width > 1 && place.right < 0;
});
"""
# What is too small for a finger; a slider is pressed anywhere on its line.
SMALL = """
return [...document.querySelectorAll("button, input:not([type=range]), textarea, summary")].filter(
  (one) => {
    const place = (one.closest("label") ?? one).getBoundingClientRect();
    const seen = one.checkVisibility({ visibilityProperty: true }) && place.width > 1;
    return seen && Math.min(place.width, place.height) < 23.5;
  }).map((one) => one.outerHTML.slice(0, 200));
"""


def test_a_marker_opens_the_page_with_its_words_in_view_and_keys(
    reader: Reader,
) -> None:
    reader.ask("What is the largest suitcase each passenger may take?")
    reader.await_keys(QUESTION)
    reader.press("button.bf-mark")
    reader.await_many(".bf-picture img", 1)
    reader.await_keys(".st-key-beside h2")
    reader.await_many(".bf-area", 1)
    # The area lies within the window, upon a picture that has been drawn.
    reader.await_script(
        "const area = document.querySelector('.bf-area.bf-here').getBoundingClientRect();"
        "const image = document.querySelector('.bf-picture img');"
        "return area.top > 60 && area.bottom < innerHeight && area.width > 50 && area.height > 5"
        " && image.naturalWidth > 500;"
    )
    reader.keys(Keys.ESCAPE)
    reader.await_none(".bf-picture")
    reader.await_keys("button.bf-mark")


def test_keys_reach_menus_and_stay_where_they_are_needed(reader: Reader) -> None:
    reader.ask("What is the largest suitcase each passenger may take?")
    # A menu stands at the end of the page, and is entered when it opens.
    reader.press(".st-key-conversation-menu button")
    reader.await_keys('[class*="st-key-title-"] input')
    reader.keys(Keys.ESCAPE)
    reader.await_keys(".st-key-conversation-menu button")
    # Streamlit makes this button anew.
    reader.press(".st-key-view-documents button")
    reader.await_many(".st-key-search-documents input", 1)
    reader.await_keys(".st-key-view-documents button")
    reader.press(".st-key-new button")
    reader.await_keys(QUESTION)
    # What is hidden is not reached.
    reader.press('[data-testid="stSidebarCollapseButton"] button')
    reader.await_keys('[data-testid="stExpandSidebarButton"]')
    reader.await_script(REACHED_UNSEEN)


def test_on_a_phone_the_keys_go_where_the_sidebar_leads(reader: Reader) -> None:
    reader.ask("What is the largest suitcase each passenger may take?")
    reader.narrow()
    for view in ("documents", "settings"):
        reader.press(OPENS_SIDEBAR)
        reader.await_keys(".st-key-new button")
        reader.press(f".st-key-view-{view} button")
        reader.await_text("h1[tabindex]", view.capitalize())
        reader.await_keys("h1[tabindex]")
    # The settings come next, and are set by a key.
    reader.await_rest()
    reader.await_keys("h1[tabindex]")
    reader.keys(Keys.TAB)
    reader.await_keys(".st-key-own input")
    reader.keys(Keys.SPACE)
    reader.await_text('[data-testid="stSlider"]', "Least score of a passage")
    reader.press(OPENS_SIDEBAR)
    reader.press(".st-key-view-chat button")
    reader.await_keys(QUESTION)
    # A conversation is searched for and opened by keys alone.
    reader.press(OPENS_SIDEBAR)
    reader.press(".st-key-search-history input")
    reader.keys("suitcase" + Keys.ENTER)
    reader.keys(Keys.TAB)
    reader.until(
        lambda: all("suitcase" in title for title in reader.text(".bf-history li").split("\n")),
        "other conversations are found too",
    )
    reader.await_keys(".bf-history button")
    reader.keys(Keys.ENTER)
    reader.await_keys(QUESTION)
    reader.await_text(".bf-quote", "suitcase of up to 25 kilograms")


def test_a_question_stays_at_the_top_of_a_long_answer_until_the_reader_does_something(
    reader: Reader,
) -> None:
    reader.narrow(height=420)
    reader.ask("What is the largest suitcase each passenger may take?")
    # What comes last makes the page longer.
    reader.await_many('[data-testid="stFeedback"] button, [class*="st-key-thumb-"] button', 2)
    top, below = reader.driver.execute_async_script(SETTLED)  # type: ignore[no-untyped-call]
    assert 0 < top < 150
    assert below > 0
    reader.keys(Keys.PAGE_DOWN)
    reader.driver.execute_script(f"{SCROLLS}.scrollTo(0, 1e6)")  # type: ignore[no-untyped-call]
    top, below = reader.driver.execute_async_script(SETTLED)  # type: ignore[no-untyped-call]
    assert top < 0
    assert below == 0


def test_what_is_pressed_in_an_answer_stays_where_it_is(reader: Reader) -> None:
    reader.narrow()
    reader.ask("What is the largest suitcase each passenger may take?")
    for pressed in (".bf-source > summary", ".bf-trace > summary"):
        # What was pressed before is held in its place until the reader does something.
        reader.keys(Keys.SHIFT)
        # In view already, for a click brings it there.
        reader.driver.execute_script(  # type: ignore[no-untyped-call]
            f"document.querySelector('{pressed}').scrollIntoView({{block: 'center'}})"
        )
        reader.driver.execute_async_script(SETTLED)  # type: ignore[no-untyped-call]
        top = f"return document.querySelector('{pressed}').getBoundingClientRect().top"
        before = reader.driver.execute_script(top)  # type: ignore[no-untyped-call]
        reader.click(pressed)
        reader.driver.execute_async_script(SETTLED)  # type: ignore[no-untyped-call]
        assert abs(reader.driver.execute_script(top) - before) < 3  # type: ignore[no-untyped-call]


def test_what_is_asked_from_further_up_comes_into_view_with_its_answer(reader: Reader) -> None:
    reader.narrow()
    reader.ask("What is the largest suitcase each passenger may take?")
    reader.keys(Keys.SHIFT)
    reader.driver.execute_script(  # type: ignore[no-untyped-call]
        "document.querySelectorAll('details').forEach((one) => (one.open = true));"
        f"{SCROLLS}.scrollTo(0, 0)"
    )
    reader.ask("风速超过多少时，靠泊要再加一根缆绳？")
    reader.await_script(
        "const asked = [...document.querySelectorAll('.bf-question')].at(-1);"
        "const offers = [...document.querySelectorAll('[class*=st-key-tools-]')].at(-1);"
        "const end = offers.getBoundingClientRect().bottom;"
        "return asked.getBoundingClientRect().top > 0 && end < innerHeight;"
    )


def test_from_question_to_page_and_back_without_a_mouse(reader: Reader) -> None:
    # Whoever comes to the page asks at once.
    reader.await_keys(QUESTION)
    reader.keys("What is the largest suitcase each passenger may take?", Keys.ENTER)
    reader.await_many(".bf-trace", 1)
    reader.await_rest()
    reader.await_keys(QUESTION)
    _tab_to(reader, "button.bf-mark", back=True)
    reader.keys(Keys.ENTER)
    reader.await_keys(".st-key-beside h2")
    reader.await_many(".bf-picture img", 1)
    reader.await_rest()
    _tab_to(reader, ".st-key-beside-close button")
    reader.keys(Keys.ENTER)
    reader.await_none(".st-key-beside")
    reader.await_rest()
    reader.await_keys("button.bf-mark")
    # Renamed by its menu, which gives the keys back.
    _tab_to(reader, ".st-key-conversation-menu button", back=True)
    reader.keys(Keys.ENTER)
    reader.await_keys('[class*="st-key-title-"] input')
    reader.keys(Keys.END, " of mine", Keys.ENTER)
    reader.await_text(".bf-history", "take? of mine")
    reader.await_rest()
    reader.keys(Keys.ESCAPE)
    reader.await_keys(".st-key-conversation-menu button")
    # Uploads, history and settings come before the conversation.
    for place in (
        '[data-testid="stFileUploader"] button',
        ".bf-history button",
        ".st-key-new button",
    ):
        _tab_to(reader, place, back=True)
    _tab_to(reader, ".st-key-view-settings button")
    reader.keys(Keys.ENTER)
    reader.await_many(".st-key-own input", 1)
    reader.await_rest()
    _tab_to(reader, ".st-key-own input")


def _tab_to(reader: Reader, selector: str, *, back: bool = False) -> None:
    """Go to an element by Tab alone."""
    here = "return document.activeElement?.matches(arguments[0]) ?? false"
    for _ in range(60):
        reader.keys(Keys.TAB, shift=back)
        if reader.driver.execute_script(here, selector):  # type: ignore[no-untyped-call]
            return
    raise AssertionError(f"no Tab leads to {selector}")


def _await_nothing_small(reader: Reader) -> None:
    """Wait until nothing is too small: what slides in is so for a moment."""
    reader.await_script(f"return !(() => {{{SMALL}}})().length")


def test_on_a_phone_everything_can_be_hit_by_a_finger_and_nothing_unseen_takes_keys(
    reader: Reader,
) -> None:
    reader.narrow()
    reader.await_script(REACHED_UNSEEN)
    reader.ask("What is the largest suitcase each passenger may take?")
    opens_all = "document.querySelectorAll('details').forEach((one) => (one.open = true))"
    reader.driver.execute_script(opens_all)  # type: ignore[no-untyped-call]
    _await_nothing_small(reader)
    reader.press("button.bf-mark")
    reader.await_many(".bf-picture img", 1)
    _await_nothing_small(reader)
    reader.press(".st-key-beside-close button")
    reader.await_none(".st-key-beside")
    for view, shown in (("documents", ".bf-library"), ("settings", '[data-testid="stForm"]')):
        reader.press(OPENS_SIDEBAR)
        reader.await_keys(".st-key-new button")
        _await_nothing_small(reader)
        reader.press(f".st-key-view-{view} button")
        reader.await_many(shown, 1)
        reader.await_keys("h1[tabindex]")
        _await_nothing_small(reader)
