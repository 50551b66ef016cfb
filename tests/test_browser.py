"""The real thing: `bifolio chat`, a browser, and somebody who types a question."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from chatting import PATIENCE, chatting
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from bifolio import Library
from bifolio.answers.prompts import NOT_FOUND_EN

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
SAMPLES = Path(__file__).parent.parent / "sample_docs"
HOSTILE = """\
# Zeppelin <img src=http://evil.test/0.png>

The zeppelin departs at noon ![a](http://evil.test/1.png) <img src="http://evil.test/2.png">
<script>document.title = "owned"</script> <style>@import "http://evil.test/3.css";</style>
[b](javascript:alert(1)) :material/home: http://evil.test/4
"""

# Words without a Chinese character that Streamlit itself shows or names; our own HTML is foreign.
ENGLISH_LEFT = r"""
const found = new Set(), shown = NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT;
const walk = document.createTreeWalker(document.body, shown);
const foreign = '.stHtml, script, style, noscript, [data-testid="stIconMaterial"]';
const keep = (text) => {
  if (/[A-Za-z]{2}/.test(text) && !/[\u4e00-\u9fff]/.test(text)) found.add(text.trim());
};
while (walk.nextNode()) {
  const node = walk.currentNode, isText = node.nodeType === 3;
  if ((isText ? node.parentElement : node).closest(foreign)) continue;
  if (isText) keep(node.nodeValue);
  else ["aria-label", "title", "placeholder"].map((key) => node.getAttribute(key) ?? "").map(keep);
}
return [...found];
"""

SCROLLS = "document.querySelector('[data-testid=stMainBlockContainer]').parentElement"
# Where the newest question stands, and how much is below the window, once the page is at rest.
SETTLED = f"""
const done = arguments[0], page = {SCROLLS};
let place = -1, since = 0;
const look = (now) => {{
  if (page.scrollTop !== place) [place, since] = [page.scrollTop, now];
  if (now - since < 1000) return requestAnimationFrame(look);
  const asked = [...document.querySelectorAll(".bf-question")].at(-1);
  const below = page.scrollHeight - page.clientHeight - page.scrollTop;
  done([asked.getBoundingClientRect().top, Math.round(below)]);
}};
requestAnimationFrame(look);
"""

pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists() and "CI" not in os.environ,
    reason="no chromium on this machine; apt-get install chromium chromium-driver",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a library with two documents, made with the models that ship."""
    folder = tmp_path_factory.mktemp("browser") / "library"
    Library.open(folder).add([SAMPLES / "passenger-guide.pdf", SAMPLES / "码头值班须知.txt"])
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Serve the chat and give its address."""
    with chatting(folder, log=folder.parent / "chat.log") as address:
        yield address


class Reader:
    """Somebody with a browser."""

    def __init__(self, address: str, profile: Path, *, password: str = "") -> None:
        options = ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (
            "headless=new",
            "no-sandbox",
            "disable-gpu",
            "disable-quic",
            "disable-dev-shm-usage",
            "no-first-run",
            "disable-background-networking",
            "disable-component-update",
            "disable-sync",
            "window-size=1280,1000",
            "lang=en-US",
            f"user-data-dir={profile}",
        ):
            options.add_argument(f"--{flag}")
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        self.driver = Chrome(options=options, service=Service(DRIVER))
        self.driver.get(address)
        if password:
            self.come_in(password)
        self.await_many(".bf-documents li", 2)
        # Streamlit loads the code of each kind of field when the first of them is shown.
        self.await_many('input[type="file"]', 1)
        self.await_many('[data-testid="stChatInput"] textarea:enabled', 1)

    def come_in(self, password: str) -> None:
        """Give the password at the door, which is met in the language of the address."""
        self.await_many('input[type="password"]', 1)
        field = self.driver.find_element(By.CSS_SELECTOR, 'input[type="password"]')
        field.send_keys(password)
        WebDriverWait(self.driver, PATIENCE, 0.2).until(
            lambda _: self.english() == {"English"}, "the door speaks English"
        )
        field.send_keys(Keys.ENTER)

    def await_many(self, selector: str, count: int) -> None:
        WebDriverWait(self.driver, PATIENCE, 0.2).until(
            lambda driver: len(driver.find_elements(By.CSS_SELECTOR, selector)) >= count,
            f"fewer than {count} of {selector}",
        )

    def await_text(self, selector: str, text: str) -> None:
        WebDriverWait(self.driver, PATIENCE, 0.2).until(
            lambda _: text in self.text(selector), f"no {text!r} in {selector}"
        )

    def text(self, selector: str) -> str:
        # textContent, because what is folded away has no text to Selenium; at one moment, because
        # the page is drawn anew meanwhile.
        script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)"
        return "\n".join(self.driver.execute_script(script, selector))  # type: ignore[no-untyped-call]

    def ask(self, question: str) -> None:
        before = len(self.driver.find_elements(By.CSS_SELECTOR, ".bf-trace"))
        box = self.driver.find_element(By.CSS_SELECTOR, '[data-testid="stChatInput"] textarea')
        box.send_keys(question + Keys.ENTER)
        self.await_many(".bf-trace", before + 1)

    def await_keys(self, selector: str) -> None:
        """Wait until the keys go to an element."""
        WebDriverWait(self.driver, PATIENCE, 0.2).until(
            lambda driver: driver.execute_script(
                "return document.activeElement.matches(arguments[0])", selector
            ),
            f"the keys do not go to {selector}",
        )

    def narrow(self) -> None:
        """Make the page as narrow as a telephone's."""
        size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)  # type: ignore[no-untyped-call]

    def press(self, selector: str) -> None:
        """Press what can be seen, by a key."""
        WebDriverWait(self.driver, PATIENCE, 0.2).until(
            lambda driver: driver.find_element(By.CSS_SELECTOR, selector).is_displayed(), selector
        )
        self.driver.find_element(By.CSS_SELECTOR, selector).send_keys(Keys.ENTER)

    def english(self) -> set[str]:
        """Give what Streamlit says on the page without a Chinese character."""
        found: list[str] = self.driver.execute_script(ENGLISH_LEFT)  # type: ignore[no-untyped-call]
        return set(found)

    def hosts(self) -> set[str]:
        """Give the hosts that the browser has been sent to since it was last asked."""
        addresses = []
        for entry in self.driver.get_log("performance"):  # type: ignore[no-untyped-call]
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                addresses.append(message["params"]["request"]["url"])
            elif message["method"] == "Network.webSocketCreated":
                addresses.append(message["params"]["url"])
        assert addresses
        web = ("http", "https", "ws", "wss")
        return {urlsplit(url).hostname or "" for url in addresses if urlsplit(url).scheme in web}


