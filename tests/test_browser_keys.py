"""The chat in a browser by keys, and on a narrow page: where the keys go, and what is seen."""

from browsing import SCROLLS, SETTLED, Reader, needs_chromium
from chatting import PATIENCE
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = needs_chromium


def test_a_marker_opens_the_page_with_its_words_in_view_and_keys(
    reader: Reader,
) -> None:
    reader.ask("What is the largest suitcase each passenger may take?")
    reader.await_keys('[data-testid="stChatInput"] textarea')
    reader.driver.find_element(By.CSS_SELECTOR, "button.bf-mark").send_keys(Keys.ENTER)
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
    reader.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    WebDriverWait(reader.driver, PATIENCE).until(
        lambda driver: not driver.find_elements(By.CSS_SELECTOR, ".bf-picture")
    )
    reader.await_keys("button.bf-mark")


def test_keys_reach_menus_and_stay_where_they_are_needed(reader: Reader) -> None:
    reader.ask("What is the largest suitcase each passenger may take?")
    # A menu stands at the end of the page, and is entered when it opens.
    reader.press(".st-key-conversation-menu button")
    reader.await_keys('[class*="st-key-title-"] input')
    reader.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    reader.await_keys(".st-key-conversation-menu button")
    # Streamlit makes this button anew.
    reader.press(".st-key-view-documents button")
    reader.await_many(".st-key-search-documents input", 1)
    reader.await_keys(".st-key-view-documents button")
    reader.press(".st-key-new button")
    reader.await_keys('[data-testid="stChatInput"] textarea')
    # What is hidden is not reached.
    reader.driver.find_element(
        By.CSS_SELECTOR, '[data-testid="stSidebarCollapseButton"] button'
    ).send_keys(Keys.ENTER)
    reader.await_keys('[data-testid="stExpandSidebarButton"]')
    WebDriverWait(reader.driver, PATIENCE).until(
        lambda driver: not driver.find_element(By.CSS_SELECTOR, ".st-key-new button").is_displayed()
    )


OPENS_SIDEBAR = '[data-testid="stExpandSidebarButton"]'


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
    reader.await_many('[data-test-script-state="notRunning"]', 1)
    reader.await_keys("h1[tabindex]")
    reader.driver.switch_to.active_element.send_keys(Keys.TAB)
    reader.await_keys(".st-key-own input")
    reader.driver.switch_to.active_element.send_keys(Keys.SPACE)
    reader.await_text('[data-testid="stSlider"]', "Least score of a passage")
    reader.press(OPENS_SIDEBAR)
    reader.press(".st-key-view-chat button")
    reader.await_keys('[data-testid="stChatInput"] textarea')
    # A conversation is searched for and opened by keys alone.
    reader.press(OPENS_SIDEBAR)
    reader.press(".st-key-search-history input")
    reader.driver.switch_to.active_element.send_keys("suitcase" + Keys.ENTER)
    reader.driver.switch_to.active_element.send_keys(Keys.TAB)
    WebDriverWait(reader.driver, PATIENCE, 0.2).until(
        lambda _: all("suitcase" in title for title in reader.text(".bf-history li").split("\n")),
        "other conversations are found too",
    )
    reader.await_keys(".bf-history button")
    reader.driver.switch_to.active_element.send_keys(Keys.ENTER)
    reader.await_keys('[data-testid="stChatInput"] textarea')
    reader.await_text(".bf-quote", "suitcase of up to 25 kilograms")


def test_a_question_stays_at_the_top_of_a_long_answer_until_the_reader_does_something(
    reader: Reader,
) -> None:
    size = {"width": 390, "height": 420, "deviceScaleFactor": 1, "mobile": False}
    reader.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)  # type: ignore[no-untyped-call]
    reader.ask("What is the largest suitcase each passenger may take?")
    # What comes last makes the page longer.
    reader.await_many('[data-testid="stFeedback"] button, [class*="st-key-thumb-"] button', 2)
    top, below = reader.driver.execute_async_script(SETTLED)  # type: ignore[no-untyped-call]
    assert 0 < top < 150
    assert below > 0
    reader.driver.switch_to.active_element.send_keys(Keys.PAGE_DOWN)
    reader.driver.execute_script(f"{SCROLLS}.scrollTo(0, 1e6)")  # type: ignore[no-untyped-call]
    top, below = reader.driver.execute_async_script(SETTLED)  # type: ignore[no-untyped-call]
    assert top < 0
    assert below == 0


def test_what_is_asked_from_further_up_comes_into_view_with_its_answer(reader: Reader) -> None:
    reader.narrow()
    reader.ask("What is the largest suitcase each passenger may take?")
    reader.driver.switch_to.active_element.send_keys(Keys.SHIFT)
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
