"""Somebody with a browser, and what tests in it share."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from chatting import PATIENCE
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

QUESTION = '[data-testid="stChatInput"] textarea'
CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
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

needs_chromium = pytest.mark.skipif(
    not Path(CHROMIUM).exists() and "CI" not in os.environ,
    reason="no chromium on this machine; apt-get install chromium chromium-driver",
)


class Reader:
    """Somebody with a browser."""

    def __init__(
        self, address: str, profile: Path, *, password: str = "", is_empty: bool = False
    ) -> None:
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
        try:
            self._begin(address, password, is_empty=is_empty)
        except BaseException:
            self.driver.quit()
            raise

    def _begin(self, address: str, password: str, *, is_empty: bool) -> None:
        self.driver.get(address)
        if password:
            self.come_in(password)
        # Streamlit loads the code of each kind of field when the first of them is shown.
        self.await_many('input[type="file"]', 1)
        if not is_empty:
            self.await_many(".bf-documents li", 2)
            self.await_many(f"{QUESTION}:enabled", 1)

    def come_in(self, password: str) -> None:
        """Give the password at the door, which is met in the language of the address."""
        self.await_many('input[type="password"]', 1)
        self.await_english({"English"})
        self.type('input[type="password"]', password + Keys.ENTER)

    def until(self, holds: Callable[[], object], told: str) -> None:
        """Wait until something holds; what the page draws anew meanwhile is looked for again."""
        WebDriverWait(
            self.driver, PATIENCE, 0.2, ignored_exceptions=[StaleElementReferenceException]
        ).until(lambda _: holds(), told)

    def await_many(self, selector: str, count: int) -> None:
        """Wait until there are so many of them at least."""
        self.until(lambda: self.count(selector) >= count, f"fewer than {count} of {selector}")

    def await_none(self, selector: str) -> None:
        """Wait until there is none of them."""
        self.until(lambda: not self.count(selector), f"there is still {selector}")

    def await_text(self, selector: str, text: str) -> None:
        """Wait until the words of what a selector finds hold a text."""
        self.until(lambda: text in self.text(selector), f"no {text!r} in {selector}")

    def await_script(self, script: str, *given: str) -> None:
        """Wait until a script says that it is so, all of it at one moment."""
        self.until(
            lambda: self.driver.execute_script(script, *given),  # type: ignore[no-untyped-call]
            f"{script} {given}",
        )

    def await_keys(self, selector: str) -> None:
        """Wait until the keys go to an element."""
        self.await_script("return document.activeElement?.matches(arguments[0])", selector)

    def await_english(self, known: set[str]) -> None:
        """Wait until Streamlit says no more than this without a Chinese character."""
        # Its words are there for a moment before they are changed.
        self.until(lambda: self.english() <= known, f"English beside {known}")

    def count(self, selector: str) -> int:
        """Count what a selector finds."""
        return len(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def text(self, selector: str) -> str:
        """Give the words of all that a selector finds, one a line."""
        # textContent, because what is folded away has no text to Selenium; at one moment, because
        # the page is drawn anew meanwhile.
        script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)"
        return "\n".join(self.driver.execute_script(script, selector))  # type: ignore[no-untyped-call]

    def ask(self, question: str) -> None:
        """Type a question into its field, and wait for the answer."""
        before = self.count(".bf-trace")
        # It takes nothing while another one is answered.
        self.type(f"{QUESTION}:enabled", question + Keys.ENTER)
        self.await_many(".bf-trace", before + 1)
        # When this goes the page holds the question at the top once more, unless the reader acts.
        self.await_none(".st-key-stop")
        self.await_rest()

    def await_rest(self) -> None:
        """Wait until the page is drawn to its end."""
        self.await_many('[data-test-script-state="notRunning"]', 1)

    def type(self, selector: str, keys: str) -> None:
        """Type into a field as soon as it is shown."""

        def _typed() -> bool:
            field = self.driver.find_element(By.CSS_SELECTOR, selector)
            if not field.is_displayed():
                return False
            field.send_keys(keys)
            return True

        self.until(_typed, f"nothing is shown of {selector}")

    def press(self, selector: str) -> None:
        """Press what can be seen, by a key."""
        self.type(selector, Keys.ENTER)

    def click(self, selector: str) -> None:
        """Press what is in view, by the mouse."""
        place = self.driver.find_element(By.CSS_SELECTOR, selector)
        ActionChains(self.driver).move_to_element(place).click().perform()

    def keys(self, *keys: str, shift: bool = False) -> None:
        """Press keys, wherever they go."""
        chain = ActionChains(self.driver)
        if shift:
            chain = chain.key_down(Keys.SHIFT)
        chain = chain.send_keys(*keys)
        (chain.key_up(Keys.SHIFT) if shift else chain).perform()

    def give(self, *files: Path) -> None:
        """Upload files."""
        field = self.driver.find_element(By.CSS_SELECTOR, 'input[type="file"]')
        field.send_keys("\n".join(map(str, files)))

    def narrow(self, height: int = 844) -> None:
        """Make the page as narrow as a telephone's."""
        size = {"width": 390, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)  # type: ignore[no-untyped-call]

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