@pytest.fixture
def reader(address: str, tmp_path: Path) -> Iterator[Reader]:
    """Open the page; in the end, nothing but this machine may have been asked for anything."""
    if shutil.which(DRIVER) is None:
        pytest.fail("chromium is here but chromedriver is not; apt-get install chromium-driver")
    reader = Reader(address, tmp_path / "profile")
    try:
        yield reader
        reader.driver.save_screenshot(tmp_path / "page.png")
        assert reader.hosts() <= {"127.0.0.1", "localhost"}
    finally:
        reader.driver.quit()


def test_an_answer_opens_to_its_quote_on_its_page(reader: Reader, folder: Path) -> None:
    reader.ask("What is the largest suitcase each passenger may take?")
    reader.driver.find_element(By.CSS_SELECTOR, ".bf-source summary").click()
    mark = reader.driver.find_element(By.CSS_SELECTOR, ".bf-source[open] mark")
    assert mark.is_displayed()
    library = Library.open(folder)
    path = str(SAMPLES / "passenger-guide.pdf")
    guide = library.document(path)
    quote = mark.get_property("textContent")
    assert isinstance(quote, str)
    assert "suitcase" in quote
    start = guide.text.index(quote)
    page = guide.pages_of(start, start + len(quote))[0]
    assert f"passenger-guide.pdf · page {page}" in reader.text(".bf-source[open] .bf-facts")


def test_a_chinese_question_is_answered_after_an_english_one(reader: Reader) -> None:
    reader.ask("Which is the capital of Mongolia?")
    assert NOT_FOUND_EN in reader.text(".bf-note")
    assert not reader.driver.find_elements(By.CSS_SELECTOR, ".bf-nearest")
    assert not reader.text(".bf-answer, .bf-quote")
    reader.ask("风速超过多少时，靠泊要再加一根缆绳？")
    assert "每秒十五米" in reader.text(".bf-source mark")


def test_a_hostile_upload_is_only_words(reader: Reader, tmp_path: Path) -> None:
    file = tmp_path / "zeppelin.md"
    file.write_text(HOSTILE)
    reader.driver.find_element(By.CSS_SELECTOR, 'input[type="file"]').send_keys(str(file))
    reader.await_text(".bf-note", "zeppelin.md: added")
    reader.await_many(".bf-documents li", 3)
    reader.ask("When does the zeppelin depart?")
    assert "![a](http://evil.test/1.png)" in reader.text('[data-testid="stChatMessage"]')
    assert not reader.driver.find_elements(
        By.CSS_SELECTOR, ".stHtml img, .stHtml script, .stHtml a"
    )
    assert reader.driver.title == "Bifolio"


def test_a_marker_opens_the_page_with_its_words_in_view_and_keys(
    reader: Reader,
) -> None:
    reader.ask("What is the largest suitcase each passenger may take?")
    reader.await_keys('[data-testid="stChatInput"] textarea')
    reader.driver.find_element(By.CSS_SELECTOR, "button.bf-mark").send_keys(Keys.ENTER)
    reader.await_many(".bf-picture img", 1)
    reader.await_keys(".st-key-beside h2")
    reader.await_many(".bf-area", 1)
    time.sleep(1)
    # The area lies within the window, upon a picture that has been drawn.
    shown = reader.driver.execute_script(  # type: ignore[no-untyped-call]
        "const area = document.querySelector('.bf-area.bf-here').getBoundingClientRect();"
        "const image = document.querySelector('.bf-picture img');"
        "return [area.top > 60 && area.bottom < innerHeight, area.width > 50, area.height > 5,"
        " image.naturalWidth > 500];"
    )
    assert shown == [True] * 4
    reader.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    WebDriverWait(reader.driver, PATIENCE).until(
        lambda driver: not driver.find_elements(By.CSS_SELECTOR, ".bf-picture")
    )
    reader.await_keys("button.bf-mark")


def test_a_reload_keeps_the_conversation_and_a_click_does_not_end_an_upload(
    reader: Reader, tmp_path: Path
) -> None:
    names = [f"harbour-{number}.md" for number in range(4)]
    for name in names:
        (tmp_path / name).write_text(f"# Harbour\n\nThe harbour of {name} is deep.\n" * 20)
    field = reader.driver.find_element(By.CSS_SELECTOR, 'input[type="file"]')
    field.send_keys("\n".join(str(tmp_path / name) for name in names))
    reader.ask("What is the largest suitcase each passenger may take?")
    reader.driver.refresh()
    reader.await_text('[data-testid="stChatMessage"]', "suitcase of up to 25 kilograms")
    for name in names:
        reader.await_text(".bf-documents", name)


def test_the_page_tells_the_browser_its_language(reader: Reader) -> None:
    reader.driver.find_element(By.XPATH, "//label[contains(., '中文')]").click()
    WebDriverWait(reader.driver, PATIENCE).until(
        lambda driver: driver.find_element(By.TAG_NAME, "html").get_attribute("lang") == "zh-CN"
    )


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
    WebDriverWait(reader.driver, PATIENCE, 0.2).until(
        lambda driver: driver.execute_script(
            "const asked = [...document.querySelectorAll('.bf-question')].at(-1);"
            "const offers = [...document.querySelectorAll('[class*=st-key-tools-]')].at(-1);"
            "const end = offers.getBoundingClientRect().bottom;"
            "return asked.getBoundingClientRect().top > 0 && end < innerHeight;"
        ),
        "the new question and its answer are not in view",
    )


def test_a_chinese_reader_of_two_libraries_meets_no_english_and_is_told_when_the_chat_is_gone(
    tmp_path: Path,
) -> None:
    Library.open(tmp_path / "guides").add([SAMPLES / "passenger-guide.pdf"])
    Library.open(tmp_path / "duties").add([SAMPLES / "码头值班须知.txt"])
    log = tmp_path / "chat.log"
    with ExitStack() as ends:
        serving = chatting(tmp_path / "guides", also=[tmp_path / "duties"], log=log)
        with serving as address:
            query = "?lang=zh&library=guides&library=duties"
            reader = Reader(f"{address}/{query}", tmp_path / "profile")
            ends.callback(reader.driver.quit)
            left = reader.english()
            reader.ask("风速超过多少时，靠泊要再加一根缆绳？")
            reader.await_text(".bf-source mark", "每秒十五米")
            assert "duties" in reader.text(".bf-source summary")
            choice = reader.driver.find_element(By.CSS_SELECTOR, ".stMultiSelect input")
            choice.send_keys("zz")
            reader.await_text('[data-testid="stMultiSelectDropdown"]', "没有匹配项")
            choice.send_keys(Keys.BACKSPACE * 2 + Keys.ESCAPE)
            reader.press('[class*="st-key-edit-"] button')
            reader.await_many('[class*="st-key-text-"] textarea', 1)
            left |= reader.english()
            reader.press(".st-key-view-settings button")
            reader.await_many('[data-testid="stSlider"]', 2)
            left |= reader.english()
            assert left <= {"English", "guides", "duties"}
        reader.await_text('[data-testid="stDialog"]', "Bifolio 没有响应")


def test_the_door_speaks_the_readers_language_and_knows_a_browser_again(
    folder: Path, tmp_path: Path
) -> None:
    environment = {"BIFOLIO_PASSWORD": "tide"}
    with chatting(folder, log=tmp_path / "chat.log", environment=environment) as address:
        reader = Reader(f"{address}/?lang=zh", tmp_path / "profile", password="tide")
        try:
            assert reader.driver.find_element(By.TAG_NAME, "html").get_attribute("lang") == "zh-CN"
            reader.ask("风速超过多少时，靠泊要再加一根缆绳？")
            reader.driver.refresh()
            reader.await_text(".bf-history", "风速超过多少时")
        finally:
            reader.driver.quit()
